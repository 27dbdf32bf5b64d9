"""The log of every process: to standard error, as text or as one JSON object a line."""

import hashlib
import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from cnnviz.config import config

_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_FIELDS = {"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "traceback"}


def set_up() -> None:
    """Write as the settings say, including libraries that have their own ways of logging.

    Values given as `extra` become fields of the JSON object: job, owner, error.

    Raises:
        ConfigError: the settings cannot be used.
    """
    as_json = config().log == "json"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter(_TEXT, rename_fields=_FIELDS, json_ensure_ascii=False)
        if as_json
        else logging.Formatter(_TEXT)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in list(root.manager.loggerDict):
        logger = logging.getLogger(name)
        if logger.handlers:
            logger.handlers.clear()
            logger.propagate = True


def owner_mark(owner: str) -> str:
    """Eight characters that tell owners apart in a log and name nobody."""
    return hashlib.sha256(owner.encode()).hexdigest()[:8]

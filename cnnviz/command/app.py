"""Starting the app: the command without arguments."""

import os
import re
import tomllib
from pathlib import Path
from typing import Any

WEB_APP = Path(__file__).parents[1] / "web_app"


def start() -> int:
    """Run the app until Ctrl-C, with its own settings of Streamlit where no variable says more.

    Raises:
        KeyboardInterrupt: it was stopped.
    """
    from click import Abort  # noqa: PLC0415
    from streamlit.web.cli import main  # noqa: PLC0415

    for name, value in variables().items():
        os.environ.setdefault(name, value)
    try:
        result: int = main(["run", str(WEB_APP / "app.py")], standalone_mode=False) or 0
    except Abort:
        raise KeyboardInterrupt("Stopped.") from None
    return result


def variables() -> dict[str, str]:
    """The app's settings of Streamlit as environment variables."""
    settings = tomllib.loads((WEB_APP / "streamlit.toml").read_text(encoding="utf-8"))
    return dict(_flat("STREAMLIT", settings))


def _flat(prefix: str, settings: dict[str, Any]) -> list[tuple[str, str]]:
    found = []
    for key, value in settings.items():
        words = re.sub("([A-Z]+)", r"_\1", key)  # maxUploadSize, postScriptGC
        name = f"{prefix}_{words}".upper()
        if isinstance(value, dict):
            found += _flat(name, value)
        else:
            found.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    return found

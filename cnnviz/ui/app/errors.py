"""The sentence that a page shows after an unforeseen error."""

import logging
import secrets
import traceback

import streamlit as st

from cnnviz.metrics import ERRORS
from cnnviz.text import ExplainedError
from cnnviz.ui.app.reported import forget, is_forged
from cnnviz.ui.kit.words import as_markdown, say, t

_LOGGED = "logged_errors"

log = logging.getLogger("cnnviz.page")
# Streamlit logs the same just before, without the id
logging.getLogger("streamlit.error_util").addFilter(
    lambda record: record.msg != "Uncaught app execution"
)


def unexpected(error: Exception) -> bool:
    """Show one sentence in place of a traceback; the log has the rest under the id that it names.

    Streamlit calls this as `on_script_error` for pages, fragments and callbacks. The session stays
    usable: all widget values are dropped.
    """
    if isinstance(error, ExplainedError):
        st.error(as_markdown(say(error.message)))
        return True
    forged = is_forged()
    forget()
    if forged:
        _log_once(error, logging.WARNING, "error %s: a browser reports what no widget holds")
        st.error(t("error.forged"))
    else:
        ERRORS.inc()
        error_id = _log_once(error, logging.ERROR, "error %s")
        st.error(t("error.unexpected", id=error_id))
    return True


def _log_once(error: Exception, level: int, message: str) -> str:
    """Log an error's traceback once a session and place, and return its id."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind = type(error), place.filename, place.lineno
    ids: dict[tuple[type, str, int | None], str] = st.session_state.setdefault(_LOGGED, {})
    if kind not in ids:
        ids[kind] = secrets.token_hex(4)
        log.log(level, message, ids[kind], exc_info=error, extra={"error": ids[kind]})
    return ids[kind]

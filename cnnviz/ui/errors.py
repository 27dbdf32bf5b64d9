"""What the page says when something went wrong that nobody foresaw."""

import logging
import secrets

import streamlit as st

from cnnviz.metrics import ERRORS
from cnnviz.text import ExplainedError
from cnnviz.ui.words import as_markdown, say, t

log = logging.getLogger("cnnviz.page")
# Streamlit logs the same just before, without the id
logging.getLogger("streamlit.error_util").addFilter(
    lambda record: record.msg != "Uncaught app execution"
)


def unexpected(error: Exception) -> bool:
    """Show one sentence in place of a traceback; the log has the rest under the id that it names.

    It is Streamlit's `on_script_error`: of pages, fragments and callbacks.
    """
    if isinstance(error, ExplainedError):
        st.error(as_markdown(say(error.message)))
        return True
    error_id = secrets.token_hex(4)
    ERRORS.inc()
    log.error("error %s", error_id, exc_info=error, extra={"error": error_id})
    st.error(t("error.unexpected", id=error_id))
    return True

"""The form for the administrators' key, in front of the Admin page."""

import logging

import streamlit as st

from cnnviz.config import config
from cnnviz.ui.kit.words import t
from cnnviz.ui.session import access

_FIELD = "admin.key"

log = logging.getLogger("cnnviz.admin")


def keyhole() -> None:
    """Explain for whom the page is, and take the key."""
    if config().admin_key is None:
        st.error(t("admin.not_admin"))
        return
    with st.form("keyhole", width=420):
        st.text_input(t("admin.key"), type="password", key=_FIELD, help=t("admin.key_help"))
        st.form_submit_button(t("admin.enter"), on_click=_try)
    if st.session_state.pop(_WRONG, False):
        st.error(t("admin.wrong_key"))


_WRONG = f"{_FIELD}.wrong"


def _try() -> None:
    typed = st.session_state.pop(_FIELD, "")
    if access.has_key(typed):
        st.session_state[access.TYPED] = typed
        log.warning("an administrator came in by the key from %s", access.address() or "here")
    else:
        st.session_state[_WRONG] = True
        log.warning("a wrong administrators' key from %s", access.address() or "here")

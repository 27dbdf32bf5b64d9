"""The page for visitors without access: one sentence on how to log in."""

import logging

import streamlit as st
from streamlit.errors import StreamlitAuthError

from cnnviz.config import config
from cnnviz.ui.app.header import header
from cnnviz.ui.kit.words import t

log = logging.getLogger("cnnviz.access")


def door() -> None:
    """Draw the page."""
    header("cnnviz")
    if config().login == "proxy":
        st.error(t("access.proxy"))
        return
    st.markdown(t("access.oidc"))
    if st.button(t("access.log_in"), type="primary"):
        try:
            st.login()
        except StreamlitAuthError as error:
            log.error("nobody can log in: %s", error)
            st.error(t("access.not_set_up"))

"""Common style of all charts on a page."""

import streamlit as st

TOOLS = {"displaylogo": False, "modeBarButtons": [["toImage"]]}
TOOLS_WITH_ZOOM = {"displaylogo": False, "modeBarButtons": [["toImage", "resetScale2d"]]}
_INK = {"light": "#31333F", "dark": "#FAFAFA", None: "#31333F"}


def ink() -> str:
    """The colour of text that has contrast with the page's theme."""
    return _INK[st.context.theme.type]

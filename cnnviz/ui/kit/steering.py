"""Widgets whose value the program may set, too, and not the user alone."""

import streamlit as st


def steer(key: str, value: object) -> str:
    """Have the widget of `key`, which is drawn next, show a value; returns the key.

    The widget is drawn without a value or default of its own. It keeps its focus, and whatever else
    the browser holds of it, such as the order in which a table is sorted.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key

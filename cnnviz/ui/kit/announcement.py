"""What a screen reader says of its own accord, because something on the page has changed."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.ui.kit.assets import asset

_announcement = st.components.v2.component("cnnviz_announcement", js=asset("announcement.js"))


def announce(parts: Sequence[str], *, key: str) -> None:
    """Have those parts read aloud that differ from the last call's, once all is at rest.

    Nothing is read of a page that has just opened: the user reads that. A call without parts
    changes nothing, for a result that is not there yet.

    Args:
        parts: plain text, a figure or a state each.
        key: tells what is announced from the page's other announcements.
    """
    _announcement(key=f"announce-{key}", data={"key": key, "parts": list(parts)})

"""The device that networks are built, run and trained on: one choice for the whole session."""

import streamlit as st

from cnnviz.analysis.live import devices
from cnnviz.ui.words import t

_KEY = "device"


@st.cache_resource(show_spinner=False)
def _names() -> dict[str, str]:
    return devices()


def select_device(place, **options: object) -> str:
    """Draw the selector and return the device; `options` are Streamlit's for a selectbox."""
    names = _names()
    return place.selectbox(
        t("live.device"),
        list(names),
        format_func=lambda key: names[key] if key == "cpu" else f"{names[key]} ({key})",
        key=_KEY,
        persist_state="session",
        **options,
    )


def chosen_device() -> str:
    """The device of the selector, which the page has drawn."""
    return st.session_state[_KEY]


def device_name(device: str) -> str:
    """What the maker calls it."""
    return _names()[device]

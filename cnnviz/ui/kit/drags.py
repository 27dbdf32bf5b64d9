"""Sliders that are heard while they are dragged; Streamlit reports them only when let go."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import streamlit as st

from cnnviz.ui.kit.assets import asset

_drags = st.components.v2.component("cnnviz_drags", js=asset("drags.js"))
_MOST = 1e9  # what no slider shows


class Drag(NamedTuple):
    """What a slider shows while it is dragged.

    Args:
        slider: its key.
        gesture: tells one drag from others.
        ended: whether the slider was let go.
    """

    slider: str
    value: float
    gesture: int
    ended: bool


def hear_drags(
    sliders: Sequence[str], on_drag: Callable[[Drag], None], *, key: str = "drags"
) -> None:
    """Have the browser tell where these sliders are while one of them is dragged.

    Draw it last: a value goes out only after the page has followed the one before.

    Args:
        sliders: their keys.
        key: tells those who hear on one page apart.
    """

    def dragged() -> None:
        found = read_drag(st.session_state[key].drag)
        if found and found.slider in sliders:
            on_drag(found)

    told = st.session_state.get(key, {}).get("drag")
    followed = told.get("at") if isinstance(told, dict) else None
    _drags(key=key, data={"sliders": list(sliders), "followed": followed}, on_drag_change=dragged)


def read_drag(told: object) -> Drag | None:
    """The drag that a browser tells of; None if it is none, since anybody can send anything."""
    if not isinstance(told, dict):
        return None
    slider, value, gesture, ended = (told.get(name) for name in Drag._fields)
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _MOST:
        return None
    if isinstance(slider, str) and type(gesture) is int and type(ended) is bool:
        return Drag(slider, value, gesture, ended)
    return None

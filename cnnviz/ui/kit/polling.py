"""Parts of a page that are drawn anew by themselves."""

from collections.abc import Callable
from itertools import count

import streamlit as st

_numbers = count()


def every(seconds: float | None) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Make a function a fragment that is drawn anew every so many seconds, None for never.

    Each run of the page makes another fragment of it. Streamlit loses the end of a run, and shows
    half of what was asked for, when a timer asks in the moment in which that run ends; what asks
    for the fragment of an earlier run is refused.
    """

    def fragment(draw: Callable[[], None]) -> Callable[[], None]:
        draw.__qualname__ = f"{draw.__qualname__}.{next(_numbers)}"  # a fragment's id is made of it
        return st.fragment(draw, run_every=seconds)

    return fragment

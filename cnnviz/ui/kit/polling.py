"""Parts of a page that redraw themselves."""

from collections.abc import Callable
from itertools import count

import streamlit as st

_numbers = count()


def every(seconds: float | None) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Make a function a fragment that redraws every so many seconds, None for never.

    Each run of the page makes a new fragment. Streamlit loses the end of a run, and shows half of
    the page, when a timer fires at the very moment in which the run ends; a timer of an earlier
    run's fragment is refused.
    """

    def fragment(draw: Callable[[], None]) -> Callable[[], None]:
        draw.__qualname__ = f"{draw.__qualname__}.{next(_numbers)}"  # a fragment's id is made of it
        return st.fragment(draw, run_every=seconds)

    return fragment

"""Every page by way of app.py.

The first session of a server that asks for another page than the first is given that page's file
alone, since Streamlit takes the folder for pages of its older kind until app.py has named them. A
class whose tabs reconnect after a restart would otherwise see file names in the menu.
"""

import runpy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

_APP = Path(__file__).parents[2] / "web_app" / "app.py"
_thread = threading.local()


@contextmanager
def app() -> Iterator[None]:
    """Mark the code inside as run by app.py."""
    _thread.is_app = True
    try:
        yield
    finally:
        _thread.is_app = False


def by_way_of_app() -> None:
    """Run app.py, and so the requested page, in place of a page that was run alone."""
    if not getattr(_thread, "is_app", False):
        runpy.run_path(str(_APP), run_name="__main__")
        st.stop()

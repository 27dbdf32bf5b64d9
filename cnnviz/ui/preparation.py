"""A network is analysed and drawn beside the server's process before its page is shown."""

from concurrent.futures import wait

import streamlit as st

from cnnviz.families import Spec
from cnnviz.render.pool import Pool
from cnnviz.ui.words import language

_POLL = 0.05  # seconds
_REQUEST = "preparation"


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The processes, which the server starts."""
    return Pool()


def prepare(spec: Spec) -> None:
    """Have the spec's report and drawing made, and wait; without the pool, leave it to the page.

    What the user turns meanwhile ends this run of the page in here. The newest request of a
    session wins: one that no process has begun is dropped.
    """
    made = pool().ask(spec, language())
    before = st.session_state.get(_REQUEST)
    if before not in (None, made):
        before.cancel()
    st.session_state[_REQUEST] = made
    pause = st.sidebar.empty()  # always, so that nothing on the page changes its place
    if made is None:
        return
    while not made.done():
        wait([made], timeout=_POLL)
        pause.empty()  # where a run ends that is no longer wanted
    pool().keep(spec, made)

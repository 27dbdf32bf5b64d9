"""A network is analysed and drawn beside the server's process before its page is shown."""

from concurrent.futures import Future, wait

import streamlit as st

from cnnviz.families import Spec
from cnnviz.render.pool import Pool
from cnnviz.text import ExplainedError, Text
from cnnviz.ui.words import language

_POLL = 0.05  # seconds
_REQUEST = "preparation"
_LOSSES = 2  # processes that may be lost by one network
_LOST = Text(
    "The processes that analyse this network were lost {times} times; make it smaller, or try "
    "again when less is going on. The server's log says more.",
    "分析该网络的进程已 {times} 次中断；请缩小网络，或稍后再试。详情见服务器日志。",
)


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The processes, which the server starts."""
    return Pool()


def prepare(spec: Spec) -> None:
    """Have the spec's report and drawing made, and wait; without the pool, leave it to the page.

    What the user turns meanwhile ends this run of the page in here. The newest request of a
    session wins: one that no process has begun is dropped.

    Raises:
        ExplainedError: it was lost with its process, again and again.
    """
    pause = st.sidebar.empty()  # always, so that nothing on the page changes its place
    losses = 0
    while made := _ask(spec):
        while not made.done():
            wait([made], timeout=_POLL)
            pool().look_after()
            pause.empty()  # where a run ends that is no longer wanted
        if pool().keep(spec, made):
            st.session_state[_REQUEST] = None  # what is kept is to be kept in one place
            return
        losses += not made.cancelled()  # which another session does that has asked for the same
        if losses == _LOSSES:
            raise ExplainedError(_LOST.format(times=losses))


def _ask(spec: Spec) -> Future | None:
    made = pool().ask(spec, language())
    before = st.session_state.get(_REQUEST)
    if before not in (None, made):
        before.cancel()
    st.session_state[_REQUEST] = made
    return made

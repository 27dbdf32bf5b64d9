"""Networks are analysed and drawn beside the server's process before their page is shown."""

from collections.abc import Iterable
from concurrent.futures import Future, wait

import streamlit as st

from cnnviz.families import Spec
from cnnviz.live.pool import Pool
from cnnviz.text import ExplainedError, Text
from cnnviz.ui.kit.words import language

_POLL = 0.05  # seconds
_REQUEST = "preparation"
_LOSSES = 2  # times that processes may be lost by a page's networks
_LOST = Text(
    "The processes that analyse this network were lost {times} times; make it smaller, or try "
    "again when less is going on. The server's log says more.",
    "分析该网络的进程已 {times} 次中断；请缩小网络，或稍后再试。详情见服务器日志。",
)


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The processes, which the server starts."""
    return Pool()


def prepare(*specs: Spec) -> None:
    """Have the specs' reports and drawings made, and wait; without the pool, leave it to the page.

    What the user turns meanwhile ends this run of the page in here. The newest request of a
    session wins: of what was asked for before and is not wanted any more, all that no process has
    begun is dropped.

    Raises:
        ExplainedError: one was lost with its process, again and again.
    """
    pause = st.sidebar.empty()  # always, so that nothing on the page changes its place
    wanted, losses = list(specs), 0
    while made := _ask(wanted):
        while not all(future.done() for future in made.values()):
            wait(made.values(), timeout=_POLL)
            pool().look_after()
            pause.empty()  # where a run ends that is no longer wanted
        wanted = [spec for spec, future in made.items() if not pool().keep(spec, future)]
        # one that was cancelled is no loss: another session had asked for it, too, and gave it up
        losses += any(not made[spec].cancelled() for spec in wanted)
        if losses == _LOSSES:
            raise ExplainedError(_LOST.format(times=losses))


def _ask(specs: Iterable[Spec]) -> dict[Spec, Future]:
    """What is still to be waited for, by spec; the session keeps it until all of it is there."""
    asked = {spec: pool().ask(spec, language()) for spec in specs}
    made = {spec: future for spec, future in asked.items() if future}
    for before in st.session_state.get(_REQUEST, ()):
        if before not in made.values():
            before.cancel()
    st.session_state[_REQUEST] = tuple(made.values())
    return made

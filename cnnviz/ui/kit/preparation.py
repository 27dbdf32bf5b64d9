"""Analysis and drawing in other processes, before a page shows its networks."""

from collections.abc import Iterable
from concurrent.futures import Future, wait

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz.analysis import Report, analyze
from cnnviz.families import Spec
from cnnviz.live.pool import Made, Pool
from cnnviz.render.colouring import COLOURINGS
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
    """Return the pool of processes, started with the server."""
    return Pool()


def prepare(
    *specs: Spec, colour_by: str = COLOURINGS[0], pause: DeltaGenerator | None = None
) -> list[Report]:
    """Wait for the specs' reports and drawings; without the pool, the page computes them.

    A knob turned meanwhile ends this run of the page here. A session's newest request wins: older
    requests that no process has begun are dropped.

    Args:
        colour_by: what the colours of the drawings say; if no report says it, their pages draw.
        pause: an empty place on the page; a fragment has no sidebar and brings its own.

    Raises:
        ExplainedError: a network's process died repeatedly.
    """
    pause = pause or st.sidebar.empty()  # always drawn, so that nothing on the page moves
    wanted, losses = list(specs), 0
    while made := _ask(wanted, colour_by):
        while not all(future.done() for future in made.values()):
            wait(made.values(), timeout=_POLL)
            pool().look_after()
            pause.empty()  # an unwanted run ends here
        wanted = [spec for spec, future in made.items() if not pool().keep(spec, future)]
        # a cancelled one is no loss: another session shared the request and gave it up
        losses += any(not made[spec].cancelled() for spec in wanted)
        if losses == _LOSSES:
            raise ExplainedError(_LOST.format(times=losses))
    return [analyze(spec) for spec in specs]


def _ask(specs: Iterable[Spec], colour_by: str) -> dict[Spec, Future[Made | None]]:
    """Return the pending requests by spec, kept in the session until all are done."""
    by = colour_by if colour_by in COLOURINGS else COLOURINGS[0]
    asked = {spec: pool().ask(spec, language(), colour_by=by) for spec in specs}
    made = {spec: future for spec, future in asked.items() if future}
    for before in st.session_state.get(_REQUEST, ()):
        if before not in made.values():
            before.cancel()
    st.session_state[_REQUEST] = tuple(made.values())
    return made

"""What colours the graph: the choice of a measure, its legend, and where times come from."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.graph import Graph
from cnnviz.render.colouring import COLOURINGS, MEASURES, TIME, TIME_LABEL
from cnnviz.render.legend import legend as legend_html
from cnnviz.ui.architecture.measured_times import MeasuredForward
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session.device import device_name
from cnnviz.ui.session.look import COLOURS, PANES, Look

_WIDTH = 225  # px, of the box that chooses

OnChange = Callable[[Look], None]


def colour_choice(look: Look, on_change: OnChange, key: str) -> None:
    """Let the user choose the measure that colours the nodes."""

    def chosen() -> None:
        if st.session_state.get(key) in COLOURS:
            on_change(replace(look, colour_by=st.session_state[key]))

    meant = {by: say(measure.label) for by, measure in MEASURES.items()}
    meant |= {COLOURINGS[0]: t("colours.kind"), TIME: say(TIME_LABEL)}
    labels = {by: t("colours.is", what=what) for by, what in meant.items()}
    st.selectbox(
        t("colours.by"),
        COLOURS,
        key=steer(key, look.colour_by),
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        width=_WIDTH,
        on_change=chosen,
    )


def legend(
    graph: Graph,
    report: Report,
    look: Look,
    on_change: OnChange,
    *,
    key: str,
    measured: MeasuredForward | None,
) -> None:
    """Show the meaning of the graph's colours, marks and thick lines, and of times their setting.

    Args:
        key: of the button that leads to where times are measured.
        measured: None if nothing was measured of this network.
    """
    by, times = look.colour_by, measured.milliseconds if measured else ()
    if by == TIME:
        _origin(look, on_change, key=key, measured=measured)
    st.html(legend_html(report, graph, language(), colour_by=by, milliseconds=times))


def _origin(look: Look, on_change: OnChange, *, key: str, measured: MeasuredForward | None) -> None:
    """Say how the times were measured, or lead to where they are."""
    if measured:
        task = measured.task
        device, precision = as_markdown(device_name(task.device)), task.precision.upper()
        said = t("colours.timed", device=device, precision=precision, batch=task.batch)
        st.markdown(said, width="content")
    else:
        panes = PANES[1] if look.panes == PANES[0] else look.panes
        there = replace(look, tab=TIME, panes=panes)
        label = t("colours.no_time")
        st.button(label, on_click=on_change, args=(there,), key=key, type="tertiary")

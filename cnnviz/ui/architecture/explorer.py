"""The graph of one network beside the tabs with its views; all share one look."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.graph import fold, scopes
from cnnviz.kept import kept
from cnnviz.live.pool import drawing
from cnnviz.render.colouring import COLOURINGS
from cnnviz.render.diagram import DrawingError, draw
from cnnviz.render.difference_marks import with_marks
from cnnviz.ui.architecture.code_view import code_view
from cnnviz.ui.architecture.colours import colour_choice, legend
from cnnviz.ui.architecture.cost_view import cost_view
from cnnviz.ui.architecture.counters_view import counters_view
from cnnviz.ui.architecture.depth_view import depth_view
from cnnviz.ui.architecture.details import details
from cnnviz.ui.architecture.family_view import family_view
from cnnviz.ui.architecture.feature_maps import untrained_maps
from cnnviz.ui.architecture.field_view import field_view
from cnnviz.ui.architecture.figure_view import figure_view
from cnnviz.ui.architecture.ledger_view import ledger_view
from cnnviz.ui.architecture.measured_times import measured_forward, milliseconds
from cnnviz.ui.architecture.memory_view import memory_view
from cnnviz.ui.architecture.profiles_view import profiles_view
from cnnviz.ui.architecture.shape_table import shape_table
from cnnviz.ui.architecture.stage import stage
from cnnviz.ui.architecture.time_view import time_view
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.session.look import PANES, Look
from cnnviz.ui.session.subject import Member, Subject

_HEIGHT = 460  # px, unless the page's style sheet sets another

OnChange = Callable[[Look], None]
Key = Callable[[str], str]


def explorer(
    subject: Member,
    look: Look,
    on_change: OnChange,
    *,
    key: Key,
    more: Mapping[str, Callable[[], None]],
) -> None:
    """Show the graph and all views of a network; a broken one has only graph and details.

    Args:
        on_change: called with the look that the user asks for.
        key: makes the key of a widget from its name here.
        more: further views by name, placed after the details.
    """
    graph = fold(subject.report, look.opened, together=True)
    look = look.seen_in(subject.report, graph)
    measured = measured_forward(subject, key)
    with st.container(horizontal=True, vertical_alignment="center", key=key("above")):
        _panes(look, on_change, key("panes"))
        colour_choice(look, on_change, key(f"colours.{language()}"))
        to_measure = key("colours.measure")
        legend(graph, subject.report, look, on_change, key=to_measure, measured=measured)
    whole = [st.container()] * 2
    left, right = st.columns([4, 5], gap="small") if look.panes == "both" else whole
    if look.panes != "views" or look.presenting:
        with left:  # at the same place in every mode, else the browser makes a new graph
            graph_of(subject, look, on_change, key=key, may_present=not subject.breaks)
    if look.presenting:
        if look.selected:
            with right.container(key=key("overlay")):
                _details(subject, look, on_change, key=key)
    elif look.panes != "graph":
        with right:
            _views(subject, look, on_change, key=key, more=more)


def _panes(look: Look, on_change: OnChange, key: str) -> None:
    """Let the user show the graph, the views, or both."""

    def chosen() -> None:
        if st.session_state.get(key) in PANES:
            on_change(replace(look, panes=st.session_state[key]))

    st.segmented_control(
        t("view.panes"),
        PANES,
        key=steer(key, look.panes),
        format_func=lambda name: t(f"view.panes_{name}"),
        required=True,
        label_visibility="collapsed",
        on_change=chosen,
    )


def graph_of(
    subject: Subject,
    look: Look,
    on_change: OnChange,
    *,
    key: Key,
    marks: Mapping[str, str] = MappingProxyType({}),
    may_present: bool = False,
) -> None:
    """Show a network's graph; selecting and folding ask for another look.

    Args:
        marks: differences from other networks, see `with_marks`.
        may_present: whether the graph can fill the window.
    """
    opened = frozenset(look.opened & scopes(subject.report))
    try:
        times = milliseconds(subject, key)
        svg = with_marks(_drawing(subject, opened, look.colour_by, times), marks, language())
    except DrawingError as error:
        st.warning(say(error.message))
        return
    stage(
        svg,
        name=subject.title + (" ✕" if subject.breaks else ""),
        report=subject.report,
        look=look,
        on_change=on_change,
        key=key("graph"),
        may_present=may_present,
    )


def _drawing(
    subject: Subject, opened: frozenset[str], colour_by: str, times: tuple[float, ...]
) -> str:
    if colour_by not in COLOURINGS:
        return _drawing_of(subject.report, opened, language(), colour_by, times)
    if subject.spec is None or subject.breaks:
        return _drawing_of(subject.report, opened, language(), colour_by)
    return drawing(subject.spec, opened, language(), colour_by)


@kept
def _drawing_of(
    report: Report,
    opened: frozenset[str],
    language: str,
    colour_by: str,
    milliseconds: tuple[float, ...] = (),
) -> str:
    return draw(
        report, opened, language, colour_by=colour_by, milliseconds=milliseconds, together=True
    )


def _details(subject: Member, look: Look, on_change: OnChange, *, key: Key) -> None:
    times = milliseconds(subject, key)
    details(subject, look, on_change, key=key, milliseconds=times)


def _views(
    subject: Member,
    look: Look,
    on_change: OnChange,
    *,
    key: Key,
    more: Mapping[str, Callable[[], None]],
) -> None:
    views: dict[str, Callable[[], None]] = {
        "details": partial(_details, subject, look, on_change, key=key),
        **more,
        "table": partial(shape_table, subject, look, on_change, key=key),
        "figure": partial(figure_view, subject, look, key=key),
        "cost": partial(cost_view, subject, look, on_change, key=key),
        "ledger": partial(ledger_view, subject),
        "code": partial(code_view, subject, look),
        "depth": partial(depth_view, subject),
        "memory": partial(memory_view, subject, look, on_change, key=key),
        "profiles": partial(profiles_view, subject, key=key),
        "time": partial(time_view, subject, look, on_change, key=key),
        "field": partial(field_view, subject, look, on_change, key=key),
        "family": lambda: family_view(subject.spec.family),
        "maps": partial(untrained_maps, subject, look, key=key),
        "counters": partial(counters_view, subject, look),
    }
    if subject.breaks:  # without an output there are no figures
        views = {"details": views["details"]}
    labels = {name: t(f"view.{name}") for name in views}
    chosen = labels.get(look.tab, next(iter(labels.values())))
    tabs = steer(key(f"views.{len(views)}"), chosen)

    def opened() -> None:
        names = {label: name for name, label in labels.items()}
        on_change(replace(look, tab=names.get(st.session_state.get(tabs, ""), look.tab)))

    for place, show in zip(
        st.tabs(list(labels.values()), key=tabs, on_change=opened), views.values(), strict=True
    ):
        if place.open:
            with place, st.container(height=_HEIGHT, border=False, key=key("pane")):
                show()

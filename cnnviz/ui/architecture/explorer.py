"""Graph, details, table and charts of one network; they share one look."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.graph import Graph, fold, scopes
from cnnviz.kept import kept
from cnnviz.live.pool import drawing
from cnnviz.render.charts import cost, cost_chart
from cnnviz.render.diagram import DrawingError, draw
from cnnviz.render.difference_marks import with_marks
from cnnviz.ui.architecture.code_view import code_view
from cnnviz.ui.architecture.counters_view import counters_view
from cnnviz.ui.architecture.depth_view import depth_view
from cnnviz.ui.architecture.details import details, legend
from cnnviz.ui.architecture.family_view import family_view
from cnnviz.ui.architecture.feature_maps import untrained_maps
from cnnviz.ui.architecture.field_view import field_view
from cnnviz.ui.architecture.figure_view import figure_view
from cnnviz.ui.architecture.ledger_view import ledger_view
from cnnviz.ui.architecture.memory_view import memory_view
from cnnviz.ui.architecture.shape_table import shape_table
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.graph_view import graph_view
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Subject

_MOST_BARS = 60

OnChange = Callable[[Look], None]
Key = Callable[[str], str]


def explorer(
    subject: Subject,
    look: Look,
    on_change: OnChange,
    *,
    key: Key,
    more: Mapping[str, Callable[[], None]],
) -> None:
    """Show a network in every view; of one that breaks, the graph and the details.

    Args:
        on_change: is given the look that the user wants.
        key: makes widgets' keys of what tells them apart in here.
        more: views that come before the others, by name.
    """
    picture, side = st.columns([5, 3], gap="medium")
    with picture:
        graph_of(subject, look, on_change, key=key)
        legend(fold(subject.report, look.opened, together=True), subject.report)
    with side:
        details(subject, look, on_change, key=key)
    if not subject.breaks:
        _views(subject, look, on_change, key=key, more=more)


def graph_of(
    subject: Subject,
    look: Look,
    on_change: OnChange,
    *,
    key: Key,
    marks: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Draw a network's graph; selecting and folding change the look.

    Args:
        marks: differences from other networks, as `with_marks` takes them.
    """
    report = subject.report
    opened = frozenset(look.opened & scopes(report))
    try:
        svg = with_marks(_drawing(subject, opened), marks, language())
    except DrawingError as error:
        st.warning(say(error.message))
        return
    targets = _foldings(report, fold(report, opened, together=True), opened)
    graph_view(
        svg,
        name=subject.title + (" ✕" if subject.breaks else ""),
        selected=look.selected,
        folds={name: target != opened for name, target in targets.items()},
        on_select=lambda name: on_change(look.at(name)),
        on_toggle=lambda scope: on_change(look.toggling(scope)),
        on_fold=lambda name: on_change(look.unfolding(targets.get(name, opened))),
        key=key("graph"),
    )


def _drawing(subject: Subject, opened: frozenset[str]) -> str:
    if subject.spec is None or subject.breaks:
        return _drawing_of(subject.report, opened, language())
    return drawing(subject.spec, opened, language())


@kept
def _drawing_of(report: Report, opened: frozenset[str], language: str) -> str:
    return draw(report, opened, language, together=True)


def _foldings(report: Report, graph: Graph, opened: frozenset[str]) -> dict[str, frozenset[str]]:
    """The toolbar's ways of folding, each with the scopes that are then open."""
    closed = {node.id for node in graph.nodes if node.is_block}
    return {
        "fold_all": frozenset(),
        "unfold_level": opened | closed,
        "unfold_all": scopes(report),
    }


def _views(
    subject: Subject,
    look: Look,
    on_change: OnChange,
    *,
    key: Key,
    more: Mapping[str, Callable[[], None]],
) -> None:
    views = {
        **more,
        "table": partial(shape_table, subject, look, on_change, key=key),
        "figure": partial(figure_view, subject, look, key=key),
        "cost": partial(_cost, subject, look, key=key),
        "ledger": partial(ledger_view, subject),
        "code": partial(code_view, subject, look),
        "depth": partial(depth_view, subject),
        "memory": partial(memory_view, subject, look, key=key),
        "field": partial(field_view, subject, look, key=key),
        "family": lambda: family_view(subject.spec.family),
        "maps": partial(untrained_maps, subject, look, key=key),
        "counters": partial(counters_view, subject, look),
    }
    labels = {name: t(f"view.{name}") for name in views}
    chosen = labels.get(look.tab, next(iter(labels.values())))
    tabs = steer(key(f"views.{len(views)}"), chosen)

    def opened() -> None:
        names = {label: name for name, label in labels.items()}
        on_change(replace(look, tab=names.get(st.session_state.get(tabs), look.tab)))

    for place, show in zip(
        st.tabs(list(labels.values()), key=tabs, on_change=opened), views.values(), strict=True
    ):
        if place.open:
            with place:
                show()


def _cost(subject: Subject, look: Look, *, key: Key) -> None:
    graph = fold(subject.report, look.opened, together=True)
    if len(graph.nodes) > _MOST_BARS:
        graph = fold(subject.report)
        st.caption(t("cost.folded"))
    measures = cost(look.counting)
    figure = cost_chart(subject.report, graph, language(), ink=ink(), measures=measures)
    st.plotly_chart(figure, key=key("cost"), config=TOOLS)
    st.caption(t("cost.caption"))

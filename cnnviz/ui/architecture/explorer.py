"""Graph, details, table and charts of one network; they share a selection and what is unfolded.

All of it is one fragment: selecting and folding redraw this part of the page alone.
"""

import streamlit as st

from cnnviz.analysis import Report, analyze
from cnnviz.analysis.graph import Graph, blocks, find, fold, open_to_depth
from cnnviz.live.pool import drawing
from cnnviz.render.charts import cost, cost_chart
from cnnviz.render.diagram import DrawingError
from cnnviz.render.shape_table import shape_rows
from cnnviz.ui.architecture.counters_view import counters_view
from cnnviz.ui.architecture.depth_view import depth_view
from cnnviz.ui.architecture.family_view import family_view
from cnnviz.ui.architecture.feature_maps import untrained_maps
from cnnviz.ui.architecture.field_view import field_view
from cnnviz.ui.architecture.ledger_view import ledger_view
from cnnviz.ui.architecture.memory_view import memory_view
from cnnviz.ui.architecture.panels import details, legend, shape_table
from cnnviz.ui.architecture.split_editor import split_editor, splits
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.graph_view import graph_view
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.session.slot import Slot

_EVERYTHING = 99  # levels
_MOST_BARS = 60


@st.fragment
def explorer(slot: Slot, generation: int) -> None:
    """Show a slot's network in every view; `generation` is the slot's when the page was drawn."""
    if slot.generation != generation:
        st.rerun()  # a knob was turned in here: the rest of the page has to follow
    report = analyze(slot.spec)
    opened = frozenset(slot.look.opened & blocks(report).keys())
    graph = fold(report, opened)
    picture, side = st.columns([5, 3], gap="medium")
    with picture:
        picture_of(slot, report, graph, opened)
        legend(graph, report)
    with side:
        _side(slot, report, opened)
    _tabs(slot, report, graph)


def picture_of(slot: Slot, report: Report, graph: Graph, opened: frozenset[str]) -> None:
    """Draw a slot's graph; selecting and folding change the slot."""
    try:
        svg = drawing(slot.spec, opened, language())
    except DrawingError as error:
        st.warning(say(error.message))
        return
    targets = foldings(report, graph, opened)
    graph_view(
        svg,
        name=slot.preset.name,
        selected=slot.look.selected,
        folds={name: target != opened for name, target in targets.items()},
        on_select=slot.select,
        on_toggle=slot.toggle,
        on_fold=lambda name: slot.unfold(targets.get(name, opened)),
        key=slot.key("graph"),
    )


def foldings(report: Report, graph: Graph, opened: frozenset[str]) -> dict[str, frozenset[str]]:
    """The toolbar's ways of folding, each with the scopes that are then open."""
    closed = {node.id for node in graph.nodes if node.is_block}
    return {
        "fold_all": frozenset(),
        "unfold_level": opened | closed,
        "unfold_all": open_to_depth(report, _EVERYTHING),
    }


def _side(slot: Slot, report: Report, opened: frozenset[str]) -> None:
    selected = slot.look.selected
    node = find(report, selected) if selected else None
    if node is None:
        st.markdown(t("details.nothing"))
    else:
        details(slot, report, node)
        if node.is_block:
            name = "fold" if node.id in opened else "unfold"
            key = slot.key("toggle")
            st.button(t(f"graph.{name}"), on_click=slot.toggle, args=(node.id,), key=key)


def _tabs(slot: Slot, report: Report, graph: Graph) -> None:
    views = {
        t("table.tab"): lambda: _table(slot, report, graph),
        t("cost.tab"): lambda: _cost(slot, report, graph),
        t("ledger.tab"): lambda: ledger_view(slot),
        t("depth.tab"): lambda: depth_view(slot, report),
        t("memory.tab"): lambda: memory_view(slot, report, graph),
        t("field.tab"): lambda: field_view(slot, report),
        t("family_view.tab"): lambda: family_view(slot.family),
        t("maps.tab"): lambda: untrained_maps(slot),
        t("counters.tab"): lambda: counters_view(slot.spec, report, slot.counting),
    }
    if splits(slot.spec):
        views = {t("split.tab"): lambda: split_editor(slot)} | views
    tabs = st.tabs(list(views), key=slot.key(f"views.{len(views)}"), on_change="rerun")
    for tab, show in zip(tabs, views.values(), strict=True):
        if tab.open:
            with tab:
                show()


def _table(slot: Slot, report: Report, graph: Graph) -> None:
    rows = shape_rows(report, graph, slot.counting, language())
    # other rows make another table, so that no tick stays at the wrong one
    key = slot.key(f"table.{slot.table_version}.{hash(tuple(rows['name']))}")
    shape_table(
        rows,
        counting=slot.counting,
        key=key,
        selected=slot.look.selected,
        on_select=lambda names, ticked: slot.select_row(names[ticked[0]] if ticked else None),
    )
    st.caption(t("table.caption"))


def _cost(slot: Slot, report: Report, graph: Graph) -> None:
    if len(graph.nodes) > _MOST_BARS:
        graph = fold(report)
        st.caption(t("cost.folded"))
    figure = cost_chart(report, graph, language(), ink=ink(), measures=cost(slot.counting))
    st.plotly_chart(figure, key=slot.key("cost"), config=TOOLS)
    st.caption(t("cost.caption"))

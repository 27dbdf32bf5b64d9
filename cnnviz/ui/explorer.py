"""Graph, details, table and charts of one network; they share a selection and what is unfolded.

All of it is one fragment: selecting and folding redraw this part of the page alone.
"""

import streamlit as st

from cnnviz.analysis import Report, analyze
from cnnviz.analysis.graph import Graph, ancestors, blocks, find, fold, open_to_depth
from cnnviz.families import Spec
from cnnviz.render.charts import cost, cost_chart
from cnnviz.render.diagram import DrawingError
from cnnviz.render.pool import drawing
from cnnviz.render.shape_table import shape_rows
from cnnviz.ui.counters_view import counters_view
from cnnviz.ui.depth_view import depth_view
from cnnviz.ui.family_view import family_view
from cnnviz.ui.feature_maps import untrained_maps
from cnnviz.ui.field_view import field_view
from cnnviz.ui.graph_view import graph_view
from cnnviz.ui.ledger_view import ledger_view
from cnnviz.ui.look import TOOLS, ink
from cnnviz.ui.memory_view import memory_view
from cnnviz.ui.network import Network
from cnnviz.ui.panels import details, legend, shape_table
from cnnviz.ui.split_editor import split_editor, splits
from cnnviz.ui.words import language, say, t

_OPENED, _SELECTED, _TABLE_VERSION = "opened", "selected", "table_version"
_EVERYTHING = 99  # levels
_MOST_BARS = 60


@st.fragment
def explorer(network: Network, generation: int) -> None:
    """Show the network in every view; `generation` is the network's when the page was drawn."""
    if network.generation != generation:
        st.rerun()  # a knob was turned in here: the rest of the page has to follow
    spec = network.spec
    report = analyze(spec)
    opened = frozenset(st.session_state.setdefault(_OPENED, frozenset()) & blocks(report).keys())
    graph = fold(report, opened)
    picture, side = st.columns([5, 3], gap="medium")
    with picture:
        _picture(network.preset.name, spec, report, graph, opened)
        legend(graph, report)
    with side:
        _side(report, opened, network.counting)
    _tabs(network, report, graph)


def _picture(title: str, spec: Spec, report: Report, graph: Graph, opened: frozenset[str]) -> None:
    try:
        svg = drawing(spec, opened, language())
    except DrawingError as error:
        st.warning(say(error.message))
        return
    targets = foldings(report, graph, opened)
    graph_view(
        svg,
        name=title,
        selected=st.session_state.get(_SELECTED),
        folds={name: target != opened for name, target in targets.items()},
        on_select=_select,
        on_toggle=_toggle,
        on_fold=lambda name: _open(targets.get(name, opened)),
    )


def foldings(report: Report, graph: Graph, opened: frozenset[str]) -> dict[str, frozenset[str]]:
    """The toolbar's ways of folding, each with the scopes that are then open."""
    closed = {node.id for node in graph.nodes if node.is_block}
    return {
        "fold_all": frozenset(),
        "unfold_level": opened | closed,
        "unfold_all": open_to_depth(report, _EVERYTHING),
    }


def toggled(opened: frozenset[str], scope: str) -> frozenset[str]:
    """The open scopes after one is folded, with all inside it, or unfolded."""
    if scope in opened:
        return frozenset(inner for inner in opened if scope not in ancestors(inner))
    return opened | {scope}


def _side(report: Report, opened: frozenset[str], counting: str) -> None:
    selected = st.session_state.get(_SELECTED)
    node = find(report, selected) if selected else None
    if node is None:
        st.markdown(t("details.nothing"))
    else:
        details(report, node, counting)
        if node.is_block:
            name = "fold" if node.id in opened else "unfold"
            st.button(t(f"graph.{name}"), on_click=_toggle, args=(node.id,), key="toggle")


def _tabs(network: Network, report: Report, graph: Graph) -> None:
    counting = network.counting
    views = {
        t("table.tab"): lambda: _table(report, graph, counting),
        t("cost.tab"): lambda: _cost(report, graph, counting),
        t("ledger.tab"): lambda: ledger_view(network),
        t("depth.tab"): lambda: depth_view(network, report),
        t("memory.tab"): lambda: memory_view(report, graph),
        t("field.tab"): lambda: field_view(network, report, st.session_state.get(_SELECTED) or ""),
        t("family_view.tab"): lambda: family_view(network.family),
        t("maps.tab"): lambda: untrained_maps(network.spec, st.session_state.get(_SELECTED) or ""),
        t("counters.tab"): lambda: counters_view(network.spec, report, counting),
    }
    if splits(network.spec):
        selected = st.session_state.get(_SELECTED)
        editor = {t("split.tab"): lambda: split_editor(network, selected, _select)}
        views = editor | views
    tabs = st.tabs(list(views), key=f"views.{len(views)}", on_change="rerun")
    for tab, show in zip(tabs, views.values(), strict=True):
        if tab.open:
            with tab:
                show()


def _table(report: Report, graph: Graph, counting: str) -> None:
    # other rows make another table, so that no tick stays at the wrong one
    rows = shape_rows(report, graph, counting, language())
    version = st.session_state.setdefault(_TABLE_VERSION, 0)
    shape_table(
        rows,
        counting=counting,
        key=f"table.{version}.{hash(tuple(rows['name']))}",
        selected=st.session_state.get(_SELECTED),
        on_select=_select_row,
    )
    st.caption(t("table.caption"))


def _cost(report: Report, graph: Graph, counting: str) -> None:
    if len(graph.nodes) > _MOST_BARS:
        graph = fold(report)
        st.caption(t("cost.folded"))
    figure = cost_chart(report, graph, language(), ink=ink(), measures=cost(counting))
    st.plotly_chart(figure, key="cost", config=TOOLS)
    st.caption(t("cost.caption"))


def _select(node_id: str | None) -> None:
    st.session_state[_SELECTED] = node_id
    version = st.session_state.get(_TABLE_VERSION, 0)
    st.session_state[_TABLE_VERSION] = version + 1  # a new table opens with the new row selected


def _select_row(names: list[str], rows: list[int]) -> None:
    st.session_state[_SELECTED] = names[rows[0]] if rows else None


def _toggle(scope: str) -> None:
    _open(toggled(st.session_state[_OPENED], scope))


def _open(scopes: frozenset[str]) -> None:
    st.session_state[_OPENED] = frozenset(scopes)

"""Graph, details, table and charts of one network; they share a selection and what is unfolded.

All of it is one fragment: selecting and folding redraw this part of the page alone.
"""

from functools import lru_cache

import streamlit as st

from cnnviz.analysis import Report, analyze
from cnnviz.analysis.graph import Graph, ancestors, blocks, find, fold, open_to_depth
from cnnviz.families import Spec
from cnnviz.render.charts import cost_chart
from cnnviz.render.diagram import DrawingError, draw
from cnnviz.ui.graph_view import graph_view
from cnnviz.ui.panels import details, legend, shape_table, table_rows
from cnnviz.ui.words import language, say, t

_OPENED, _SELECTED, _TABLE_VERSION = "opened", "selected", "table_version"
_EVERYTHING = 99  # levels
_MOST_BARS = 60
_INK = {"light": "#31333F", "dark": "#FAFAFA", None: "#31333F"}
_CHART_TOOLS = {"displaylogo": False, "modeBarButtons": [["toImage"]]}


@st.fragment
def explorer(title: str, spec: Spec) -> None:
    """Show the network `spec` in every view."""
    report = analyze(spec)
    opened = frozenset(st.session_state.setdefault(_OPENED, frozenset()) & blocks(report).keys())
    graph = fold(report, opened)
    picture, side = st.columns([5, 3], gap="medium")
    with picture:
        _picture(title, spec, report, graph, opened)
        legend(graph, report)
    with side:
        _side(report, opened)
    _tabs(report, graph)


@lru_cache(maxsize=64)
def _drawing(spec: Spec, opened: frozenset[str], language: str) -> str:
    return draw(analyze(spec), opened, language)


def _picture(title: str, spec: Spec, report: Report, graph: Graph, opened: frozenset[str]) -> None:
    try:
        svg = _drawing(spec, opened, language())
    except DrawingError as error:
        st.warning(say(error.message))
        return
    closed = {node.id for node in graph.nodes if node.is_block}
    targets = {
        "fold_all": frozenset(),
        "unfold_level": opened | closed,
        "unfold_all": open_to_depth(report, _EVERYTHING),
    }
    graph_view(
        svg,
        name=title,
        selected=st.session_state.get(_SELECTED),
        folds={name: target != opened for name, target in targets.items()},
        on_select=_select,
        on_toggle=_toggle,
        on_fold=lambda name: _open(targets.get(name, opened)),
    )


def _side(report: Report, opened: frozenset[str]) -> None:
    selected = st.session_state.get(_SELECTED)
    node = find(report, selected) if selected else None
    if node is None:
        st.markdown(t("details.nothing"))
    else:
        details(report, node)
        if node.is_block:
            name = "fold" if node.id in opened else "unfold"
            st.button(t(f"graph.{name}"), on_click=_toggle, args=(node.id,), key="toggle")


def _tabs(report: Report, graph: Graph) -> None:
    table, cost = st.tabs([t("table.tab"), t("cost.tab")], key="views", on_change="rerun")
    if table.open:
        with table:
            # other rows make another table, so that no tick stays at the wrong one
            rows = table_rows(report, graph)
            version = st.session_state.setdefault(_TABLE_VERSION, 0)
            shape_table(
                rows,
                key=f"table.{version}.{hash(tuple(rows['name']))}",
                selected=st.session_state.get(_SELECTED),
                on_select=_select_row,
            )
            st.caption(t("table.caption"))
    if cost.open:
        with cost:
            if len(graph.nodes) > _MOST_BARS:
                graph = fold(report)
                st.caption(t("cost.folded"))
            figure = cost_chart(report, graph, language(), ink=_INK[st.context.theme.type])
            st.plotly_chart(figure, key="cost", config=_CHART_TOOLS)
            st.caption(t("cost.caption"))


def _select(node_id: str | None) -> None:
    st.session_state[_SELECTED] = node_id
    st.session_state[_TABLE_VERSION] += 1  # a new table opens with the new row selected


def _select_row(names: list[str], rows: list[int]) -> None:
    st.session_state[_SELECTED] = names[rows[0]] if rows else None


def _toggle(scope: str) -> None:
    opened = st.session_state[_OPENED]
    if scope in opened:
        _open(frozenset(inner for inner in opened if scope not in ancestors(inner)))
    else:
        _open(opened | {scope})


def _open(scopes: frozenset[str]) -> None:
    st.session_state[_OPENED] = frozenset(scopes)

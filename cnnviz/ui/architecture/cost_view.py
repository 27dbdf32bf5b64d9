"""Bar charts of the cost of blocks; their level is independent of the graph's folding."""

from collections.abc import Callable

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.graph import blocks, find, fold, open_to_depth
from cnnviz.render.charts import Measure, cost, cost_chart
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.words import language, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Subject

_MOST_BARS = 150


def cost_view(
    subject: Subject,
    look: Look,
    on_change: Callable[[Look], None],
    *,
    key: Callable[[str], str],
) -> None:
    """Show parameters and operations as bars."""
    measures = cost(look.counting)
    cost_bars(subject, look, on_change, measures, key=key("cost"), alt=t("cost.alt"))
    st.caption(t("cost.caption"))


def cost_bars(
    subject: Subject,
    look: Look,
    on_change: Callable[[Look], None],
    measures: tuple[Measure, ...],
    *,
    key: str,
    alt: str,
) -> None:
    """Show measures of all blocks of one level; a click on a bar selects the block or op."""
    report = subject.report
    graph = fold(report, open_to_depth(report, _level(report, f"{key}.level")))
    figure = cost_chart(
        report, graph, language(), ink=ink(), measures=measures, selected=look.selected
    )

    def clicked() -> None:
        for point in st.session_state[key]["selection"]["points"][:1]:
            if find(report, point.get("y")):
                on_change(look.at(point["y"]))

    st.plotly_chart(
        figure, key=key, config=TOOLS, alt=alt, on_select=clicked, selection_mode="points"
    )


def _level(report: Report, key: str) -> int:
    """Let the user choose how many levels of blocks are opened."""
    counts = _counts(report)
    if len(counts) == 1:
        return 1
    return st.segmented_control(
        t("cost.level"),
        list(counts),
        default=1,
        required=True,
        key=f"{key}.{language()}.{len(counts)}",
        format_func=lambda level: f"{level} ({counts[level]})",
        help=t("cost.level_help", most=_MOST_BARS),
        persist_state="session",
    )


def _counts(report: Report) -> dict[int, int]:
    """The number of bars at each level; levels with too many are left out."""
    deepest = max((scope.count(".") + 1 for scope in blocks(report)), default=0) + 1
    counts = {
        level: len(fold(report, open_to_depth(report, level)).nodes)
        for level in range(1, deepest + 1)
    }
    return {level: count for level, count in counts.items() if level == 1 or count <= _MOST_BARS}

"""The charts of the Compare page."""

import streamlit as st

from cnnviz.analysis.counting.conventions import total_operations
from cnnviz.comparison import Comparison
from cnnviz.ledger.stories import stories
from cnnviz.render.compare_charts import Point, bubble_chart, depth_charts
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.words import language, t
from cnnviz.ui.session.slot import Slot


def charts(comparison: Comparison, slots: list[Slot], counting: str) -> None:
    """Show parameters over operations, and four figures over the depth."""
    points = [
        Point(
            network.name,
            network.report.params,
            total_operations(network.report.layers, counting),
            top1_error(slot),
        )
        for network, slot in zip(comparison.networks, slots, strict=True)
    ]
    st.plotly_chart(
        bubble_chart(points, counting, language(), ink=ink()),
        key="beside.bubble",
        config=TOOLS,
        alt=t("beside.bubble_alt"),
    )
    st.caption(t("beside.bubble_caption"))
    reports = [network.report for network in comparison.networks]
    names = [network.name for network in comparison.networks]
    st.plotly_chart(
        depth_charts(reports, names, counting, language(), ink=ink()),
        key="beside.depth",
        config=TOOLS,
        alt=t("beside.depth_alt"),
    )


def top1_error(slot: Slot) -> float | None:
    """Top-1 error in % of torchvision's weights of exactly this network; None without any."""
    weights = stories()[slot.family].weights_of(slot.spec)
    return 100 - weights.top1 if weights else None

"""Stacked bar of the memory of a training step, with the sizes of graphics cards."""

import plotly.graph_objects as go

from cnnviz.analysis.memory.step import CAPACITIES, TrainingMemory
from cnnviz.numbers import percent, share, short
from cnnviz.text import Text

# Colours of cividis, from dark to bright.
PARTS = {
    "weights": (Text("weights", "权重"), "#414D6B"),
    "gradients": (Text("gradients", "梯度"), "#7C7B78"),
    "optimiser": (Text("optimiser state", "优化器状态"), "#BCAF6F"),
    "activations": (Text("saved activations", "保存的激活"), "#FEE838"),
}
_LEAST = 5  # % of the smallest card that holds it; a shorter bar gets an axis of its own length
_FONT = 14  # px


def memory_chart(memory: TrainingMemory, language: str, *, ink: str) -> go.Figure:
    """The four parts in one bar; the axis ends at the smallest card that holds them.

    Args:
        ink: colour of lines and text; it must contrast with the page.
    """
    figure = go.Figure()
    for name, (label, colour) in PARTS.items():
        value = getattr(memory, name)
        figure.add_bar(
            x=[value],
            y=[""],
            orientation="h",
            name=f"{label(language)} {short(value, 'B')}",
            marker={"color": colour, "line": {"width": 1, "color": ink}},
            hovertemplate=f"{label(language)} {value:,} B · {share(value, memory.total)}"
            "<extra></extra>",
        )
    end = next((size for size in CAPACITIES if size >= memory.total), memory.total)
    cards = [size for size in CAPACITIES if size <= end]
    if percent(memory.total, end) < _LEAST:
        end, cards = memory.total, []
    names = {size: f"{size / 1e9:g} GB" for size in cards} or {end: short(end, "B")}
    for size in cards:
        figure.add_vline(x=size, line={"color": ink, "width": 2, "dash": "dash"})
    axis_font = {"size": _FONT, "color": ink}
    figure.update_xaxes(
        range=[0, 1.02 * end],
        tickvals=[0, *names],
        ticktext=["0", *names.values()],
        tickfont=axis_font,
        showgrid=False,
    )
    figure.update_yaxes(showticklabels=False)
    figure.update_layout(
        barmode="stack",
        dragmode=False,
        height=150,
        margin={"l": 8, "r": 24, "t": 40, "b": 32},
        font={"size": _FONT},
        legend={
            "orientation": "h",
            "font": axis_font,
            "traceorder": "normal",
            "x": 0,
            "y": 1,
            "yanchor": "top",
            "yref": "container",
        },
    )
    return figure

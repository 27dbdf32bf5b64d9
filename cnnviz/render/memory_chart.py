"""What a training step keeps in memory, as one stacked bar beside the sizes of graphics cards."""

import plotly.graph_objects as go

from cnnviz.analysis.memory import CAPACITIES, TrainingMemory
from cnnviz.render.numbers import percent, share, short
from cnnviz.text import Text

# cividis, from dark to bright
PARTS = {
    "weights": (Text("weights", "权重"), "#00224E"),
    "gradients": (Text("gradients", "梯度"), "#575D6D"),
    "optimiser": (Text("optimiser state", "优化器状态"), "#A59C74"),
    "activations": (Text("saved activations", "保存的激活"), "#FEE838"),
}
_LEAST = 5  # %: of a card that is filled less, a bar is hardly seen
_FONT = 14  # px


def memory_chart(memory: TrainingMemory, language: str, *, ink: str) -> go.Figure:
    """The four parts end to end, up to the smallest card that holds them.

    Args:
        ink: the colour of the axis' text, one that has contrast with the page.
    """
    figure = go.Figure()
    for name, (label, colour) in PARTS.items():
        value = getattr(memory, name)
        figure.add_bar(
            x=[value],
            y=[""],
            orientation="h",
            name=f"{label(language)} {short(value, 'B')}",
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"{label(language)} {value:,} B · {share(value, memory.total)}"
            "<extra></extra>",
        )
    end = next((size for size in CAPACITIES if size >= memory.total), memory.total)
    cards = [size for size in CAPACITIES if size <= end]
    if percent(memory.total, end) < _LEAST:
        end, cards = memory.total, []
    ticks = [0, *cards] if cards else [0, end]
    for size in cards:
        figure.add_vline(x=size, line={"color": ink, "width": 2, "dash": "dash"})
    axis_font = {"size": _FONT, "color": ink}
    figure.update_xaxes(
        range=[0, 1.02 * end],
        tickvals=ticks,
        ticktext=[short(tick, "B") for tick in ticks] if not cards else _card_names(ticks),
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


def _card_names(sizes: list[int]) -> list[str]:
    return [f"{size / 1e9:g} GB" if size else "0" for size in sizes]

"""Bar charts of a report: plotly figures without a theme, so that the page's colours show."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.counting.conventions import operations
from cnnviz.analysis.graph import Graph
from cnnviz.numbers import share, short
from cnnviz.render.kinds import COUNTED, KINDS
from cnnviz.text import Text


class Measure(NamedTuple):
    """A number of each layer, with its name and unit."""

    label: Text
    of: Callable[[Layer], int | None]
    unit: str = ""


def cost(counting: str) -> tuple[Measure, Measure]:
    """Parameters and operations; `counting` is one of `CONVENTIONS`."""
    return (
        Measure(Text("Parameters", "参数量"), lambda layer: layer.params),
        Measure(COUNTED[counting], lambda layer: operations(layer, counting)),
    )


SAVED = (
    Measure(
        Text("Saved for the backward pass, one image", "为反向传播保存的激活（一张图像）"),
        lambda layer: layer.saved_bytes,
        "B",
    ),
)
_BAR = 26  # px
_FONT = 14  # px
_LABEL = 0.7  # room for the figures beside the longest bar, as a fraction of that bar
_MARGIN = {"l": 8, "r": 8, "t": 70, "b": 8}


def cost_chart(
    report: Report,
    graph: Graph,
    language: str,
    *,
    ink: str,
    measures: tuple[Measure, ...],
    selected: str | None = None,
) -> go.Figure:
    """One bar for each node with a cost, stacked by kind of op.

    Args:
        ink: colour of the axis labels; it must contrast with the page.
        selected: id of the node whose name is marked.
        measures: one column each, from `cost` or `SAVED`.
    """
    members = {
        node.id: layers
        for node in graph.nodes
        if any(_sum(layers := [report.layers[p] for p in node.positions], m) for m in measures)
    }
    figure = make_subplots(
        cols=len(measures),
        shared_yaxes=True,
        horizontal_spacing=0.04,
        subplot_titles=[measure.label(language) for measure in measures],
    )
    kinds = dict.fromkeys(
        layer.kind
        for layers in members.values()
        for layer in layers
        if any(_sum([layer], measure) for measure in measures)
    )
    for kind in kinds:
        hatch = {"shape": KINDS[kind].hatch, "fillmode": "overlay", "fgcolor": KINDS[kind].ink}
        for column, measure in enumerate(measures, start=1):
            values = [
                _sum([layer for layer in layers if layer.kind == kind], measure)
                for layers in members.values()
            ]
            whole = _sum(report.layers, measure)
            figure.add_bar(
                x=values,
                y=list(members),
                orientation="h",
                name=KINDS[kind].label(language),
                legendgroup=kind,
                showlegend=column == 1,
                marker={
                    "color": KINDS[kind].colour,
                    "line": {"width": 0},
                    "pattern": hatch | {"size": 6, "solidity": 0.2},
                },
                customdata=[
                    (f"{value:,} {measure.unit}".strip(), share(value, whole)) for value in values
                ],
                hovertemplate=f"%{{y}} · {KINDS[kind].label(language)}<br>"
                f"{measure.label(language)} %{{customdata[0]}} · %{{customdata[1]}}<extra></extra>",
                col=column,
                row=1,
            )
    for column, measure in enumerate(measures, start=1):
        sums = {name: _sum(layers, measure) for name, layers in members.items()}
        whole, largest = _sum(report.layers, measure), max(sums.values(), default=0)
        ticks = _ticks(largest)
        texts = [short(tick, measure.unit) for tick in ticks]
        room = [0, (1 + _LABEL) * largest or 1]
        figure.update_xaxes(tickvals=ticks, ticktext=texts, range=room, col=column)
        if sums:
            figure.add_scatter(
                x=list(sums.values()),
                y=list(sums),
                mode="text",
                text=[
                    f" {short(value, measure.unit)} · {share(value, whole)}" if value else " 0"
                    for value in sums.values()
                ],
                textposition="middle right",
                textfont={"size": _FONT, "color": ink},
                hoverinfo="skip",
                showlegend=False,
                col=column,
                row=1,
            )
    names = [f"<b>▸ {name}</b>" if name == selected else name for name in members]
    figure.update_yaxes(tickvals=list(members), ticktext=names)
    axis_font = {"size": _FONT, "color": ink}
    figure.update_xaxes(tickfont=axis_font)
    figure.update_yaxes(autorange="reversed", automargin=True, tickfont=axis_font)
    figure.update_layout(
        barmode="stack",
        dragmode=False,
        bargap=0.25,
        clickmode="event",
        hoverlabel={"font": {"size": _FONT}},
        height=_BAR * len(members) + _MARGIN["t"] + _MARGIN["b"] + 40,
        margin=_MARGIN,
        font={"size": _FONT},
        legend={
            "orientation": "h",
            "font_size": _FONT,
            "x": 0,
            "y": 0.995,
            "yanchor": "top",
            "yref": "container",
        },
    )
    return figure


def _sum(layers: Iterable[Layer], measure: Measure) -> int:
    return sum(measure.of(layer) or 0 for layer in layers)


def _ticks(largest: int) -> list[float]:
    """0, half and all of a round number near the largest bar."""
    if not largest:
        return [0]
    digits = len(str(largest)) - 1
    top = max(1, largest // 10**digits) * 10**digits
    return [0, top / 2, top]

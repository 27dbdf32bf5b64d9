"""Charts of a report, as plotly figures without a theme: the page's colours show through."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.graph import Graph
from cnnviz.render.kinds import KINDS
from cnnviz.render.numbers import share, short
from cnnviz.text import Text

_MEASURES = (
    ("params", Text("Parameters", "参数量")),
    ("macs", Text("MACs", "乘加次数")),
)
_BAR = 26  # px
_FONT = 14  # px
_MARGIN = {"l": 8, "r": 8, "t": 70, "b": 8}


def cost_chart(report: Report, graph: Graph, language: str, *, ink: str) -> go.Figure:
    """Where parameters and MACs sit: a bar for each node that has any, stacked by kind of op.

    Args:
        ink: the colour of the axes' text, one that has contrast with the page.
    """
    nodes = [node for node in graph.nodes if node.params or node.macs]
    titles = [label(language) for _, label in _MEASURES]
    figure = make_subplots(
        cols=2, shared_yaxes=True, horizontal_spacing=0.04, subplot_titles=titles
    )
    members = [[report.layers[p] for p in node.positions] for node in nodes]
    names = [node.id for node in nodes]
    kinds = dict.fromkeys(
        layer.kind for layers in members for layer in layers if layer.params or layer.macs
    )
    for kind in kinds:
        for column, (measure, label) in enumerate(_MEASURES, start=1):
            values = [_total(layers, kind, measure) for layers in members]
            whole = getattr(report, measure)
            figure.add_bar(
                x=values,
                y=names,
                orientation="h",
                name=KINDS[kind].label(language),
                legendgroup=kind,
                showlegend=column == 1,
                marker={"color": KINDS[kind].colour, "line": {"width": 0}},
                customdata=[(f"{value:,}", share(value, whole)) for value in values],
                hovertemplate=f"%{{y}} · {KINDS[kind].label(language)}<br>"
                f"{label(language)} %{{customdata[0]}} · %{{customdata[1]}}<extra></extra>",
                col=column,
                row=1,
            )
    for column, (measure, _) in enumerate(_MEASURES, start=1):
        ticks = _ticks(max((_sum(layers, measure) for layers in members), default=0))
        figure.update_xaxes(tickvals=ticks, ticktext=[short(tick) for tick in ticks], col=column)
    axis_font = {"size": _FONT, "color": ink}
    figure.update_xaxes(tickfont=axis_font)
    figure.update_yaxes(autorange="reversed", automargin=True, tickfont=axis_font)
    figure.update_layout(
        barmode="stack",
        dragmode=False,
        bargap=0.25,
        height=_BAR * len(names) + _MARGIN["t"] + _MARGIN["b"] + 40,
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


def _total(layers: list[Layer], kind: str, measure: str) -> int:
    return sum(getattr(layer, measure) or 0 for layer in layers if layer.kind == kind)


def _sum(layers: list[Layer], measure: str) -> int:
    return sum(getattr(layer, measure) or 0 for layer in layers)


def _ticks(largest: int) -> list[float]:
    """Zero, half and all of a round number near the largest bar."""
    if not largest:
        return [0]
    digits = len(str(largest)) - 1
    top = max(1, largest // 10**digits) * 10**digits
    return [0, top / 2, top]

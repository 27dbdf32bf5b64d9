"""Charts of times: the roofline with every op, MACs against milliseconds, and batch sizes."""

from collections.abc import Iterable, Sequence
from math import floor, log10
from typing import NamedTuple

import plotly.graph_objects as go

from cnnviz.analysis import Layer
from cnnviz.analysis.timing.peak import Peak
from cnnviz.analysis.timing.roofline import Point, limit
from cnnviz.numbers import short, three_digits
from cnnviz.render.kinds import KINDS
from cnnviz.render.training_charts import COLOURS, FONT, blank_chart
from cnnviz.text import Text

BOUNDS = {
    "compute": Text("computing", "计算"),
    "memory": Text("memory", "访存"),
    "launch": Text("its launch", "启动"),
}
SYMBOLS = {
    "convolution": "circle",
    "grouped convolution": "diamond",
    "linear": "square",
    "normalisation": "x-thin-open",
    "activation": "triangle-up",
    "pooling": "triangle-down",
    "merge": "cross",
}
_HEIGHT = 400  # px
_MARKER = 9  # px
_FEW = 3  # powers of ten


class Dot(NamedTuple):
    """An op with its time, and where it stands if it computes anything."""

    layer: Layer
    milliseconds: float
    point: Point | None


def roofline_chart(dots: Sequence[Dot], peak: Peak, language: str, *, ink: str) -> go.Figure:
    """Operations a second against operations a byte, both logarithmic, under the device's roof."""
    title = Text("What bounds each op: the roofline", "每个算子受什么限制：屋顶线（roofline）")
    figure = _chart(title, "roofline", language, ink=ink, height=460, above=150)
    placed = [(dot, dot.point) for dot in dots if dot.point]
    ridge = peak.flops / peak.bandwidth
    sides = [point.intensity for _, point in placed]
    ends = [min([*sides, ridge / 4]) / 1.5, ridge, max([*sides, ridge * 4]) * 1.5]
    figure.add_scatter(
        x=ends,
        y=[limit(x, peak) for x in ends],
        mode="lines",
        name=Text("measured peak", "实测峰值")(language),
        line={"color": ink, "width": 2.5},
        hovertemplate="%{x:.3g} FLOP/B · %{y:.3s}FLOP/s<extra></extra>",
    )
    for kind in dict.fromkeys(dot.layer.kind for dot, _ in placed):
        these = [(dot, point) for dot, point in placed if dot.layer.kind == kind]
        _add_kind(
            figure,
            kind,
            language,
            ink=ink,
            x=[point.intensity for _, point in these],
            y=[point.flops for _, point in these],
            said=[
                f"{dot.layer.name}<br>{_ms(dot.milliseconds)} · {short(point.flops, 'FLOP/s')} · "
                f"{short(point.bandwidth, 'B/s')} · {BOUNDS[point.bound](language)}"
                for dot, point in these
            ],
        )
    _logarithmic(figure, "x", Text("operations a byte", "每字节运算次数"), language)
    _logarithmic(figure, "y", Text("operations a second", "每秒运算次数"), language, "FLOP/s")
    return figure


def macs_chart(dots: Sequence[Dot], language: str, *, ink: str) -> go.Figure:
    """Milliseconds against MACs of the ops that have any, both logarithmic."""
    title = Text("MACs against time, one mark an op", "乘加次数与时间：每个标记为一个算子")
    figure = _chart(title, "macs", language, ink=ink)
    counted = [dot for dot in dots if dot.layer.macs and dot.milliseconds]
    for kind in dict.fromkeys(dot.layer.kind for dot in counted):
        these = [dot for dot in counted if dot.layer.kind == kind]
        _add_kind(
            figure,
            kind,
            language,
            ink=ink,
            x=[dot.layer.macs or 0 for dot in these],
            y=[dot.milliseconds for dot in these],
            said=[
                f"{dot.layer.name}<br>{short(dot.layer.macs or 0)} MACs · {_ms(dot.milliseconds)}"
                for dot in these
            ],
        )
    _logarithmic(figure, "x", Text("MACs", "乘加次数"), language)
    _logarithmic(figure, "y", Text("ms", "毫秒"), language)
    return figure


def batch_chart(speeds: Sequence[tuple[int, float]], language: str, *, ink: str) -> go.Figure:
    """Images a second against the batch size."""
    title = Text("Images a second, by batch size", "每秒图像数随批量大小的变化")
    figure = _chart(title, "batches", language, ink=ink, height=260, above=48)
    figure.add_scatter(
        x=[str(batch) for batch, _ in speeds],
        y=[speed for _, speed in speeds],
        mode="lines+markers+text",
        text=[three_digits(speed) for _, speed in speeds],
        textposition="top center",
        textfont={"size": FONT, "color": ink},
        line={"color": COLOURS[0], "width": 2.5},
        marker={"size": _MARKER},
        showlegend=False,
        hovertemplate="%{x}: %{y:,.1f}<extra></extra>",
        cliponaxis=False,
    )
    top = max((speed for _, speed in speeds), default=1)
    figure.update_xaxes(title_text=Text("images in a pass", "每次前向的图像数")(language))
    figure.update_yaxes(range=[0, 1.25 * top])
    return figure


def presets_chart(
    networks: Sequence[tuple[str, int, float]], language: str, *, ink: str
) -> go.Figure:
    """Milliseconds of one image against MACs, a mark with its name for each network."""
    title = Text("MACs against time, one mark a network", "乘加次数与时间：每个标记为一个网络")
    figure = _chart(title, "presets", language, ink=ink, height=440, above=48)
    figure.add_scatter(
        x=[macs for _, macs, _ in networks],
        y=[milliseconds for *_, milliseconds in networks],
        mode="markers+text",
        text=[name for name, *_ in networks],
        textposition=[
            "top left" if place % 2 else "bottom right" for place in range(len(networks))
        ],
        textfont={"size": FONT, "color": ink},
        marker={"size": _MARKER, "color": COLOURS[0]},
        showlegend=False,
        hovertemplate="%{text}: %{x:.3s} MACs · %{y:.3g} ms<extra></extra>",
        cliponaxis=False,
    )
    _logarithmic(figure, "x", Text("MACs", "乘加次数"), language)
    _logarithmic(figure, "y", Text("ms", "毫秒"), language)
    return figure


def _chart(
    title: Text,
    revision: str,
    language: str,
    *,
    ink: str,
    height: int = _HEIGHT,
    above: int = 96,
) -> go.Figure:
    """An empty chart with its legend at the left, between title and axes, `above` px high."""
    figure = blank_chart(title(language), language, ink=ink, revision=revision, height=height)
    legend = {"x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom"}
    figure.update_layout(margin={"t": above, "b": 48, "r": 16}, legend=legend)
    return figure


def _add_kind(
    figure: go.Figure,
    kind: str,
    language: str,
    *,
    ink: str,
    x: Iterable[float],
    y: Iterable[float],
    said: Iterable[str],
) -> None:
    """Marks of one kind of op, in its colour and with a shape of its own."""
    figure.add_scatter(
        x=list(x),
        y=list(y),
        mode="markers",
        name=KINDS[kind].label(language),
        customdata=list(said),
        hovertemplate="%{customdata}<extra></extra>",
        marker={
            "size": _MARKER,
            "color": KINDS[kind].colour,
            "symbol": SYMBOLS.get(kind, "star"),
            "line": {"width": 1, "color": ink},
        },
    )


def _logarithmic(figure: go.Figure, axis: str, title: Text, language: str, unit: str = "") -> None:
    """Make an axis logarithmic, with ticks at powers of ten; of few, at 2 and 5 times, too."""
    values = [value for trace in figure.data for value in trace[axis] or () if value > 0]
    powers = [10.0**power for power in range(*_powers(values))]
    if len(powers) <= _FEW:
        powers = [step * power for power in powers for step in (1, 2, 5)]
    figure.update_layout(
        {
            f"{axis}axis": {
                "type": "log",
                "title": {"text": title(language), "standoff": 4},
                "tickvals": powers,
                "ticktext": [_tick(power, unit) for power in powers],
                "showgrid": True,
            }
        }
    )


def _powers(values: Sequence[float]) -> tuple[int, int]:
    if not values:
        return 0, 1
    return floor(log10(min(values))), floor(log10(max(values))) + 2


def _tick(power: float, unit: str) -> str:
    return short(power, unit) if power >= 1 else f"{power:g}"


def _ms(milliseconds: float) -> str:
    return f"{three_digits(milliseconds)} ms"

"""Charts that compare networks: plotly figures without a theme."""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.counting.conventions import WEIGHTED, operations
from cnnviz.numbers import short
from cnnviz.render.kinds import COUNTED
from cnnviz.render.training_charts import COLOURS, DASHES, FONT, SIGNS
from cnnviz.text import Text

_HEIGHT = 420  # px
_SMALLEST, _LARGEST = 14, 46  # px, diameter of a bubble
_ERRORS = (20.0, 45.0)  # %, top-1 error of the smallest and the largest bubble
_GRID = "rgba(128, 128, 128, 0.3)"
_DEPTH = Text(
    "layers with weights so far, those in shortcuts too", "已经过的带权重的层数（含捷径）"
)
_PARAMS = Text("Parameters", "参数量")
_TOP1 = Text("top-1 error {error:.2f} %", "top-1 错误率 {error:.2f} %")
_NO_SOURCE = Text("no published error", "无公开错误率")


class Point(NamedTuple):
    """One network; `top1_error` in %, None if no source gives it."""

    name: str
    params: int
    operations: int
    top1_error: float | None


def bubble_chart(points: Sequence[Point], counting: str, language: str, *, ink: str) -> go.Figure:
    """Parameters over operations, one bubble for each network.

    A bubble grows with the published top-1 error; without one it is hollow.
    """
    figure = go.Figure()
    for index, point in enumerate(points):
        colour = COLOURS[index % len(COLOURS)]
        error = _NO_SOURCE(language)
        if point.top1_error is not None:
            error = _TOP1(language).format(error=point.top1_error)
        figure.add_scatter(
            x=[point.operations],
            y=[point.params],
            name=point.name,
            mode="markers+text",
            text=[point.name],
            textposition="top center",
            textfont={"color": ink, "size": FONT},
            marker={
                "size": _size(point.top1_error),
                "symbol": SIGNS[0] if point.top1_error is not None else f"{SIGNS[0]}-open",
                "color": colour,
                "line": {"width": 2, "color": colour},
            },
            hovertemplate=f"{point.name}<br>{short(point.params)} · {short(point.operations)}"
            f"<br>{error}<extra></extra>",
        )
    titles = COUNTED[counting](language), _PARAMS(language)
    for axis, title, values in zip(
        (figure.update_xaxes, figure.update_yaxes),
        titles,
        ([point.operations for point in points], [point.params for point in points]),
        strict=True,
    ):
        ticks = decades(values)
        axis(
            type="log",
            title={"text": title, "font": {"size": FONT, "color": ink}},
            tickvals=ticks,
            ticktext=[short(tick) for tick in ticks],
            tickfont={"size": FONT, "color": ink},
            gridcolor=_GRID,
        )
    _lay_out(figure, ink)
    figure.update_layout(showlegend=False)
    return figure


def depth_charts(
    reports: Sequence[Report], names: Sequence[str], counting: str, language: str, *, ink: str
) -> go.Figure:
    """Receptive field and cumulative activations, parameters and operations, over the depth.

    The depth counts all layers with weights, including those in shortcuts.
    """
    measures = (
        (Text("Receptive field, px", "感受野（px）"), _field, ""),
        (Text("Saved for the backward pass so far", "至此为反向传播保存的激活"), _saved, "B"),
        (Text("Parameters so far", "累计参数量"), _params, ""),
        (Text("{what} so far", "累计 {what}").format(what=COUNTED[counting]), _work(counting), ""),
    )
    figure = make_subplots(
        rows=2,
        cols=2,
        horizontal_spacing=0.1,
        vertical_spacing=0.16,
        subplot_titles=[title(language) for title, *_ in measures],
    )
    for place, (_, values_of, unit) in enumerate(measures):
        row, col = divmod(place, 2)
        largest = 0.0
        for index, (report, name) in enumerate(zip(reports, names, strict=True)):
            depth = list(accumulate(int(layer.kind in WEIGHTED) for layer in report.layers))
            values = values_of(report.layers)
            largest = max(largest, *values, 0)
            figure.add_scatter(
                x=depth,
                y=values,
                name=name,
                legendgroup=name,
                showlegend=not place,
                mode="lines",
                line={
                    "color": COLOURS[index % len(COLOURS)],
                    "dash": DASHES[index % len(DASHES)],
                    "width": 2.5,
                },
                customdata=[short(value, unit) for value in values],
                hovertemplate=f"{name} · %{{x}} · %{{customdata}}<extra></extra>",
                row=row + 1,
                col=col + 1,
            )
        ticks = [largest * share for share in (0, 0.5, 1)]
        figure.update_yaxes(
            tickvals=ticks,
            ticktext=[short(tick, unit) for tick in ticks],
            row=row + 1,
            col=col + 1,
        )
    figure.update_xaxes(tickfont={"size": FONT, "color": ink}, gridcolor=_GRID)
    figure.update_xaxes(title={"text": _DEPTH(language), "font": {"size": FONT}}, row=2)
    figure.update_yaxes(tickfont={"size": FONT, "color": ink}, gridcolor=_GRID)
    _lay_out(figure, ink)
    figure.update_layout(
        height=2 * _HEIGHT - 200,
        legend={"orientation": "h", "y": 1.12, "x": 0, "font": {"size": FONT, "color": ink}},
    )
    return figure


def _size(error: float | None) -> float:
    low, high = _ERRORS
    share = 0.3 if error is None else min(1.0, max(0.0, (error - low) / (high - low)))
    return _SMALLEST + share * (_LARGEST - _SMALLEST)


def decades(values: Iterable[float]) -> list[float]:
    """Ticks of a logarithmic axis: 1, 2 and 5 in each decade near the values."""
    values = [value for value in values if value > 0]
    if not values:
        return []
    low, high = min(values) / 2.5, max(values) * 2.5
    ticks = [step * 10.0**power for power in range(13) for step in (1, 2, 5)]
    return [tick for tick in ticks if low <= tick <= high]


def _field(layers: Sequence[Layer]) -> list[float]:
    """The longer side of each op's receptive field; an op without one repeats the value before."""
    found, last = [], 1.0
    for layer in layers:
        field = layer.receptive_field
        if field is not None:
            last = float(max(field) if isinstance(field, tuple) else field)
        found.append(last)
    return found


def _sums(of: Callable[[Layer], int | None]) -> Callable[[Sequence[Layer]], list[float]]:
    return lambda layers: list(accumulate(of(layer) or 0 for layer in layers))


_saved = _sums(lambda layer: layer.saved_bytes)
_params = _sums(lambda layer: layer.params)


def _work(counting: str) -> Callable[[Sequence[Layer]], list[float]]:
    return _sums(lambda layer: operations(layer, counting))


def _lay_out(figure: go.Figure, ink: str) -> None:
    figure.update_layout(
        height=_HEIGHT,
        dragmode=False,
        margin={"l": 8, "r": 8, "t": 60, "b": 8},
        font={"size": FONT, "color": ink},
    )

"""Charts of an experiment: the curves of its arms, and what is measured by depth."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, log10
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnnviz.render.training_charts import COLOURS, SIGNS, blank_chart, scale_log, scale_measure
from cnnviz.text import Text
from cnnviz.training.events import Epoch

PARTS = ("train", "test")
_LINES = {"train": "dot", "test": "solid"}  # the test images are the heavier line
_WIDTHS = {"train": 2.0, "test": 3.0}
_MEASURES = {
    "loss": (Text("Loss (log scale)", "损失（对数坐标）"), 1),
    "accuracy": (Text("Accuracy in %", "准确率（%）"), 100),
}
_LEGEND_LINE = 24  # px
_PLOT = 340  # px
_LEAST = 1e-45  # of a 32-bit number
_SHADE = 0.16
_FEW = 3  # decades

Curves = Mapping[str, Sequence[Sequence[Epoch]]]  # the epochs of each seed, by the arm's title


def learning_chart(
    curves: Curves,
    measure: str,
    parts: Sequence[str],
    language: str,
    *,
    epochs: int,
    ink: str,
    revision: str,
) -> go.Figure:
    """Loss or accuracy of all arms: the mean over the seeds, and a band from least to most.

    Args:
        measure: "loss" or "accuracy".
        parts: which of "train" (dotted) and "test" (solid) images.
    """
    title, factor = _MEASURES[measure]
    figure = blank_chart(title(language), language, ink=ink, revision=revision, epochs=epochs)
    for index, (name, seeds) in enumerate(curves.items()):
        for part in parts:
            x, low, middle, high = _band(seeds, f"{part}_{measure}", factor)
            colour = COLOURS[index % len(COLOURS)]
            if len([one for one in seeds if one]) > 1:
                _add_band(figure, x, low, high, colour)
            figure.add_scatter(
                x=x,
                y=middle,
                name=escape(name),
                legendgroup=name,
                showlegend=part == parts[-1],
                mode="lines+markers",
                line={"color": colour, "width": _WIDTHS[part], "dash": _LINES[part]},
                marker={"color": colour, "size": 8, "symbol": SIGNS[_sign(index)]},
            )
    scale_measure(figure, measure)
    _legend_below(figure, len(curves))
    return figure


def depth_chart(
    title: Text,
    lines: Mapping[str, Sequence[float]],
    language: str,
    *,
    ink: str,
    revision: str,
    along: Text = Text("weight, from the first layer to the last", "权重，从第一层到最后一层"),
    at: Sequence[float] = (),
    is_log: bool = True,
) -> go.Figure:
    """A figure of each layer or block, a line an arm; zero stands at the foot of a log scale.

    Args:
        along: name of the x axis.
        at: where its points lie; without them they are numbered from 1.
    """
    figure = blank_chart(title(language), language, ink=ink, revision=revision)
    for index, (name, values) in enumerate(lines.items()):
        colour = COLOURS[index % len(COLOURS)]
        figure.add_scatter(
            x=list(at or range(1, len(values) + 1)),
            y=[max(value, _LEAST) for value in values] if is_log else list(values),
            name=escape(name),
            mode="lines+markers",
            line={"color": colour, "width": 2.5},
            marker={"color": colour, "size": 6, "symbol": SIGNS[_sign(index)]},
        )
    figure.update_xaxes(title_text=along(language), title_standoff=4)
    if is_log:
        shown = [max(value, _LEAST) for values in lines.values() for value in values]
        low, high = min(shown, default=1.0), max(shown, default=10.0)
        decades = log10(high / low)
        if decades < _FEW:  # powers of ten alone would leave one tick, or none
            scale_log(figure, low, high)
        else:
            figure.update_yaxes(type="log", exponentformat="power", dtick=ceil(decades / 6))
    _legend_below(figure, len(lines))
    return figure


def _band(
    seeds: Sequence[Sequence[Epoch]], key: str, factor: float
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Epochs, and the least, mean and most over the seeds that have come as far."""
    found: dict[float, list[float]] = {}
    for epochs in seeds:
        for epoch in epochs:
            found.setdefault(epoch.epoch, []).append(getattr(epoch, key) * factor)
    x = sorted(found)
    low, middle, high = ([float(way(found[at])) for at in x] for way in (min, np.mean, max))
    return x, low, middle, high


def _add_band(
    figure: go.Figure, x: list[float], low: list[float], high: list[float], colour: str
) -> None:
    edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "showlegend": False}
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    shade = f"rgba({red}, {green}, {blue}, {_SHADE})"
    figure.add_scatter(x=x, y=low, hoverinfo="skip", **edge)
    figure.add_scatter(x=x, y=high, hoverinfo="skip", fill="tonexty", fillcolor=shade, **edge)


def _sign(index: int) -> int:
    """The sign changes when the colours begin again, and sets lines apart without colour, too."""
    return (index + index // len(COLOURS)) % len(SIGNS)


def _legend_below(figure: go.Figure, lines: int) -> None:
    room = _LEGEND_LINE * lines
    figure.update_layout(
        height=_PLOT + room,
        margin={"b": 60 + room},
        legend={"orientation": "v", "x": 0, "xanchor": "left", "y": -0.2, "yanchor": "top"},
    )

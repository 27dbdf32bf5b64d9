"""Charts of training runs: plotly figures without a theme, so that the page's colours show.

A redrawn chart keeps its zoom as long as its `revision` stays the same.
"""

from collections.abc import Iterable, Mapping
from html import escape
from itertools import chain, count
from math import ceil, floor, log10
from typing import Any

import numpy as np
import plotly.graph_objects as go

from cnnviz.text import Text
from cnnviz.training.events import Epoch, Step
from cnnviz.training.history import History, thinned

# Okabe-Ito; dashes and signs set the lines apart without colour, too.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SIGNS = ("circle", "diamond", "square", "triangle-up", "cross", "star")
SCALE = "Cividis"

_HEIGHT = 290  # px
_LOW = 250  # px
FONT = 14  # px
_POINTS = 400  # most points of a line
_COLUMNS = 120  # most columns of a heat map
_LABELS = 7  # layers named on an axis
_LEAST = 1e-12  # smaller values are raised to this before taking the logarithm
_NARROWEST = 0.25  # fewest decades of a logarithmic axis
_MOST_TICKS = 6
_FINE = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
_FEW = 25  # most epochs for which large signs do not touch
GREY = "#8A8F98"
_GRID = "rgba(128, 128, 128, 0.3)"

_EPOCH = Text("epoch", "轮")
_STEPS = Text("each step", "每步")
_PARTS = {"train": Text("train", "训练"), "test": Text("test", "测试")}
_OF_PART = {
    "train": Text("Train: {measure}", "训练：{measure}"),
    "test": Text("Test: {measure}", "测试：{measure}"),
}
_MEASURES = {
    "loss": (Text("Loss (log scale)", "损失（对数坐标）"), 1),
    "accuracy": (Text("Accuracy in %", "准确率（%）"), 100),
}


def progress_chart(
    history: History, measure: str, language: str, *, epochs: int, ink: str, revision: str
) -> go.Figure:
    """Loss or accuracy of the training steps, and of both parts of the data after each epoch.

    Args:
        measure: "loss" or "accuracy".
        epochs: length of the whole run, so that the axis does not grow during training.
        ink: colour of the text; it must contrast with the page.
    """
    title, factor = _MEASURES[measure]
    figure = blank_chart(title(language), language, ink=ink, revision=revision, epochs=epochs)
    steps = thinned(history.steps, _POINTS)
    figure.add_scatter(
        x=[step.epoch for step in steps],
        y=[getattr(step, measure) * factor for step in steps],
        name=_STEPS(language),
        **_plain_line(GREY, 1.2, len(steps)),
    )
    for index, (part, label) in enumerate(_PARTS.items()):
        figure.add_scatter(
            x=[epoch.epoch for epoch in history.epochs],
            y=[getattr(epoch, f"{part}_{measure}") * factor for epoch in history.epochs],
            name=label(language),
            **_look(index, epochs),
        )
    scale_measure(figure, measure)
    return figure


def rate_chart(
    history: History, language: str, *, epochs: int, ink: str, revision: str
) -> go.Figure:
    """The learning rate over the epochs."""
    title = Text("Learning rate", "学习率")(language)
    figure = blank_chart(title, language, ink=ink, revision=revision, epochs=epochs, height=_LOW)
    steps = thinned(history.steps, _POINTS)
    figure.add_scatter(
        x=[step.epoch for step in steps],
        y=[step.learning_rate for step in steps],
        name=title,
        showlegend=False,
        **_plain_line(COLOURS[0], 2, len(steps)),
    )
    figure.update_yaxes(rangemode="tozero", exponentformat="power")
    return figure


def gradient_chart(
    history: History, language: str, *, epochs: int, ink: str, revision: str
) -> go.Figure:
    """Heat map of each weight's gradient norm over the epochs, the first layer at the top."""
    title = Text("Gradient norm by depth (log scale)", "各层梯度范数（对数色标）")(language)
    figure = blank_chart(title, language, ink=ink, revision=revision, epochs=epochs, height=_LOW)
    steps = thinned(history.steps, _COLUMNS)
    layers = [name.removesuffix(".weight") for name in history.start.layers]
    norms = np.array([step.gradient_norms for step in steps], dtype=float)
    if not norms.size or norms.shape[1] != len(layers):
        return figure
    logs = np.log10(np.maximum(norms, _LEAST)).T
    (low, high), ticks = _log_scale(norms.min(), norms.max())
    figure.add_heatmap(
        x=[step.epoch for step in steps],
        y=list(range(len(layers))),
        z=logs,
        customdata=np.dstack([norms.T, np.repeat([layers], len(steps), axis=0).T]),
        hovertemplate="%{customdata[1]}<br>%{customdata[0]:.3g}<extra></extra>",
        colorscale=SCALE,
        zmin=low,
        zmax=high,
        colorbar={
            "tickvals": np.log10(ticks),
            "ticktext": [f"{tick:g}" for tick in ticks],
            "tickfont": {"size": FONT, "color": ink},
            "thickness": 14,
            "outlinewidth": 0,
        },
    )
    shown = np.unique(np.linspace(0, len(layers) - 1, _LABELS).round().astype(int))
    figure.update_yaxes(
        autorange="reversed",
        tickvals=shown,
        ticktext=[layers[index] for index in shown],
        showgrid=False,
        automargin=True,
    )
    return figure


def compare_chart(
    histories: Mapping[str, History],
    part: str,
    measure: str,
    language: str,
    *,
    epochs: int,
    ink: str,
    revision: str,
) -> go.Figure:
    """The loss or accuracy of several runs over the epochs.

    A run in its first epoch is shown by its training steps, as a thin line.

    Args:
        histories: the runs by name.
        part: "train" or "test" images.
    """
    title, factor = _MEASURES[measure]
    heading = _OF_PART[part].format(measure=title)(language)
    figure = blank_chart(heading, language, ink=ink, revision=revision, epochs=epochs)
    for index, (name, history) in enumerate(histories.items()):
        look = _look(index, epochs)
        points: tuple[Epoch | Step, ...] = history.epochs
        key = f"{part}_{measure}"
        if not points:
            points, key = thinned(history.steps, _POINTS), measure
            look = _plain_line(look["line"]["color"], 1.5, len(points))
        figure.add_scatter(
            x=[point.epoch for point in points],
            y=[getattr(point, key) * factor for point in points],
            name=escape(name),  # plotly renders tags
            **look,
        )
    scale_measure(figure, measure)
    figure.update_layout(
        margin={"b": 48 + 22 * len(histories)},
        height=300 + 22 * len(histories),
        legend={"orientation": "v", "x": 0, "xanchor": "left", "y": -0.22, "yanchor": "top"},
    )
    return figure


def _plain_line(colour: str, width: float, points: int) -> dict[str, Any]:
    """The style of a plain line; a single point gets a marker, since its line is invisible."""
    line = {"color": colour, "width": width}
    if points == 1:
        return {"mode": "markers", "marker": {"color": colour, "size": 8}, "line": line}
    return {"mode": "lines", "line": line}


def _look(index: int, epochs: int) -> dict[str, Any]:
    """Colour, dash and marker of line number `index`."""
    colour = COLOURS[index % len(COLOURS)]
    return {
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2.5, "dash": DASHES[index % len(DASHES)]},
        "marker": {
            "color": colour,
            "size": 8 if epochs <= _FEW else 4,
            "symbol": SIGNS[index % len(SIGNS)],
        },
    }


def scale_measure(figure: go.Figure, measure: str) -> None:
    """Set the axis of a measure: from 0 for accuracy, logarithmic with round ticks for loss."""
    values = [value for trace in figure.data for value in trace.y if value > 0]
    if measure == "accuracy":
        figure.update_yaxes(rangemode="tozero", range=None if values else [0, 100])
        return
    scale_log(figure, min(values, default=0.1), max(values, default=10))


def scale_log(figure: go.Figure, low: float, high: float) -> None:
    """Make the y axis logarithmic from `low` to `high`, with round ticks."""
    shown, ticks = _log_scale(low, high)
    labels = [f"{tick:g}" for tick in ticks]
    figure.update_yaxes(type="log", range=shown, tickvals=ticks, ticktext=labels)


def _log_scale(low: float, high: float) -> tuple[tuple[float, float], list[float]]:
    """The ends of a logarithmic axis in decades, and at most six round ticks between them.

    The axis spans at least a quarter of a decade, so that a flat curve looks flat.
    """
    bottom, top = log10(max(low, _LEAST)), log10(max(high, _LEAST))
    margin = max(0.04 * (top - bottom), (_NARROWEST - (top - bottom)) / 2)
    bottom, top = bottom - margin, top + margin
    powers = range(floor(bottom), ceil(top) + 1)
    grids: Iterable[tuple[tuple[float, ...], int]] = chain(
        ((_FINE, 1), ((1, 2, 5), 1)), (((1,), stride) for stride in count(1))
    )
    sets = (
        [digit * 10.0**power for power in powers[::stride] for digit in digits]
        for digits, stride in grids
    )
    shown = ([tick for tick in ticks if bottom <= log10(tick) <= top] for ticks in sets)
    return (bottom, top), next(ticks for ticks in shown if len(ticks) <= _MOST_TICKS)


def blank_chart(
    title: str, language: str, *, ink: str, revision: str, epochs: int = 0, height: int = _HEIGHT
) -> go.Figure:
    """An empty chart with its title at the left and its legend at the right.

    Args:
        epochs: length of the x axis; 0 if it does not show epochs.
    """
    figure = go.Figure()
    text = {"size": FONT, "color": ink}
    axis = {"tickfont": text, "title_font": text, "automargin": True, "gridcolor": _GRID}
    axis |= {"zeroline": False, "linecolor": _GRID}
    figure.update_xaxes(showgrid=False, **axis)
    if epochs:
        figure.update_xaxes(title_text=_EPOCH(language), title_standoff=4)
        figure.update_xaxes(range=[0, epochs * 1.02], dtick=max(1, round(epochs / 8)))
    figure.update_yaxes(**axis)
    figure.update_layout(
        height=height,
        title={"text": f"<b>{title}</b>", "x": 0, "xref": "paper", "y": 0.98, "yanchor": "top"},
        title_font={"size": 16, "color": ink},
        font=text,
        margin={"l": 8, "r": 8, "t": 40, "b": 40},
        legend={
            "orientation": "h",
            "font": text,
            "x": 1,
            "xanchor": "right",
            "y": 1.02,
            "yanchor": "bottom",
        },
        hovermode="closest",
        modebar={"orientation": "v", "bgcolor": "rgba(0, 0, 0, 0)", "color": GREY},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        uirevision=revision,
    )
    return figure

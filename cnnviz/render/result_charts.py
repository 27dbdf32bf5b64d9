"""Charts of a trained network's predictions: confusion matrix, and answer to one image."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from cnnviz.render.training_charts import COLOURS, FONT, GREY, SCALE, blank_chart
from cnnviz.text import Text

_BRIGHT = 45  # %; black has more contrast than white on cividis from here on
_NUMBERS = 12  # most classes for which the cells have room for numbers


def confusion_chart(
    matrix: np.ndarray, classes: Sequence[str], language: str, *, ink: str
) -> go.Figure:
    """The confusion matrix of the test images: rows are true classes, columns predicted ones."""
    shares = 100 * matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure = blank_chart("", language, ink=ink, revision="confusion", height=520)
    figure.add_heatmap(
        x=list(range(len(classes))),
        y=list(range(len(classes))),
        z=shares,
        zmin=0,
        zmax=100,
        customdata=np.dstack([matrix, *_names(classes)]),
        hovertemplate="%{customdata[1]} → %{customdata[2]}: %{customdata[0]} "
        "(%{z:.1f} %)<extra></extra>",
        colorscale=SCALE,
        colorbar={"ticksuffix": " %", "tickfont": {"size": FONT, "color": ink}, "thickness": 14},
        xgap=1,
        ygap=1,
    )
    if len(classes) <= _NUMBERS:
        _write(figure, matrix, shares > _BRIGHT)
    every = range(0, len(classes), -(-len(classes) // 25))
    ticks = {"tickvals": list(every), "ticktext": [classes[index] for index in every]}
    figure.update_xaxes(
        title_text=Text("predicted", "预测")(language), side="bottom", showgrid=False, **ticks
    )
    figure.update_yaxes(
        title_text=Text("true", "真实")(language), autorange="reversed", showgrid=False, **ticks
    )
    figure.update_layout(margin={"t": 16, "b": 110})
    return figure


def likely_chart(
    names: Sequence[str], probabilities: Sequence[float], language: str, *, ink: str
) -> go.Figure:
    """The most likely classes with their probabilities, the first at the top."""
    figure = blank_chart("", language, ink=ink, revision="likely", height=44 * len(names) + 24)
    figure.add_bar(
        x=[100 * value for value in probabilities],
        y=list(range(len(names))),
        orientation="h",
        marker={"color": [COLOURS[0], *[GREY] * (len(names) - 1)]},
        text=[f"{100 * value:.1f} %" for value in probabilities],
        textposition="outside",
        textfont={"size": 15, "color": ink},
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(range=[0, 118], visible=False)
    figure.update_yaxes(
        autorange="reversed", tickvals=list(range(len(names))), ticktext=list(names), showgrid=False
    )
    figure.update_layout(margin={"t": 8, "b": 8})
    return figure


def _write(figure: go.Figure, numbers: np.ndarray, bright: np.ndarray) -> None:
    """Write the numbers into their cells, in black where the cell is bright."""
    for colour, cells in (("#FFFFFF", ~bright), ("#000000", bright)):
        rows, columns = np.nonzero(cells)
        figure.add_scatter(
            x=columns,
            y=rows,
            text=numbers[cells],
            mode="text",
            textfont={"size": FONT, "color": colour},
            hoverinfo="skip",
            showlegend=False,
        )


def _names(classes: Sequence[str]) -> tuple[np.ndarray, ...]:
    """The true and the predicted class of each cell."""
    return np.meshgrid(classes, classes, indexing="ij")

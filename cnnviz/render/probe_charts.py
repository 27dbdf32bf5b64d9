"""Charts of what a probe has found: a slice of the loss surface, a matrix, and bars."""

from collections.abc import Mapping, Sequence
from html import escape
from math import log10
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from cnnviz.render.training_charts import COLOURS, FONT, SCALE, blank_chart
from cnnviz.text import Text

_SURFACE, _ROW, _FRAME, _BARS = 330, 26, 120, 340  # px
_WRITTEN = 6  # most bars that have room for their number
_MANY = 10  # from which one decimal is enough
_SCALE = (0.1, 100.0)  # losses of the darkest and the brightest colour
_TICKS = (0.1, 1, 10, 100)
_BETWEEN = 0.25  # decades from contour to contour
_ALONG = (Text("first direction", "第一个方向"), Text("second direction", "第二个方向"))
_LOSS = Text("loss, log scale", "损失（对数）")


class Matrix(NamedTuple):
    """Figures of pairs; None where a pair has none.

    Args:
        across, up: what the columns and the rows stand for.
        numbers: a row for each of `up`, from the top.
    """

    across: Sequence[str]
    up: Sequence[str]
    numbers: Sequence[Sequence[float | None]]

    @staticmethod
    def of(figures: Mapping[str, float]) -> "Matrix":
        """The matrix of figures whose names are "column/row"."""
        pairs = {tuple(name.split("/")): figure for name, figure in figures.items()}
        across = list(dict.fromkeys(column for column, _ in pairs))
        up = list(dict.fromkeys(row for _, row in pairs))
        return Matrix(across, up, [[pairs.get((column, row)) for column in across] for row in up])

    @property
    def found(self) -> list[float]:
        return [number for row in self.numbers for number in row if number is not None]


def surface_chart(
    title: str, surface: Matrix, language: str, *, ink: str, revision: str
) -> go.Figure:
    """A slice of a loss surface from above, as a heat map with contours, on a log scale.

    A cross stands in the middle, at the trained network.

    Args:
        surface: the places along both directions, as numbers, and the losses.
    """
    figure = blank_chart(escape(title), language, ink=ink, revision=revision, height=_SURFACE)
    losses = np.array(surface.numbers, dtype=float)
    low, high = _SCALE
    figure.add_contour(
        x=[float(place) for place in surface.across],
        y=[float(place) for place in surface.up],
        z=np.log10(np.maximum(losses, low)),
        customdata=losses,
        zmin=log10(low),
        zmax=log10(high),
        colorscale=SCALE,
        contours={
            "coloring": "heatmap",
            "start": log10(low),
            "end": log10(high),
            "size": _BETWEEN,
        },
        line={"width": 1, "color": "rgba(255, 255, 255, 0.5)"},
        hovertemplate="%{x:g}, %{y:g}: %{customdata:.3g}<extra></extra>",
        colorbar={
            **_bar(_LOSS(language), ink),
            "tickvals": [log10(loss) for loss in _TICKS],
            "ticktext": [*map(str, _TICKS[:-1]), f"≥ {_TICKS[-1]}"],
        },
    )
    figure.add_scatter(  # the trained network
        x=[0],
        y=[0],
        mode="markers",
        marker={"symbol": "x", "size": 12, "color": "white"},
        showlegend=False,
        hoverinfo="skip",
    )
    across, up = (along(language) for along in _ALONG)
    figure.update_xaxes(title_text=across, title_standoff=4)
    figure.update_yaxes(title_text=up, title_standoff=4)
    return figure


def matrix_chart(
    title: str,
    matrix: Matrix,
    along: tuple[str, str, str],
    language: str,
    *,
    most: float,
    ink: str,
    revision: str,
) -> go.Figure:
    """A heat map of a matrix, the first row at the top.

    Args:
        along: names of the axes, across and up, and of the colours.
        most: has the brightest colour, so that several matrices can be compared.
    """
    height = _FRAME + _ROW * len(matrix.up)
    figure = blank_chart(escape(title), language, ink=ink, revision=revision, height=height)
    figure.add_heatmap(
        x=list(matrix.across),
        y=list(matrix.up),
        z=[list(row) for row in matrix.numbers],
        zmin=0,
        zmax=most,
        colorscale=SCALE,
        xgap=1,
        ygap=1,
        hoverongaps=False,
        hovertemplate="%{x}, %{y}: %{z:.3g}<extra></extra>",
        colorbar=_bar(along[2], ink),
    )
    figure.update_xaxes(type="category", title_text=along[0], title_standoff=4, showgrid=False)
    figure.update_xaxes(dtick=1, tickangle=0)
    figure.update_yaxes(type="category", title_text=along[1], autorange="reversed", showgrid=False)
    return figure


def bars_chart(
    title: str,
    bars: Mapping[str, Mapping[str, float]],
    along: tuple[str, str],
    language: str,
    *,
    ink: str,
    revision: str,
) -> go.Figure:
    """Bars in groups: for each name a bar an arm.

    Args:
        bars: figures by the arm's title and the bar's name.
        along: names of the axes, across and up.
    """
    figure = blank_chart(escape(title), language, ink=ink, revision=revision, height=_BARS)
    largest = max(
        (abs(value) for figures in bars.values() for value in figures.values()), default=0
    )
    decimals = 1 if largest >= _MANY else 2
    for index, (arm, figures) in enumerate(bars.items()):
        values = list(figures.values())
        figure.add_bar(
            x=list(figures),
            y=values,
            name=escape(arm),
            marker={"color": COLOURS[index % len(COLOURS)]},
            text=[f"{value:.{decimals}f}" for value in values] if len(values) <= _WRITTEN else None,
            textposition="outside",
            textfont={"size": FONT, "color": ink},
            cliponaxis=False,
            hovertemplate="%{x}: %{y:.3g}<extra></extra>",
        )
    figure.update_xaxes(type="category", title_text=along[0], title_standoff=4)
    figure.update_yaxes(title_text=along[1], title_standoff=4)
    figure.update_layout(barmode="group", margin={"t": 70}, legend={"y": 1.0})
    return figure


def _bar(title: str, ink: str) -> dict[str, object]:
    text = {"size": FONT, "color": ink}
    name = {"text": title, "font": text, "side": "right"}
    return {"title": name, "tickfont": text, "thickness": 14, "outlinewidth": 0}

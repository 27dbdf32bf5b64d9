"""Charts of a sweep: plotly figures without a theme, so that the page's colours show."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from cnnviz.knobs import Knob, Value
from cnnviz.render.training_charts import COLOURS, FONT, GREY, SCALE
from cnnviz.text import Text

_HEIGHT = 380  # px
_CELL = 34  # px, of a heat map
_TICKS = 20  # values along an axis that are all written
_LABELLED = 16  # values along an axis whose figures have room in the chart
_GRID = "rgba(128, 128, 128, 0.3)"
_REFUSED = Text("no figure", "无数值")

Number = float | None  # None: not there yet, or not to be built


class Look(NamedTuple):
    """What a chart shows of each network, and how.

    Args:
        title: of the figure.
        show: writes a number.
        ink: colour of the text; it must contrast with the page.
        is_whole: whether all numbers are whole.
    """

    title: str
    show: Callable[[Any], str]
    language: str
    ink: str
    is_whole: bool = True

    @property
    def text(self) -> dict[str, Any]:
        """The font of all texts."""
        return {"size": FONT, "color": self.ink}


class Scale(NamedTuple):
    """The values of a knob along an axis, and its title."""

    knob: Knob
    values: Sequence[Value]

    def title(self, language: str) -> str:
        return f"{self.knob.label(language)} {self.knob.symbol}".strip()

    def ticks(self, language: str) -> list[str]:
        return [self.knob.show(value)(language) for value in self.values]


def curve(
    scale: Scale, numbers: Sequence[Number], refused: Sequence[bool], look: Look
) -> go.Figure:
    """One figure of the networks over one knob; a cross stands where there is none.

    Args:
        numbers: of each value of the knob.
        refused: whether that value has no figure.
    """
    is_number = not scale.knob.choices and isinstance(scale.knob.default, int | float)
    ticks = scale.ticks(look.language)
    places: list[Any] = list(scale.values) if is_number else ticks
    shown = ["" if number is None else look.show(number) for number in numbers]
    figure = go.Figure()
    figure.add_scatter(
        x=places,
        y=list(numbers),
        mode="lines+markers" + ("+text" if len(numbers) <= _LABELLED else ""),
        text=shown,
        textposition="top center",
        textfont=look.text,
        line={"color": COLOURS[0], "width": 2.5},
        marker={"size": 9, "color": COLOURS[0]},
        hovertemplate="%{x}: %{text}<extra></extra>",
        cliponaxis=False,
    )
    crossed = [place for place, is_refused in zip(places, refused, strict=True) if is_refused]
    figure.add_scatter(
        x=crossed,
        y=[0] * len(crossed),
        mode="markers",
        marker={"symbol": "x", "size": 11, "color": COLOURS[1]},
        hovertemplate=f"%{{x}}: {_REFUSED(look.language)}<extra></extra>",
    )
    most = max((number for number in numbers if number is not None), default=1) or 1
    figure.update_yaxes(range=[-0.04 * most, 1.15 * most], **_ticks(0, most, look))
    figure.update_yaxes(title={"text": look.title, "font": look.text}, tickfont=look.text)
    _name_axes(figure, scale, look)
    if is_number and len(places) <= _TICKS:
        figure.update_xaxes(tickvals=places, ticktext=ticks)
    lay_out(figure, look.ink, _HEIGHT)
    return figure


def heat_map(
    across: Scale, up: Scale, numbers: Sequence[Sequence[Number]], look: Look
) -> go.Figure:
    """One figure of the networks over two knobs.

    Args:
        numbers: a row for each value of `up`, a number for each value of `across`.
    """
    figure = go.Figure()
    shown = [["" if number is None else look.show(number) for number in row] for row in numbers]
    there = [number for row in numbers for number in row if number is not None] or [0]
    title = {"text": look.title, "font": look.text, "side": "right"}
    figure.add_heatmap(
        x=across.ticks(look.language),
        y=up.ticks(look.language),
        z=[list(row) for row in numbers],
        text=shown,
        hovertemplate="%{x}, %{y}: %{text}<extra></extra>",
        hoverongaps=False,
        colorscale=SCALE,
        xgap=1,
        ygap=1,
        colorbar={"title": title, "tickfont": look.text, **_ticks(min(there), max(there), look)},
    )
    if len(across.values) <= _LABELLED:
        figure.update_traces(texttemplate="%{text}", textfont={"size": FONT})
    figure.update_yaxes(
        title={"text": up.title(look.language), "font": look.text}, tickfont=look.text
    )
    _name_axes(figure, across, look)
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(type="category")
    lay_out(figure, look.ink, max(_HEIGHT, _CELL * len(up.values) + 90))
    return figure


def _ticks(low: float, high: float, look: Look) -> dict[str, Any]:
    """Five ticks from low to high."""
    steps = [low + (high - low) * share for share in (0, 0.25, 0.5, 0.75, 1)]
    if look.is_whole:
        steps = list(map(round, steps))
    return {"tickvals": steps, "ticktext": [look.show(step) for step in steps]}


def _name_axes(figure: go.Figure, scale: Scale, look: Look) -> None:
    """Put a knob on the x axis."""
    figure.update_xaxes(
        title={"text": scale.title(look.language), "font": look.text}, tickfont=look.text
    )
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(gridcolor=_GRID, automargin=True, fixedrange=True)


def lay_out(figure: go.Figure, ink: str, height: int) -> None:
    """Size, font and no background, as on all pages."""
    figure.update_layout(
        height=height,
        dragmode=False,
        showlegend=False,
        margin={"l": 8, "r": 24, "t": 24, "b": 48},
        font={"size": FONT, "color": ink},
        hoverlabel={"font": {"size": FONT}},
        modebar={"bgcolor": "rgba(0, 0, 0, 0)", "color": GREY},
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
        uirevision="sweep",
    )

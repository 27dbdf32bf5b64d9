"""Chart of the networks that none beats: published error over cost."""

from collections.abc import Callable, Sequence
from math import log10, sqrt
from typing import Any, NamedTuple

import plotly.graph_objects as go

from cnnviz.render.compare_charts import decades
from cnnviz.render.sweep_charts import lay_out
from cnnviz.render.training_charts import COLOURS, FONT, GREY
from cnnviz.text import Text

_HEIGHT = 480  # px
_INSIDE = 700, 370  # px, width and height between the axes, about and at least
_LETTER, _LINE = 7.5, 16  # px, of a name, about
_GRID = "rgba(128, 128, 128, 0.3)"
_NOTHING = "rgba(0, 0, 0, 0)"
_ERROR = Text("Published top-1 error in %", "公开的 top-1 错误率（%）")


class Published(NamedTuple):
    """A network with what it costs, and its published top-1 error in %."""

    name: str
    cost: float
    top1_error: float


def front(networks: Sequence[Published]) -> list[Published]:
    """The networks that none beats in cost and error at once, the cheapest first."""
    best: list[Published] = []
    for one in sorted(networks, key=lambda each: (each.cost, each.top1_error)):
        if not best or one.top1_error < best[-1].top1_error:
            best.append(one)
    return best


def front_chart(
    networks: Sequence[Published],
    title: str,
    show: Callable[[Any], str],
    language: str,
    *,
    ink: str,
) -> go.Figure:
    """Error over cost: the front's networks are named and joined, the others hollow."""
    ahead = front(networks)
    behind = [one for one in networks if one not in ahead]
    longest = _LETTER * max(len(one.name) for one in ahead) / sqrt(2)
    across, up = (
        _with_room([*map(place, networks)], longest / inside)
        for place, inside in zip((_across, _up), _INSIDE, strict=True)
    )
    text = {"size": FONT, "color": ink}
    figure = go.Figure()
    for group, mode, marker in (
        (behind, "markers", {"size": 10, "color": _NOTHING, "line": {"width": 2, "color": GREY}}),
        (ahead, "markers+lines", {"size": 12, "color": COLOURS[0]}),
    ):
        figure.add_scatter(
            x=[one.cost for one in group],
            y=[one.top1_error for one in group],
            mode=mode,
            text=[one.name for one in group],
            customdata=[show(one.cost) for one in group],
            line={"color": COLOURS[0], "width": 2, "shape": "hv"},
            marker=marker,
            hovertemplate="%{text}: %{customdata}, %{y:.2f} %<extra></extra>",
            cliponaxis=False,
        )
    for one, shift in zip(ahead, _shifts(ahead, across, up), strict=True):
        figure.add_annotation(
            x=_across(one),
            y=_up(one),
            xshift=shift - 4,
            yshift=-shift - 4,
            text=one.name,
            font=text,
            textangle=-45,
            showarrow=False,
            xanchor="right",
            yanchor="top",
        )
    ticks = decades([one.cost for one in networks])
    figure.update_xaxes(
        type="log",
        range=across,
        tickvals=ticks,
        ticktext=[show(tick) for tick in ticks],
        title={"text": title, "font": text},
        tickfont=text,
        gridcolor=_GRID,
        automargin=True,
    )
    figure.update_yaxes(
        range=up,
        title={"text": _ERROR(language), "font": text},
        tickfont=text,
        gridcolor=_GRID,
        automargin=True,
    )
    lay_out(figure, ink, _HEIGHT)
    return figure


def _across(one: Published) -> float:
    return log10(one.cost)


def _up(one: Published) -> float:
    return one.top1_error


def _with_room(places: Sequence[float], share: float) -> list[float]:
    """The range of an axis that leaves this share of it free before the first place."""
    low, high = min(places), max(places)
    whole = (high - low or 1) / (0.96 - share)
    return [low - share * whole, high + 0.04 * whole]


def _shifts(ahead: Sequence[Published], across: list[float], up: list[float]) -> list[float]:
    """Pixels by which each name goes right and down, so that it does not lie on the one before.

    Names stand at right angles to the front, which falls, and are as far apart as their points are
    along it.
    """
    shifts: list[float] = []
    last = float("-inf")
    for one in ahead:
        right = (_across(one) - across[0]) / (across[1] - across[0]) * _INSIDE[0]
        down = (up[1] - _up(one)) / (up[1] - up[0]) * _INSIDE[1]
        along = (right + down) / sqrt(2)
        last = max(along, last + _LINE)
        shifts.append((last - along) / sqrt(2))
    return shifts

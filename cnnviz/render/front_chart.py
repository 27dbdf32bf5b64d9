"""Chart of the networks that none beats: published error over cost."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go

from cnnviz.render.compare_charts import decades
from cnnviz.render.sweep_charts import lay_out
from cnnviz.render.training_charts import COLOURS, FONT, GREY
from cnnviz.text import Text

_HEIGHT = 480  # px
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
    text = {"size": FONT, "color": ink}
    figure = go.Figure()
    for group, mode, marker in (
        (behind, "markers", {"size": 10, "color": _NOTHING, "line": {"width": 2, "color": GREY}}),
        (ahead, "markers+text+lines", {"size": 12, "color": COLOURS[0]}),
    ):
        figure.add_scatter(
            x=[one.cost for one in group],
            y=[one.top1_error for one in group],
            mode=mode,
            text=[one.name for one in group],
            customdata=[show(one.cost) for one in group],
            textposition="bottom left",
            textfont=text,
            line={"color": COLOURS[0], "width": 2, "shape": "hv"},
            marker=marker,
            hovertemplate="%{text}: %{customdata}, %{y:.2f} %<extra></extra>",
            cliponaxis=False,
        )
    ticks = decades([one.cost for one in networks])
    figure.update_xaxes(
        type="log",
        tickvals=ticks,
        ticktext=[show(tick) for tick in ticks],
        title={"text": title, "font": text},
        tickfont=text,
        gridcolor=_GRID,
    )
    figure.update_yaxes(
        title={"text": _ERROR(language), "font": text}, tickfont=text, gridcolor=_GRID
    )
    lay_out(figure, ink, _HEIGHT)
    return figure

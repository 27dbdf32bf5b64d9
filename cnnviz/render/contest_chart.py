"""Bar chart of the top-5 errors in the ILSVRC, by year."""

from collections.abc import Sequence
from typing import NamedTuple

import plotly.graph_objects as go

from cnnviz.render.training_charts import COLOURS, FONT
from cnnviz.text import Text

_BAR = 46  # px
_NOTHING = "rgba(0, 0, 0, 0)"


class Entry(NamedTuple):
    """One entry of the contest.

    Args:
        error: top-5 error in %.
        of_the_line: whether the network is on the Line page.
    """

    year: int
    name: Text
    error: float
    of_the_line: bool


def contest_chart(
    entries: Sequence[Entry], person: tuple[Text, float], language: str, *, ink: str
) -> go.Figure:
    """One bar for each entry, in the given order; hollow if it is not on the Line page.

    Args:
        person: label and top-5 error of a human, drawn as a dashed line through all bars.
    """
    text = {"size": FONT, "color": ink}
    figure = go.Figure()
    figure.add_bar(
        x=[entry.error for entry in entries],
        y=[f"{entry.year} {entry.name(language)}  <b>{entry.error:g} %</b>" for entry in entries],
        orientation="h",
        marker={
            "color": [COLOURS[0] if entry.of_the_line else _NOTHING for entry in entries],
            "line": {"width": 2, "color": COLOURS[0]},
        },
        hovertemplate="%{y}<extra></extra>",
    )
    label, level = person
    figure.add_vline(x=level, line={"color": COLOURS[1], "width": 2, "dash": "dash"})
    figure.add_annotation(
        x=level,
        y=0,
        yref="paper",
        yanchor="top",
        text=f"{label(language)}  <b>{level:g} %</b>",
        showarrow=False,
        font=text,
    )
    figure.update_xaxes(visible=False, fixedrange=True)
    figure.update_yaxes(autorange="reversed", automargin=True, tickfont=text, fixedrange=True)
    figure.update_layout(
        height=_BAR * len(entries) + 40,
        dragmode=False,
        bargap=0.35,
        margin={"l": 8, "r": 8, "t": 8, "b": 32},
        font=text,
    )
    return figure

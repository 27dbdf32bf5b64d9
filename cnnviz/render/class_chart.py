"""The answers of a class as bars, to be read from the back of a room."""

from collections.abc import Sequence

import plotly.graph_objects as go

from cnnviz.render.training_charts import COLOURS, blank_chart
from cnnviz.text import Text

_FONT, _BAR = 20, 56  # px
_LONGEST = 40  # characters of a label on one line


def answers_chart(counts: Sequence[tuple[Text, int]], language: str, *, ink: str) -> go.Figure:
    """One bar for each answer, with its count and its share of all answers."""
    total = max(1, sum(count for _, count in counts))
    labels = [_in_lines(label(language)) for label, _ in counts]
    shares = [100 * count / total for _, count in counts]
    figure = blank_chart("", language, ink=ink, revision="class", height=_BAR * len(counts) + 24)
    figure.add_bar(
        x=shares,
        y=list(range(len(counts))),
        orientation="h",
        marker={"color": COLOURS[0]},
        text=[f"{n} · {share:.0f} %" for (_, n), share in zip(counts, shares, strict=True)],
        textposition="outside",
        textfont={"size": _FONT, "color": ink},
        cliponaxis=False,
        hoverinfo="skip",
    )
    figure.update_xaxes(range=[0, 125], visible=False)
    figure.update_yaxes(
        autorange="reversed",
        tickvals=list(range(len(counts))),
        ticktext=labels,
        tickfont={"size": _FONT, "color": ink},
        showgrid=False,
    )
    figure.update_layout(margin={"t": 8, "b": 8})
    return figure


def _in_lines(text: str) -> str:
    """Break a long label; the text is a user's, and no markup."""
    escaped = [
        text[at : at + _LONGEST].replace("&", "&amp;").replace("<", "&lt;")
        for at in range(0, len(text), _LONGEST)
    ]
    return "<br>".join(escaped)

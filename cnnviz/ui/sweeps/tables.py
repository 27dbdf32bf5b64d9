"""The figures of a sweep as text and as a file."""

from collections.abc import Callable, Mapping

import pandas as pd

from cnnviz.knobs import format_value
from cnnviz.render import markdown
from cnnviz.sweeps.figures import Figures, Outcome
from cnnviz.sweeps.sweep import Point, Sweep
from cnnviz.text import Text
from cnnviz.ui.sweeps.measures import MEASURES, Measure

Outcomes = Mapping[int, Outcome]
Link = Callable[[Point, str], str]  # a text that leads to a point's network
_WAITING, _REFUSED = "◌", "▲"


def number(outcome: Outcome | None, measure: str) -> float | None:
    """A figure for a chart, the longer side of a receptive field; None if there is none."""
    if not isinstance(outcome, Figures):
        return None
    value: int | tuple[int, ...] | None = getattr(outcome, measure)
    return max(value) if isinstance(value, tuple) else value


def cell(outcome: Outcome | None, measure: Measure, name: str) -> str:
    """A figure for the eye; a sign where there is none."""
    if outcome is None:
        return _WAITING
    return measure.show(getattr(outcome, name)) if isinstance(outcome, Figures) else _REFUSED


def list_of(sweep: Sweep, outcomes: Outcomes, language: str, link: Link) -> str:
    """One row for each value of a single knob, with every figure."""
    (axis,) = sweep.axes
    head = [_title(sweep, 0, language), *(one.label(language) for one in MEASURES.values())]
    rows = []
    for place, point in enumerate(sweep.points):
        value = link(point, axis.knob.show(point.values[0])(language))
        outcome = outcomes.get(place)
        rows.append([value, *(cell(outcome, one, name) for name, one in MEASURES.items())])
    return markdown.table(head, rows, numbers=len(MEASURES))


def grid_of(sweep: Sweep, outcomes: Outcomes, name: str, language: str, link: Link) -> str:
    """One figure of the networks of two knobs: a column a value of the first, a row the second."""
    across, down = sweep.axes
    corner = f"{_title(sweep, 1, language)} ＼ {_title(sweep, 0, language)}"
    head = [corner, *(f"**{across.knob.show(value)(language)}**" for value in across.values)]
    rows = []
    for row, value in enumerate(down.values):
        cells = []
        for column in range(len(across.values)):
            place = column * len(down.values) + row
            shown = cell(outcomes.get(place), MEASURES[name], name)
            cells.append(link(sweep.points[place], shown))
        rows.append([f"**{down.knob.show(value)(language)}**", *cells])
    return markdown.table(head, rows, numbers=len(across.values))


def _title(sweep: Sweep, number: int, language: str) -> str:
    knob = sweep.axes[number].knob
    return f"{knob.label(language)} {knob.symbol}".strip()


def refusals(sweep: Sweep, outcomes: Outcomes) -> list[Text]:
    """A sentence for each network that there is not."""
    found = []
    for place, point in enumerate(sweep.points):
        outcome = outcomes.get(place)
        if outcome is None or isinstance(outcome, Figures):
            continue
        why = outcome
        if point.refused:
            why = Text(
                " ".join(one.shown.en for one in point.refused),
                "".join(one.shown.zh for one in point.refused),
            )
        marks = [
            axis.knob.mark(value) for axis, value in zip(sweep.axes, point.values, strict=True)
        ]
        found.append(
            Text(
                f"{', '.join(mark.en for mark in marks)}: {why.en}",
                f"{'，'.join(mark.zh for mark in marks)}：{why.zh}",
            )
        )
    return found


def frame(sweep: Sweep, outcomes: Outcomes) -> pd.DataFrame:
    """One row for each network, plain numbers for a file."""
    rows = []
    for place, point in enumerate(sweep.points):
        outcome = outcomes.get(place)
        figures = outcome._asdict() if isinstance(outcome, Figures) else {}
        knobs = zip(sweep.names, map(format_value, point.values), strict=True)
        refused = outcome.en if isinstance(outcome, Text) else ""
        rows.append(
            {**dict(knobs), **dict.fromkeys(Figures._fields), **figures, "refused": refused}
        )
    return pd.DataFrame(rows, dtype=object)

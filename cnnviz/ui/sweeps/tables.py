"""The figures of a sweep as text and as a file."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from cnnviz.knobs import format_value
from cnnviz.render import markdown
from cnnviz.sweeps.figures import Figures, Outcome
from cnnviz.sweeps.sweep import Point, Sweep
from cnnviz.text import Text
from cnnviz.ui.sweeps.measures import ALL, Measure

Outcomes = Mapping[int, Outcome]
Values = Mapping[int, Any]  # of one measure by position; a Text where there is none, and why
Columns = Mapping[str, Values]  # by the measure's name
Link = Callable[[Point, str], str]  # a text that leads to a point's network
_WAITING, _REFUSED = "◌", "▲"


def columns(outcomes: Outcomes) -> Columns:
    """Every figure of the outcomes."""
    return {
        name: {
            place: getattr(outcome, name) if isinstance(outcome, Figures) else outcome
            for place, outcome in outcomes.items()
        }
        for name in Figures._fields
    }


def number(values: Values, place: int) -> float | None:
    """A figure for a chart, the longer side of a receptive field; None if there is none."""
    value: float | tuple[int, ...] | Text | None = values.get(place)
    if value is None or isinstance(value, Text):
        return None
    return float(max(value)) if isinstance(value, tuple) else value


def cell(values: Values, place: int, measure: Measure) -> str:
    """A figure for the eye; a sign where there is none."""
    if place not in values:
        return _WAITING
    return _REFUSED if isinstance(values[place], Text) else measure.show(values[place])


def list_of(sweep: Sweep, columns: Columns, language: str, link: Link) -> str:
    """One row for each value of a single knob, with every figure."""
    (axis,) = sweep.axes
    head = [_title(sweep, 0, language), *(ALL[name].label(language) for name in columns)]
    rows = []
    for place, point in enumerate(sweep.points):
        value = link(point, axis.knob.show(point.values[0])(language))
        cells = (cell(values, place, ALL[name]) for name, values in columns.items())
        rows.append([value, *cells])
    return markdown.table(head, rows, numbers=len(columns))


def grid_of(sweep: Sweep, values: Values, measure: Measure, language: str, link: Link) -> str:
    """One figure of the networks of two knobs: a column a value of the first, a row the second."""
    across, down = sweep.axes
    corner = f"{_title(sweep, 1, language)} ＼ {_title(sweep, 0, language)}"
    head = [corner, *(f"**{across.knob.show(value)(language)}**" for value in across.values)]
    rows = []
    for row, value in enumerate(down.values):
        cells = []
        for column in range(len(across.values)):
            place = column * len(down.values) + row
            cells.append(link(sweep.points[place], cell(values, place, measure)))
        rows.append([f"**{down.knob.show(value)(language)}**", *cells])
    return markdown.table(head, rows, numbers=len(across.values))


def _title(sweep: Sweep, number: int, language: str) -> str:
    knob = sweep.axes[number].knob
    return f"{knob.label(language)} {knob.symbol}".strip()


def refusals(sweep: Sweep, values: Values) -> list[Text]:
    """A sentence for each network that has no figure."""
    found = []
    for place, point in enumerate(sweep.points):
        why = values.get(place)
        if not isinstance(why, Text):
            continue
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


def frame(sweep: Sweep, columns: Columns) -> pd.DataFrame:
    """One row for each network, plain numbers for a file."""
    rows = []
    for place, point in enumerate(sweep.points):
        knobs = zip(sweep.names, map(format_value, point.values), strict=True)
        found = {name: values.get(place) for name, values in columns.items()}
        figures = {
            name: None if isinstance(value, Text) else value for name, value in found.items()
        }
        why = dict.fromkeys(value.en for value in found.values() if isinstance(value, Text))
        rows.append({**dict(knobs), **figures, "refused": " ".join(why)})
    return pd.DataFrame(rows, dtype=object)

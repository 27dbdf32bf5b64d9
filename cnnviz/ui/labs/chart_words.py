"""A lab's chart for those who cannot see it: its axes, and the course of each line in numbers."""

from math import isfinite

from cnnviz.labs.parts import Chart, Line, word
from cnnviz.numbers import few_digits
from cnnviz.ui.kit.words import say, t

_MOST_BARS = 12  # of a series whose values are all said


def chart_words(chart: Chart) -> str:
    """A sentence about the axes, and one for each series that has values."""
    axes = t("labs.chart", title=say(chart.title), up=say(chart.up), across=say(chart.across))
    tell = _bars if chart.bars else _course
    return " ".join([axes, *(tell(line) for line in chart.lines if line.x)])


def _bars(line: Line) -> str:
    if len(line.x) > _MOST_BARS:
        return _course(line)
    values = [f"{_number(x)}: {_number(y)}" for x, y in zip(line.x, line.y, strict=True)]
    return t("labs.chart_bars", name=word(line.name, say), values="; ".join(values))


def _course(line: Line) -> str:
    """From where to where a line goes, and between which values."""
    finite = [y for y in line.y if isfinite(y)] or [line.y[0]]
    return t(
        "labs.chart_line",
        name=word(line.name, say),
        start=_number(line.x[0]),
        first=_number(line.y[0]),
        end=_number(line.x[-1]),
        last=_number(line.y[-1]),
        least=_number(min(finite)),
        most=_number(max(finite)),
    )


def _number(value: float) -> str:
    return few_digits(float(f"{value:.3g}"))

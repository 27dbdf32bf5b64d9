"""Knobs: what can be turned on an architecture, declared once.

Widgets, checks and their messages, the share link, the documentation and the test sweep all read
the same declaration.
"""

import dataclasses
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite, isnan
from numbers import Integral, Real
from typing import Any

from cnnviz.text import Text, joined

Value = bool | int | float | str | tuple[int, ...]

_WHOLE = re.compile(r"-?[0-9]{1,40}", re.ASCII)
_DECIMAL = re.compile(r"-?([0-9]{1,40}|(?=\.))(\.[0-9]{1,40})?", re.ASCII)  # 1, 0.5, .5


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a setting: which knob, and a sentence that says the way out.

    Args:
        message: with the names of knobs and choices that the library and the command line take.
        shown: with the names that the pages show.
    """

    knob: str
    message: Text
    shown: Text

    @classmethod
    def of(cls, knob: str, message: Text, **values: object) -> "Problem":
        """The problem of a sentence that names no knobs or choices, its placeholders filled."""
        filled = message.format(**values)
        return cls(knob, filled, filled)


class SpecError(ValueError):
    """A setting that cannot be built; `problems` holds all of its faults, never only the first."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.message.en for problem in problems))


@dataclass(frozen=True)
class Earlier:
    """An earlier form of a knob, and how to read it now.

    A knob `width` that was called `k` until version 2, and whose 64 means 48 since version 3, is
    declared with `earlier=(Earlier(2, name="k"), Earlier(3, value={64: 48}.get))`, oldest first.

    Args:
        before: the first version of `cnnviz.settings.VERSION` for which this no longer holds.
        name: as it was called then; "" for as it is called now.
        value: maps an earlier value to today's, or to None if it is unchanged.
    """

    before: int
    name: str = ""
    value: Callable[[Any], Value | None] | None = None


@dataclass(frozen=True, kw_only=True)
class Knob:
    """The declaration of one knob; its type is the type of its default.

    Args:
        smaller: whether a lower value makes a smaller relative of the same design, fit for a short
            training; what is not so marked is the point of the design, and stays.
        earlier: what it was before, so that what was written then can be read.
    """

    name: str
    default: Value
    label: Text
    help: Text
    group: Text
    term: str
    symbol: str = ""
    bounds: tuple[float, float] = (0, 0)
    step: float = 1
    lengths: tuple[int, int] = (1, 1)
    choices: tuple[Value, ...] = ()
    choice_labels: tuple[Text, ...] = ()
    slider: bool = False
    smaller: bool = False
    earlier: tuple[Earlier, ...] = ()

    def called(self, version: int) -> str:
        """Return the knob's name in links and files of a version."""
        names = (one.name for one in self.earlier if version < one.before and one.name)
        return next(names, self.name)

    def now(self, value: object, version: int) -> object:
        """Return today's form of a value written by an earlier version."""
        for one in self.earlier:
            if one.value and version < one.before and (changed := one.value(value)) is not None:
                value = changed
        return value

    @property
    def extremes(self) -> tuple[Value, ...]:
        """The values at the ends of the knob's range, or all of its choices."""
        if self.choices:
            return self.choices
        if isinstance(self.default, tuple):
            (low, high), (shortest, longest) = self.bounds, self.lengths
            ends = ((low, shortest), (high, shortest), (low, longest))
            return tuple(dict.fromkeys((int(end),) * length for end, length in ends))
        return tuple(type(self.default)(bound) for bound in self.bounds)

    @property
    def rule(self) -> Text:
        """Accepted values as the end of a sentence, choices as they are typed."""
        return self._rule(format_value)

    def _rule(self, name: Callable[[Value], Text | str]) -> Text:
        low, high = self.bounds
        if self.choices:
            options = joined(map(name, self.choices))
            return Text(f"one of {options.en}", f"{options.zh} 之一")
        if isinstance(self.default, tuple):
            shortest, longest = self.lengths
            example = format_value(self.default)
            count = Text(f"{shortest} to {longest}", f"{shortest} 到 {longest}")
            if shortest == longest:
                count = Text(f"{shortest}", f"{shortest}")
            return Text(
                f"{count.en} whole numbers from {low} to {high} joined by '-', such as {example}",
                f"{count.zh} 个 {low} 到 {high} 的整数，用“-”连接，例如 {example}",
            )
        if isinstance(self.default, float):
            return Text(f"a number from {low} to {high}", f"{low} 到 {high} 之间的数")
        return Text(f"a whole number from {low} to {high}", f"{low} 到 {high} 之间的整数")

    def problem(self, value: object, remedy: Text = Text("", "")) -> Problem:
        """The sentence for a value that this knob refuses."""
        given = Text("empty", "空") if value is None else _excerpt(value)
        message = Text(
            "{name} is {given}; it must be {rule}.{remedy}",
            "{name}为 {given}；应为：{rule}。{remedy}",
        )
        return Problem(
            self.name,
            message.format(name=self.name, given=given, rule=self.rule, remedy=remedy),
            message.format(name=self.label, given=given, rule=self._rule(self.show), remedy=remedy),
        )

    def show(self, value: Value) -> Text:
        """A value for the eye: the label of a choice, else as it is written."""
        if self.choice_labels:
            return self.choice_labels[self.choices.index(value)]
        return Text(format_value(value), format_value(value))

    def mark(self, value: Value) -> Text:
        """The knob at a value, such as "growth rate k = 12"."""
        symbol = f" {self.symbol}" if self.symbol else ""
        shown = zip(self.label, self.show(value), strict=True)
        return Text(*(f"{label}{symbol} = {value}" for label, value in shown))

    def accept(self, value: Any) -> Value:
        """The value in its canonical type.

        Raises:
            SpecError: the value is of a wrong type or outside the knob's range.
        """
        kind = type(self.default)
        if kind is tuple and isinstance(value, tuple | list):
            numbers = tuple(value)
            if self.lengths[0] <= len(numbers) <= self.lengths[1] and all(
                self._in_range(number, Integral) for number in numbers
            ):
                return tuple(map(int, numbers))
        elif self.choices:
            for choice in self.choices:
                if type(choice) is type(value) and choice == value:
                    return choice
        elif kind is float and self._in_range(value, Real):
            return float(value)
        elif kind is int and self._in_range(value, Integral):
            return int(value)
        raise SpecError([self.problem(value, self._nearest(value))])

    def parse(self, text: str) -> Value:
        """The value written as `text`, the inverse of `format_value`.

        Raises:
            SpecError: the text is no value of this knob.
        """
        return self.accept(self.typed(text))

    def typed(self, text: str) -> Value:
        """Read `text` in the knob's type if it has that form; the range is not checked."""
        text = text.strip()
        kind = type(self.default)
        for choice in self.choices:
            if format_value(choice) == text:
                return choice
        if kind is tuple and all(map(_WHOLE.fullmatch, text.split("-"))):
            return tuple(map(int, text.split("-")))
        if kind is float and _DECIMAL.fullmatch(text):
            return float(text)
        if kind is int and not self.choices and _WHOLE.fullmatch(text):
            return int(text)
        return text

    def _in_range(self, value: Any, kind: Any) -> bool:
        return (
            isinstance(value, kind)
            and not isinstance(value, bool)
            and self.bounds[0] <= value <= self.bounds[1]
        )

    def _nearest(self, value: Any) -> Text:
        """The way out for a number that is merely too large or too small."""
        kinds = {int: Integral, float: Real}.get(type(self.default), ())
        is_number = isinstance(value, kinds) and not isinstance(value, bool)
        if self.choices or not is_number or (isinstance(value, float) and isnan(value)):
            return Text("", "")
        bound = _excerpt(self.bounds[value > self.bounds[0]])
        return Text(f" The nearest is {bound}.", f"最接近的是 {bound}。")


@dataclass(frozen=True)
class Reference:
    """A knob in a message: {order} is its name there, and {order:original} that of a choice.

    Args:
        language: whose labels are the names; None for the names that are typed.
    """

    knob: Knob
    language: str | None

    def __format__(self, choice: str) -> str:
        if self.language is None:
            return choice or self.knob.name
        text = self.knob.show(self.knob.parse(choice)) if choice else self.knob.label
        return text(self.language)


def _excerpt(value: object) -> str:
    """A refused value in at most 60 characters."""
    try:
        text = repr(value) if isinstance(value, str) else format_value(value)
    except ValueError:  # Python writes integers of at most 4,300 digits
        return "…"
    text = text.removesuffix(".0")  # in a sentence 1000000000 is easier to read
    return text if len(text) <= 60 else text[:57] + "…"


def format_value(value: object) -> str:
    """A knob's value as it is written in an address and on the command line: 6-12-24-16, true."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    if isinstance(value, float) and isfinite(value):
        return f"{Decimal(repr(value)):f}"  # 0.00005, never 5e-05
    return str(value)


def knob(default: Value, label: Text, help: Text, **settings: Any) -> Any:
    """Declare a knob as a field of a `Spec`; `settings` are the other fields of `Knob`."""
    if isinstance(default, bool):
        settings |= {
            "choices": (False, True),
            "choice_labels": (Text("off", "关"), Text("on", "开")),
        }
    return dataclasses.field(default=default, metadata={"label": label, "help": help, **settings})

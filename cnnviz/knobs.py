"""Knobs: what can be turned on an architecture, declared once.

A family is a frozen dataclass of knobs (a `Spec`). Widgets, checks and their messages, the share
link, the cache key, the documentation and the test sweep all read the same declaration.
"""

import dataclasses
import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
from typing import Any, ClassVar, Self

from cnnviz.text import Text

Value = bool | int | float | str | tuple[int, ...]

_WHOLE = re.compile(r"-?[0-9]{1,40}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", re.ASCII)
_SWITCH = {"true": True, "false": False}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a setting: which knob, and a sentence that says the way out."""

    knob: str
    message: Text


class SpecError(ValueError):
    """A setting that cannot be built; `problems` holds all of its faults, never only the first."""

    def __init__(self, problems: list[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.message.en for problem in problems))


@dataclass(frozen=True, kw_only=True)
class Knob:
    """The declaration of one knob; its type is the type of its default."""

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
    slider: bool = False

    @property
    def extremes(self) -> tuple[Value, ...]:
        """The values at the ends of the knob's range, or all of its choices."""
        if self.choices:
            return self.choices
        if isinstance(self.default, tuple):
            return (self.bounds[:1] * self.lengths[0], self.bounds[1:] * self.lengths[0])
        return tuple(type(self.default)(bound) for bound in self.bounds)

    @property
    def rule(self) -> Text:
        """What the knob accepts, as the end of a sentence."""
        low, high = self.bounds
        if self.choices:
            options = ", ".join(map(format_value, self.choices))
            return Text(f"one of {options}", f"以下之一：{options}")
        if isinstance(self.default, tuple):
            shortest, longest = self.lengths
            example = format_value(self.default)
            return Text(
                f"{shortest} to {longest} whole numbers from {low} to {high} joined by '-', "
                f"such as {example}",
                f"{shortest} 到 {longest} 个 {low} 到 {high} 的整数，用“-”连接，例如 {example}",
            )
        if isinstance(self.default, float):
            return Text(f"a number from {low} to {high}", f"{low} 到 {high} 之间的数")
        return Text(f"a whole number from {low} to {high}", f"{low} 到 {high} 之间的整数")

    def problem(self, value: object, remedy: Text = Text("", "")) -> Problem:
        """The sentence for a value that this knob refuses."""
        shown = repr(value) if isinstance(value, str) else format_value(value)
        shown = shown if len(shown) <= 60 else shown[:57] + "…"
        message = Text(
            "{name} is {shown}; it must be {rule}.{remedy}", "{name} 为 {shown}；应为{rule}。{remedy}"
        )
        return Problem(
            self.name, message.format(name=self.name, shown=shown, rule=self.rule, remedy=remedy)
        )

    def accept(self, value: object) -> Value:
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
        text = text.strip()
        kind = type(self.default)
        for choice in self.choices:
            if format_value(choice) == text:
                return choice
        if kind is tuple and all(map(_WHOLE.fullmatch, text.split("-"))):
            return self.accept(tuple(map(int, text.split("-"))))
        if kind is float and _DECIMAL.fullmatch(text):
            return self.accept(float(text))
        if kind is int and not self.choices and _WHOLE.fullmatch(text):
            return self.accept(int(text))
        raise SpecError([self.problem(text)])

    def _in_range(self, value: object, kind: type) -> bool:
        return (
            isinstance(value, kind)
            and not isinstance(value, bool)
            and math.isfinite(value)
            and self.bounds[0] <= value <= self.bounds[1]
        )

    def _nearest(self, value: object) -> Text:
        """The way out for a number that is merely too large or too small."""
        if self.choices or isinstance(value, bool) or not isinstance(value, Real) or value != value:
            return Text("", "")
        bound = type(self.default)(self.bounds[value > self.bounds[0]])
        if isinstance(self.default, int) and not isinstance(value, Integral):
            return Text("", "")
        return Text(f" The nearest is {bound}.", f"最接近的是 {bound}。")


def format_value(value: object) -> str:
    """A knob's value as it is written in an address and on the command line: 6-12-24-16, true."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "-".join(map(str, value))
    return str(value)


def knob(default: Value, label: Text, help: Text, **settings: Any) -> Any:
    """Declare a knob as a field of a `Spec`; `settings` are the other fields of `Knob`."""
    if isinstance(default, bool):
        settings["choices"] = (False, True)
    return dataclasses.field(default=default, metadata={"label": label, "help": help, **settings})


INPUT = Text("Input and output", "输入与输出")


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One full setting of an architecture: frozen, hashable, checked when it is made.

    Raises:
        SpecError: with every problem of every knob, and then every conflict between knobs.
    """

    family: ClassVar[str]

    image_size: int = knob(
        224,
        Text("image size", "图像边长"),
        Text(
            "Height and width of the input in pixels. Larger images cost more operations; the "
            "convolutions keep their parameters.",
            "输入图像的高和宽（像素）。图像越大，运算量越大；卷积层的参数量不变。",
        ),
        group=INPUT,
        term="shape",
        symbol="H = W",
        bounds=(1, 1024),
    )
    in_channels: int = knob(
        3,
        Text("input channels", "输入通道数"),
        Text(
            "Channels of the image: 1 for grey, 3 for colour.",
            "图像的通道数：灰度图为 1，彩色图为 3。",
        ),
        group=INPUT,
        term="channels",
        symbol="C",
        bounds=(1, 64),
    )
    num_classes: int = knob(
        1000,
        Text("classes", "类别数"),
        Text(
            "How many classes the head tells apart, one output each.",
            "分类头要区分的类别数，每类一个输出。",
        ),
        group=INPUT,
        term="head",
        bounds=(1, 100_000),
    )

    def __post_init__(self):
        problems = []
        for declared in self.knobs():
            try:
                value = declared.accept(getattr(self, declared.name))
                object.__setattr__(self, declared.name, value)
            except SpecError as error:
                problems += error.problems
        problems = problems or self.conflicts()
        if problems:
            raise SpecError(problems)

    @classmethod
    @cache
    def knobs(cls) -> tuple[Knob, ...]:
        """The knobs of this family, its own before those that all families share."""
        shared = {field.name: field.metadata for field in dataclasses.fields(Spec)}
        fields = sorted(dataclasses.fields(cls), key=lambda field: field.name in shared)
        return tuple(
            Knob(name=field.name, default=field.default, **(field.metadata or shared[field.name]))
            for field in fields
        )

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> Self:
        """Make a spec from a mapping, unknown names being problems too."""
        names = [declared.name for declared in cls.knobs()]
        unknown = [name for name in values if name not in names]
        if unknown:
            raise SpecError([_unknown_knob(cls.family, name, names) for name in unknown])
        return cls(**values)

    @property
    def values(self) -> dict[str, Value]:
        """Every knob's value by name."""
        return {declared.name: getattr(self, declared.name) for declared in self.knobs()}

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """The shape (N, C, H, W) of one image."""
        return (1, self.in_channels, self.image_size, self.image_size)

    def conflicts(self) -> list[Problem]:
        """The problems of knobs that are fine alone and not together."""
        return []

    def build(self):
        """A new `torch.nn.Module` of this architecture: (N, C, H, W) -> (N, classes)."""
        raise NotImplementedError

    def image_conflict(self, fits) -> list[Problem]:
        """The problem of an image that is used up before the last layer.

        Args:
            fits: whether an image of the given size (px) leaves at least one pixel everywhere.
        """
        if fits(self.image_size):
            return []
        smallest = next((size for size in range(1, 4097) if fits(size)), None)
        message = Text(
            "image_size is {size} px; this network halves it until nothing is left and needs "
            "at least {smallest} px.",
            "image_size 为 {size} 像素；该网络逐级减半后没有像素剩下，至少需要 {smallest} 像素。",
        )
        return [Problem("image_size", message.format(size=self.image_size, smallest=smallest))]


def _unknown_knob(family: str, name: str, names: list[str]) -> Problem:
    close = difflib.get_close_matches(name, names) or names
    message = Text(
        "{name} is not a knob of {family}; the nearest are {close}.",
        "{family} 没有名为 {name} 的超参数；最接近的有 {close}。",
    )
    return Problem(name, message.format(name=name, family=family, close=", ".join(close)))


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A published setting, with the numbers that it must come to.

    Args:
        params: trainable elements.
        macs: multiply-accumulates of one image; None where the source has none.
        source: where the architecture is described.
    """

    name: str
    spec: Spec
    params: int
    macs: int | None
    source: str


@dataclass(frozen=True, kw_only=True)
class Family:
    """A family of architectures: one spec class and its presets, the default one first."""

    title: str
    spec: type[Spec]
    presets: tuple[Preset, ...]

    @property
    def name(self) -> str:
        return self.spec.family

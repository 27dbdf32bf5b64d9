"""Families of architectures: a frozen dataclass of knobs each, and the presets it is known by."""

import dataclasses
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Self

from cnnviz.knobs import Knob, Problem, SpecError, Value, knob
from cnnviz.text import Text

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
            "How many classes the head tells apart, one output per class.",
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
    def knob(cls, name: str) -> Knob:
        """The declaration of one knob."""
        return next(declared for declared in cls.knobs() if declared.name == name)

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> Self:
        """Make a spec from a mapping, unknown names being problems too."""
        names = [declared.name for declared in cls.knobs()]
        unknown = [name for name in values if name not in names]
        if unknown:
            raise SpecError([_unknown_knob(cls.family, name, names) for name in unknown])
        return cls(**values)

    def turn(self, **knobs: object) -> Self:
        """This spec with some knobs at other values."""
        return self.from_values({**self.values, **knobs})

    def differences(self, start: Self) -> dict[str, Value]:
        """The knobs that are not as in `start`, with their values here."""
        before = start.values
        return {name: value for name, value in self.values.items() if value != before[name]}

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

    def image_conflict(self, fits: Callable[[int], bool], remedy: Text) -> list[Problem]:
        """The problem of an image that is used up before the last layer.

        Args:
            fits: whether an image of the given size (px) leaves at least one pixel everywhere.
            remedy: what else than a larger image helps.
        """
        if fits(self.image_size):
            return []
        largest = self.knob("image_size").bounds[1]
        smallest = next((size for size in range(1, largest + 1) if fits(size)), None)
        need = Text("at least {smallest} px", "至少 {smallest} 像素").format(smallest=smallest)
        if smallest is None:
            need = Text("more than {largest} px", "超过 {largest} 像素").format(largest=largest)
        message = Text(
            "image_size is {size} px; the network halves it until nothing is left and needs "
            "{need}. {remedy}",
            "image_size 为 {size} 像素；网络逐级减半后没有像素剩下，需要{need}。{remedy}",
        )
        values = {"size": self.image_size, "need": need, "remedy": remedy}
        return [Problem("image_size", message.format(**values))]

    def total_conflict(self, name: str, most: int) -> list[Problem]:
        """The problem of a tuple whose numbers add up to more than `most`."""
        total = sum(getattr(self, name))
        if total <= most:
            return []
        message = Text(
            "{name} adds up to {total}; it must be at most {most} in all. Take {over} away.",
            "{name} 合计 {total}；总数最多 {most}，请减少 {over}。",
        )
        filled = message.format(name=name, total=total, most=most, over=total - most)
        return [Problem(name, filled)]


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

"""Printed numbers, and whether a built value rounds to them or is cut to them."""

import re
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import cast

from cnnviz.analysis.ops import Shape

_NUMBER = re.compile(
    r"([<>]?)((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)(K|M|G|B|%|×10[⁰¹²³⁴⁵⁶⁷⁸⁹]+|)", re.ASCII
)
_SHAPE = re.compile(r"(?:(\d+) × \()?(\d+(?:×\d+)*)\)?", re.ASCII)
_LAYER = r"(?:conv\d+-\d+|FC-\d+|LRN|maxpool|soft-max)"
_LAYERS = re.compile(rf"{_LAYER}(?: {_LAYER})*", re.ASCII)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_UNITS = {
    "": Fraction(1),
    "M": Fraction(10**6),
    **dict.fromkeys("GB", Fraction(10**9)),
    "%": Fraction(1, 100),
}


class Verdict(Enum):
    """How a built value stands to the printed one; ABSENT if there is nothing to compare."""

    EXACT = "exact"
    ROUNDED = "rounded"
    CUT = "cut"
    DIFFERENT = "different"
    ABSENT = "absent"

    @property
    def agrees(self) -> bool:
        return self in (Verdict.EXACT, Verdict.ROUNDED, Verdict.CUT)


@dataclass(frozen=True)
class PrintedNumber:
    """A number with its unit, such as "2.7K", "34M", "0.39B", "3.8×10⁹", "55.6%", "60,965,128".

    Args:
        value: what it says.
        step: worth of its last digit: 0.1K in 2.7K.
        unit: worth of 1 in its unit.
        places: digits after the point.
        bound: "<" in "<10", said of a number that has not quite reached 10; ">" in ">0".
    """

    text: str
    value: Fraction
    step: Fraction
    unit: Fraction
    places: int
    bound: str = ""

    @property
    def rounded(self) -> tuple[Fraction, Fraction]:
        """The numbers that round to it: from the first, the second not included."""
        return self.value - self.step / 2, self.value + self.step / 2

    @property
    def cut(self) -> tuple[Fraction, Fraction]:
        """The numbers that are cut to it, digits beyond its last being left out."""
        return self.value, self.value + self.step

    def verdict(self, built: int | Fraction) -> Verdict:
        """ROUNDED where both rounding and cutting give the number."""
        if self.bound == "<":
            near = self.value - self.step <= built < self.value
            return Verdict.ROUNDED if near else Verdict.DIFFERENT
        if self.bound == ">":
            return Verdict.EXACT if built > self.value else Verdict.DIFFERENT
        if built == self.value:
            return Verdict.EXACT
        if self.rounded[0] <= built < self.rounded[1]:
            return Verdict.ROUNDED
        if self.cut[0] <= built < self.cut[1]:
            return Verdict.CUT
        return Verdict.DIFFERENT

    def show(self, built: int | Fraction) -> str:
        """A built value in this number's unit with a digit more: 379.6K beside 380K."""
        if self.unit == 1 and isinstance(built, int):
            return f"{built:,}" if "," in self.text or built >= 10_000 else str(built)
        suffix = cast(re.Match[str], _NUMBER.fullmatch(self.text))[3]
        return f"{float(built / self.unit):,.{self.places + 1}f}{suffix}"


@dataclass(frozen=True)
class PrintedShape:
    """A size H×W, H×W×C or F, such as "112×112" or, of two groups, "2 × (27×27×48)"."""

    text: str
    sizes: tuple[int, ...]
    groups: int = 1

    def verdict(self, built: Shape) -> Verdict:
        """How the shape (N, C, H, W) or (N, F) stands to it."""
        return Verdict.EXACT if self.show(built) == self.text else Verdict.DIFFERENT

    def show(self, built: Shape) -> str:
        """A built shape in the form of this one."""
        channels, *space = built[1:]
        if len(self.sizes) == 1 and not space:
            return str(channels)
        space = space or [1, 1]
        if len(self.sizes) == 2:
            return "×".join(map(str, space))
        if channels % self.groups:
            return "×".join(map(str, (*space, channels)))
        one = "×".join(map(str, (*space, channels // self.groups)))
        return one if self.groups == 1 else f"{self.groups} × ({one})"


@dataclass(frozen=True)
class PrintedLayers:
    """Layers of a part, such as "conv3-256 conv3-256 conv1-256"; compared word for word."""

    text: str
    unit: int = 1

    def verdict(self, built: str) -> Verdict:
        return Verdict.EXACT if built == self.text else Verdict.DIFFERENT

    def show(self, built: str) -> str:
        return built


def parse_number(text: str, *, kilo: int = 1000) -> PrintedNumber:
    """A number as it is printed; some sources mean 1,024 by K."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no printed number")
    bound, digits, suffix = match.groups()
    if suffix == "K":
        unit = Fraction(kilo)
    elif suffix in _UNITS:
        unit = _UNITS[suffix]
    else:
        unit = Fraction(10 ** int(suffix.removeprefix("×10").translate(_SUPERSCRIPTS)))
    digits = digits.replace(",", "")
    places = len(digits.partition(".")[2])
    return PrintedNumber(
        text=text,
        value=Fraction(digits) * unit,
        step=unit / 10**places,
        unit=unit,
        places=places,
        bound=bound,
    )


def parse_layers(text: str) -> PrintedLayers:
    """Layers as they are printed: kind, kernel and channels; LRN, a pooling or softmax."""
    if not re.fullmatch(_LAYERS, text):
        raise ValueError(f"{text!r} are no printed layers")
    return PrintedLayers(text)


def parse_shape(text: str) -> PrintedShape:
    """A size as it is printed."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no printed size")
    sizes = tuple(map(int, match[2].split("×")))
    return PrintedShape(text, sizes, int(match[1] or 1))

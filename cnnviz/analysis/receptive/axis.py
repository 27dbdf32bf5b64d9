"""Which input pixels the units of a map see along one axis, and how an op changes that.

Everything is exact and nothing is clipped: padding makes the pixels reach outside of the image.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import floor, gcd, inf, lcm


@dataclass(frozen=True, slots=True)
class Axis:
    """From which pixel to which the units along one axis see; the pixels are counted from 0.

    Unit 0 sees `lows[0]` to `highs[0]`, unit 1 the same `step` pixels further. Behind uneven
    pooling or a transposed convolution units differ: then there are as many lows and highs as units
    until the pattern repeats, `step` pixels further. A unit that sees nothing goes from inf to
    -inf.
    """

    lows: tuple[float, ...]
    highs: tuple[float, ...]
    step: int

    @property
    def size(self) -> int:
        """Pixels that a unit sees; of different ones, the most."""
        pairs = zip(self.lows, self.highs, strict=True)
        return int(max(0, *(high - low + 1 for low, high in pairs)))

    @property
    def jump(self) -> int | float:
        """Pixels from one unit to the next; of different ones, the mean."""
        whole, rest = divmod(self.step, len(self.lows))
        return self.step / len(self.lows) if rest else whole

    def interval(self, unit: int) -> tuple[float, float]:
        """The first and the last pixel that a unit sees."""
        turns, phase = divmod(unit, len(self.lows))
        return self.lows[phase] + turns * self.step, self.highs[phase] + turns * self.step

    def read(self, taps: Callable[[int], Iterable[int]], *, units: int = 1, by: int = 1) -> "Axis":
        """The axis behind an op whose output unit reads the units `taps(output)` of this one.

        Args:
            units, by: the output so many units further reads what is `by` units further.
        """
        turns = len(self.lows) // gcd(len(self.lows), by)
        seen = [[self.interval(unit) for unit in taps(out)] for out in range(turns * units)]
        return _axis(
            tuple(min((low for low, _ in pixels), default=inf) for pixels in seen),
            tuple(max((high for _, high in pixels), default=-inf) for pixels in seen),
            self.step * turns * by // len(self.lows),
        )

    def joined(self, other: "Axis") -> "Axis | None":
        """The least axis that holds both, unit by unit; None where their steps differ."""
        period = lcm(len(self.lows), len(other.lows))
        step = self.step * (period // len(self.lows))
        if step != other.step * (period // len(other.lows)):
            return None
        pairs = [(self.interval(unit), other.interval(unit)) for unit in range(period)]
        lows = tuple(min(one[0], two[0]) for one, two in pairs)
        return _axis(lows, tuple(max(one[1], two[1]) for one, two in pairs), step)


PIXELS = Axis((0,), (0,), 1)  # of the image itself


def _axis(lows: tuple[float, ...], highs: tuple[float, ...], step: int) -> Axis:
    """With one low and high where the units do not differ."""
    count = len(lows)
    if step % count == 0:
        for values in (lows, highs):
            if any(value != values[0] + unit * step // count for unit, value in enumerate(values)):
                return Axis(lows, highs, step)
        return Axis(lows[:1], highs[:1], step // count)
    return Axis(lows, highs, step)


def window(axis: Axis, kernel: int, stride: int, before: int, dilation: int) -> Axis:
    """Behind a convolution or pooling with `before` padded units."""
    if len(axis.lows) == 1:  # all units are alike: by far the most frequent, and quick
        low, high, step = axis.lows[0], axis.highs[0], axis.step
        last = (kernel - 1) * dilation - before
        return Axis((low - before * step,), (high + last * step,), step * stride)

    def taps(out: int) -> Iterable[int]:
        start = out * stride - before
        return range(start, start + kernel * dilation, dilation)

    return axis.read(taps, by=stride)


def spread(axis: Axis, kernel: int, stride: int, before: int, dilation: int) -> Axis:
    """Behind a transposed convolution: output `i · stride + k · dilation - before` reads i."""

    def taps(out: int) -> Iterable[int]:
        starts = (out + before - dilation * tap for tap in range(kernel))
        return [start // stride for start in starts if start % stride == 0]

    return axis.read(taps, units=stride)


def resized(axis: Axis, size: int, out: int) -> Axis:
    """Behind adaptive pooling of `size` units to `out`: from ⌊i·size/out⌋ to ⌈(i+1)·size/out⌉."""
    common = gcd(size, out)
    units, by = out // common, size // common
    return axis.read(
        lambda unit: range(unit * by // units, -(-(unit + 1) * by // units)), units=units, by=by
    )


def sampled(axis: Axis, size: int, out: int, *, mode: str, corners: bool) -> Axis:
    """Behind an interpolation of `size` units to `out`, at its edges as inside.

    Args:
        mode: as `torch.nn.functional.interpolate` calls it.
        corners: whether the first and the last unit lie on each other (align_corners).
    """
    step = Fraction(size, out)
    shift = (step - 1) / 2
    if mode == "nearest":
        shift = Fraction(0)
    elif mode == "nearest-exact":
        shift = step / 2
    elif corners:
        step, shift = Fraction(size - 1, max(1, out - 1)), Fraction(0)

    def taps(unit: int) -> Iterable[int]:
        place = unit * step + shift
        first = floor(place)
        if mode.startswith("nearest") or place == first:
            return (first,)
        return range(first - 1, first + 3) if mode == "bicubic" else (first, first + 1)

    return axis.read(taps, units=step.denominator, by=step.numerator)

"""The values over which a knob is swept if nobody says otherwise."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, log2, log10

from cnnviz.families import Spec
from cnnviz.knobs import Knob, format_value

_ABOUT = 12  # values at most
_UNCOUNTED = ("dropout", "residual")  # terms of knobs that change no figure: shares and scales


def proposed_knob(spec: Spec) -> Knob:
    """The first knob with a slider that changes what is counted; without one, the image size."""
    sliders = (knob for knob in spec.knobs() if knob.slider and knob.term not in _UNCOUNTED)
    return next(sliders, spec.knob("image_size"))


def proposed_values(spec: Spec, knob: Knob, others: Iterable[Spec]) -> str:
    """Values of a knob as they are typed: growth_rate of DenseNet-121 is 8:64:8.

    A number goes up to twice its value in `spec`, a switch or a choice has all its values, and a
    list such as depths has those of the other networks.

    Args:
        others: further networks of the family.
    """
    value = spec.values[knob.name]
    if knob.choices:
        return ",".join(map(format_value, knob.choices))
    if isinstance(value, tuple):
        known = dict.fromkeys(each.values[knob.name] for each in (spec, *others))
        return ",".join(map(format_value, known))
    low, high = knob.bounds
    most = min(high, 2 * float(value) or high)
    whole = isinstance(knob.default, int)
    step = (_power_of_two if whole else _round)((most - low) / _ABOUT)
    first = ceil(Fraction(str(low)) / Fraction(step)) * step
    last = floor(Fraction(str(most)) / Fraction(step)) * step
    return ":".join(f"{number.normalize():f}" for number in (first, max(first, last), step))


def _power_of_two(least: float) -> Decimal:
    """The smallest power of two of at least `least`."""
    return Decimal(2 ** max(0, ceil(log2(least))))


def _round(least: float) -> Decimal:
    """The smallest of 1, 2 and 5 with any power of ten that is at least `least`."""
    power = Decimal(10) ** floor(log10(least))
    return next(step * power for step in (1, 2, 5, 10) if float(step * power) >= least)

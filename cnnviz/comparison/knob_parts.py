"""Parts of a difference by knob, on the way from one network of a family to another."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from cnnviz.analysis import analyze
from cnnviz.families import Spec
from cnnviz.knobs import SpecError, Value

CANCELLED = 10  # two parts cancel if each is so many times their sum


@dataclass(frozen=True)
class KnobPart:
    """A turn of one knob, or of some that are turned together.

    Args:
        knobs: their names.
        before, after: their values.
        params, macs: added by the turn; negative if it removes some.
    """

    knobs: tuple[str, ...]
    before: tuple[Value, ...]
    after: tuple[Value, ...]
    params: int
    macs: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON; of several knobs, the values are lists in the order of the names."""
        before, after = (
            values[0] if len(self.knobs) == 1 else values for values in (self.before, self.after)
        )
        counts = {"params": self.params, "macs": self.macs}
        return {"knob": "+".join(self.knobs), "from": before, "to": after, **counts}


def knob_parts(first: Spec, second: Spec) -> tuple[KnobPart, ...]:
    """Turn the knobs of `first` to those of `second`, one after the other as they are declared.

    A turn that is refused alone is joined with as few of the following knobs as possible. Basic
    blocks, for example, have no groups: from ResNeXt-50 to ResNet-18 block, groups and group_width
    turn together. Consecutive turns that nearly cancel are joined, too: from ResNet-50 to
    ResNeXt-50, 32 groups add 641 M parameters and a group width of 4 removes 642 M. A part depends
    on the knobs turned before it; the parts sum to the whole difference.
    """
    parts = []
    now = analyze(first)
    for names, start, turned in _turns(first, second):
        report = analyze(turned)
        before, after = (tuple(getattr(spec, name) for name in names) for spec in (start, turned))
        parts.append(
            KnobPart(names, before, after, report.params - now.params, report.macs - now.macs)
        )
        now = report
        while len(parts) > 1 and _cancel(*parts[-2:]):
            parts[-2:] = [_together(*parts[-2:])]
    return tuple(parts)


def _cancel(one: KnobPart, other: KnobPart) -> bool:
    """Whether one removes nearly all that the other adds, in parameters or in MACs."""
    pairs = ((one.params, other.params), (one.macs, other.macs))
    return any(abs(a + b) * CANCELLED < min(abs(a), abs(b)) for a, b in pairs)


def _together(one: KnobPart, other: KnobPart) -> KnobPart:
    """Two consecutive turns as one."""
    return KnobPart(
        one.knobs + other.knobs,
        one.before + other.before,
        one.after + other.after,
        one.params + other.params,
        one.macs + other.macs,
    )


def _turns(first: Spec, second: Spec) -> Iterator[tuple[tuple[str, ...], Spec, Spec]]:
    """The knobs of each turn, and the networks before and after it."""
    wanted = second.differences(first)
    left = [knob.name for knob in first.knobs() if knob.name in wanted]
    while left:
        names, turned = _next_turn(first, wanted, left)
        yield names, first, turned
        first, left = turned, [name for name in left if name not in names]


def _next_turn(
    spec: Spec, wanted: dict[str, Value], left: list[str]
) -> tuple[tuple[str, ...], Spec]:
    """The fewest knobs that can be turned together with the first of `left`, and the result."""
    first, *others = left
    for more in range(len(others)):
        for joined in combinations(others, more):
            names = (first, *joined)
            try:
                return names, spec.turn(**{name: wanted[name] for name in names})
            except SpecError:
                continue
    return tuple(left), spec.turn(**{name: wanted[name] for name in left})

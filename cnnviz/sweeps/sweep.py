"""A sweep: one or two knobs of a network over their values, the others as they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

from cnnviz.families import Spec
from cnnviz.knobs import Problem, SpecError, Value, format_value
from cnnviz.sweeps.axis import MOST_POINTS, Axis, axis
from cnnviz.text import Text, joined

MOST_KNOBS = 2

_NONE = Text(
    "Say what to sweep: --over growth_rate=12:48:12.",
    "请指定要扫描的超参数：--over growth_rate=12:48:12。",
)
_FORM = Text(
    "{text!r} is no knob with its values; write KNOB=FROM:TO:STEP, such as growth_rate=12:48:12.",
    "{text!r} 不是“超参数=取值”；请写“超参数=起:止:步长”，例如 growth_rate=12:48:12。",
)
_KNOBS = Text(
    "{count} knobs are swept, {names}; at most {most} go together. Set the others.",
    "要扫描 {count} 个超参数（{names}）；最多 {most} 个，其余请设为定值。",
)
_TWICE = Text("{knob} is swept twice; leave one out.", "{knob}被扫描两次，请去掉一个。")
_MANY = Text(
    "{product} values make {count} networks; a sweep has at most {most}. Take larger steps.",
    "{product} 个值共 {count} 个网络；一次扫描最多 {most} 个，请加大步长。",
)


@dataclass(frozen=True)
class Point:
    """One network of a sweep.

    Args:
        values: of the swept knobs, in their order.
        spec: None if these values do not go together.
        refused: then, why not.
    """

    values: tuple[Value, ...]
    spec: Spec | None
    refused: tuple[Problem, ...] = ()

    @property
    def why(self) -> Text:
        """Why it is refused, with knobs as they are typed."""
        return Text(
            " ".join(problem.message.en for problem in self.refused),
            "".join(problem.message.zh for problem in self.refused),
        )


@dataclass(frozen=True)
class Sweep:
    """The networks of `start` with one or two knobs at each of their values."""

    start: Spec
    axes: tuple[Axis, ...]

    def __len__(self) -> int:
        return prod(len(each.values) for each in self.axes)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the swept knobs."""
        return tuple(each.knob.name for each in self.axes)

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Every network; the last knob turns fastest."""
        return tuple(map(self._point, product(*(each.values for each in self.axes))))

    def written(self, point: Point) -> str:
        """The swept knobs of a point as they are typed: "growth_rate=12, compression=0.5"."""
        values = zip(self.names, map(format_value, point.values), strict=True)
        return ", ".join(f"{name}={value}" for name, value in values)

    def _point(self, values: tuple[Value, ...]) -> Point:
        try:
            return Point(values, self.start.turn(**dict(zip(self.names, values, strict=True))))
        except SpecError as error:
            return Point(values, None, error.problems)


def typed_sweep(start: Spec, texts: Sequence[str]) -> Sweep:
    """The sweep of texts such as "growth_rate=12:48:12"; see `axis` for the form of the values.

    Raises:
        SpecError: with every problem of every text, and of all together.
    """
    axes: list[Axis] = []
    problems: list[Problem] = []
    for text in texts:
        name, equals, values = text.partition("=")
        if not name.strip() or not equals:
            problems.append(Problem.of("over", _FORM, text=text[:60]))
            continue
        try:
            axes.append(axis(start, name.strip(), values))
        except SpecError as error:
            problems += error.problems
    problems += _together(start, texts, axes)
    if problems:
        raise SpecError(problems)
    return Sweep(start, tuple(axes))


def _together(start: Spec, texts: Sequence[str], axes: Sequence[Axis]) -> Iterator[Problem]:
    """What is wrong with axes that are fine alone."""
    names = [text.partition("=")[0].strip() for text in texts]
    if not names:
        yield Problem.of("over", _NONE)
    if len(names) > MOST_KNOBS:
        first = [name[:60] for name in names[: 2 * MOST_KNOBS]]
        values = {"count": len(names), "names": joined(first), "most": MOST_KNOBS}
        yield Problem.of("over", _KNOBS, **values)
    known = [each.knob.name for each in axes]
    for name in dict.fromkeys(known):
        if known.count(name) > 1:
            yield start.problem(name, _TWICE)
    sizes = [len(each.values) for each in axes]
    if len(axes) <= MOST_KNOBS and prod(sizes) > MOST_POINTS:
        product = " × ".join(map(str, sizes))
        values = {"product": product, "count": f"{prod(sizes):,}", "most": MOST_POINTS}
        yield Problem.of("over", _MANY, **values)

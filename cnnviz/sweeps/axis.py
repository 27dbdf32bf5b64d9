"""A knob and the values that a sweep gives it, as they are typed: growth_rate=12:48:12."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from cnnviz.families import Spec
from cnnviz.knobs import Knob, Problem, SpecError, Value, format_value
from cnnviz.text import Text

MOST_POINTS = 400  # of a sweep: 20 × 20

_FORM = Text(
    "{knob} is given as {text!r}; write from:to:step, such as 12:48:12, or a list: 12,24,32.",
    "{knob}写作 {text!r}；请写“起:止:步长”，例如 12:48:12，或写列表，例如 12,24,32。",
)
_WHOLE = Text(
    "{knob} is given as {text!r}; no whole number: {parts}. Write from:to:step, such as 12:48:12, "
    "or a list: 12,24,32.",
    "{knob}写作 {text!r}，其中不是整数的有：{parts}。请写“起:止:步长”，例如 12:48:12，或写列表，"
    "例如 12,24,32。",
)
_DECIMAL = Text(
    "{knob} is given as {text!r}; no number in decimals: {parts}. Write from:to:step, such as "
    "0.25:1:0.25, or a list: 0.25,0.5,1.",
    "{knob}写作 {text!r}，其中不是十进制数的有：{parts}。请写“起:止:步长”，例如 0.25:1:0.25，"
    "或写列表，例如 0.25,0.5,1。",
)
_LIST = Text(
    "{knob} has no range; list its values with commas between them, such as {example}.",
    "{knob}没有数值范围；请用逗号列出各值，例如 {example}。",
)
_ORDER = Text(
    "{knob} goes from {start} to {end}; the first must not be the larger one. Exchange them.",
    "{knob}从 {start} 到 {end}；起点不能大于终点，请交换两者。",
)
_STEP = Text(
    "{knob} has a step of {step}; it must be more than 0.",
    "{knob}的步长为 {step}；步长应大于 0。",
)
_BESIDE = Text(
    "{knob} goes from {start} in steps of {step}, which never meet {end}. The nearest ends are "
    "{before} and {after}.",
    "{knob}从 {start} 起、步长为 {step}，到不了 {end}；最接近的终点是 {before} 和 {after}。",
)
_MANY = Text(
    "{knob} has {count} values; a sweep has at most {most} networks. Take a larger step.",
    "{knob}有 {count} 个值；一次扫描最多 {most} 个网络，请加大步长。",
)
_TWICE = Text(
    "{knob} lists {value} more than once; leave it out.",
    "{knob}重复列出了 {value}，请去掉多余的。",
)


@dataclass(frozen=True)
class Axis:
    """One knob of a sweep.

    Args:
        values: in order; some may be refused, by the knob's range or by other knobs.
        written: the values as they were typed.
    """

    knob: Knob
    values: tuple[Value, ...]
    written: str


def axis(spec: Spec, name: str, text: str) -> Axis:
    """The axis of a knob and the text of its values.

    "0.3:0.9:0.3" are three values, both ends included and each decimal exact; "1,2,4" are those.

    Raises:
        SpecError: there is no such knob, or the text is no list or range of its values.
    """
    knob = next((one for one in spec.knobs() if one.name == name), None)
    if knob is None:
        spec.turn(**{name: text})  # says so, with the nearest names
        raise AssertionError(name)
    values = _range(spec, knob, text) if ":" in text else _listed(spec, knob, text)
    return Axis(knob, values, text.strip())


def _listed(spec: Spec, knob: Knob, text: str) -> tuple[Value, ...]:
    if not text.strip():
        raise SpecError([spec.problem(knob.name, _FORM, text=text[:60])])
    parts = text.split(",")
    if len(parts) > MOST_POINTS:
        raise SpecError([spec.problem(knob.name, _MANY, count=f"{len(parts):,}", most=MOST_POINTS)])
    values: list[Value] = []
    problems: list[Problem] = []
    for part in parts:
        try:
            value = _value(knob, part)
        except SpecError as error:
            problems += error.problems
            continue
        if value in values:
            problems.append(spec.problem(knob.name, _TWICE, value=part.strip()[:60]))
        values.append(value)
    if problems:
        raise SpecError(problems)
    return tuple(values)


def _value(knob: Knob, text: str) -> Value:
    """A value in the knob's type, whose range is not checked.

    Raises:
        SpecError: it is no number where the knob is one, or no choice of the knob.
    """
    value = knob.typed(text)
    return knob.accept(value) if knob.choices or isinstance(value, str) else value


def _range(spec: Spec, knob: Knob, text: str) -> tuple[Value, ...]:
    parts = [part.strip() for part in text.split(":")]
    if knob.choices or isinstance(knob.default, tuple | str):
        raise SpecError([spec.problem(knob.name, _LIST, example=_example(knob))])
    if len(parts) != 3:
        raise SpecError([spec.problem(knob.name, _FORM, text=text[:60])])
    kind = type(knob.default)
    if wrong := [repr(part[:30]) for part in parts if isinstance(knob.typed(part), str)]:
        message = _WHOLE if kind is int else _DECIMAL
        raise SpecError([spec.problem(knob.name, message, text=text[:60], parts=", ".join(wrong))])
    if problems := [*_mistakes(spec, knob, parts)]:
        raise SpecError(problems)
    start, end, step = map(Fraction, parts)
    count = int((end - start) / step) + 1
    return tuple(kind(start + number * step) for number in range(count))


def _mistakes(spec: Spec, knob: Knob, parts: list[str]) -> Iterator[Problem]:
    """What is wrong with a range of three numbers."""
    start, end, step = map(Fraction, parts)
    if step <= 0:
        yield spec.problem(knob.name, _STEP, step=parts[2])
    if start > end:
        yield spec.problem(knob.name, _ORDER, start=parts[0], end=parts[1])
    if step <= 0 or start > end:
        return
    whole, rest = divmod(end - start, step)
    if rest:
        before, after = (_decimal(start + n * step) for n in (whole, whole + 1))
        ends = {"start": parts[0], "end": parts[1], "before": before, "after": after}
        yield spec.problem(knob.name, _BESIDE, step=parts[2], **ends)
    if whole + 1 > MOST_POINTS:
        yield spec.problem(knob.name, _MANY, count=f"{whole + 1:,}"[:40], most=MOST_POINTS)


def _decimal(number: Fraction) -> str:
    return str(number) if number.denominator == 1 else f"{float(number):.12g}"


def _example(knob: Knob) -> str:
    """How the values of a knob without a range are listed."""
    return ",".join(map(format_value, knob.choices or (knob.default,)))

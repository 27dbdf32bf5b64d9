"""The share link: a preset and the knobs that differ from it, as a query string.

?preset=densenet-121&growth_rate=12 is the whole spec, since presets never change. Where a page has
several networks, each has a slot of its own, whose name begins its parameters:
?n1=densenet-121&n1.growth_rate=12&n2=resnet-18. Reading is forgiving and says so: a bad value is
explained and the rest is kept.
"""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import TypeVar

from cnnviz.analysis.counting.conventions import CONVENTIONS
from cnnviz.families import Preset, Spec
from cnnviz.knobs import Problem, SpecError, Value, format_value
from cnnviz.render.kinds import COUNTED
from cnnviz.settings import VERSION, Settings
from cnnviz.text import Text, joined, nearest
from cnnviz.ui.session.parameters import FRAME, language_problems
from cnnviz.zoo import FAMILIES, PRESETS, find

Turned = TypeVar("Turned", bound=Settings)

COUNTINGS = tuple(CONVENTIONS)  # the first needs no mention
MAIN = "main"  # the slot whose parameters have plain names
_PRESET = "preset"
_COMMON = ("v", "count", *FRAME)  # of every page that has a network


def write(preset: str, spec: Spec) -> dict[str, str]:
    """The query parameters of a spec that was started from `preset`."""
    return write_slot(MAIN, preset, spec)


def write_slot(name: str, preset: str, spec: Spec) -> dict[str, str]:
    """The query parameters of the slot of that name, such as n1=densenet-121&n1.growth_rate=12.

    Those of several slots go together into one address.
    """
    turned = spec.differences(PRESETS[preset].spec)
    values = {_prefix(name) + knob: format_value(value) for knob, value in turned.items()}
    version = {"v": str(VERSION)} if values and VERSION > 1 else {}  # the first did not write it
    return {_head(name): preset, **values, **version}


def read(
    parameters: Mapping[str, str], default: str, own: Collection[str] = ()
) -> tuple[Preset, Spec, list[Problem]]:
    """The preset and spec of a query string, and a sentence for everything that was left out.

    Args:
        own: what the page keeps in its address beside the network; "n1" also stands for "n1.stem".
    """
    return read_slot(MAIN, parameters, default, own)


def read_slot(
    name: str, parameters: Mapping[str, str], default: str, own: Collection[str] = ()
) -> tuple[Preset, Spec, list[Problem]]:
    """The preset and spec of the slot of that name; see `read`.

    Unclaimed parameters are problems of the main slot.
    """
    preset, problems = _read_preset(parameters.get(_head(name), default), default)
    if name == MAIN:
        problems += [*counting_problems(parameters), *language_problems(parameters)]
    texts = _knobs(name, parameters, own)
    spec, left_out = read_knobs(
        preset.spec, texts, of=preset.name, prefix=_prefix(name), version=_version(parameters)
    )
    return preset, spec, [*problems, *left_out]


def read_knobs(
    start: Turned, texts: Mapping[str, str], *, of: str, prefix: str = "", version: int = VERSION
) -> tuple[Turned, list[Problem]]:
    """Turn the knobs that a query string asks for, and a sentence for each that was left out.

    Args:
        texts: the values as they are written, by the knob's name after the prefix.
        of: what the knobs belong to, for the sentences.
        version: of the link.
    """
    wanted: dict[str, Value] = {}
    problems: list[Problem] = []
    for key, text in texts.items():
        if knob := start.knob_written(key.removeprefix(prefix), version):
            try:
                wanted[knob.name] = knob.accept(knob.now(knob.typed(text), version))
            except SpecError as error:
                problems += error.problems
        else:
            message = Text(
                "{key} is not a knob of {preset} and was left out.",
                "{preset} 没有超参数 {key}，已忽略。",
            )
            problems.append(Problem.of(key, message, key=key[:60], preset=of))
    settled, refused = start.settle(wanted)
    left_out = [_left_out(settled, name, wanted[name], why) for name, why in refused.items()]
    return settled, [*problems, *left_out]


def speaks_of(name: str, parameters: Mapping[str, str], own: Collection[str] = ()) -> bool:
    """Whether a query string asks for anything of the slot of that name."""
    return _head(name) in parameters or bool(_knobs(name, parameters, own))


def _prefix(name: str) -> str:
    """Return the prefix of a slot's knobs."""
    return "" if name == MAIN else f"{name}."


def _head(name: str) -> str:
    """The parameter that holds a slot's preset."""
    return _PRESET if name == MAIN else name


def _knobs(name: str, parameters: Mapping[str, str], own: Collection[str]) -> dict[str, str]:
    """The parameters that are to be a slot's knobs; the main one's are what nobody else has."""
    if name != MAIN:
        return {key: text for key, text in parameters.items() if key.startswith(_prefix(name))}
    return {
        key: text
        for key, text in parameters.items()
        if key not in (_PRESET, *_COMMON) and key.partition(".")[0] not in own
    }


def _read_preset(asked: str, default: str) -> tuple[Preset, list[Problem]]:
    with suppress(SpecError):
        known = find(asked)  # alexnet and ResNet50 are common names, too
        return FAMILIES[known].presets[0] if known in FAMILIES else PRESETS[known], []
    message = Text(
        "preset {name!r} does not exist; the nearest are {close}. {default} is shown.",
        "预设 {name!r} 不存在；最接近的有 {close}。现在显示 {default}。",
    )
    values = {"name": asked[:60], "close": nearest(asked, PRESETS), "default": default}
    return PRESETS[default], [Problem.of(_PRESET, message, **values)]


def _version(parameters: Mapping[str, str]) -> int:
    """Of the link; one of a later version is read as if it were of this one."""
    text = parameters.get("v", "1")
    return min(int(text), VERSION) if re.fullmatch("[0-9]{1,4}", text, re.ASCII) else VERSION


def _left_out(spec: Settings, name: str, value: Value, problem: Problem) -> Problem:
    """Return why a knob was left; the conflict may have been found at another knob."""
    if problem.knob == name:
        return problem
    message = Text("{name} {value} was left out: {why}", "{name} {value} 已忽略：{why}")
    typed = message.format(name=name, value=format_value(value), why=problem.message)
    knob = spec.knob(name)
    shown = message.format(name=knob.label, value=knob.show(value), why=problem.shown)
    return Problem(name, typed, shown)


def counting_problems(parameters: Mapping[str, str]) -> list[Problem]:
    """A sentence if a query string asks for a way to count that does not exist."""
    asked = parameters.get("count", COUNTINGS[0])
    return [] if asked in COUNTINGS else [_no_counting(asked[:60])]


def _no_counting(asked: str) -> Problem:
    message = Text(
        "count {asked!r} is not one of {choices}. This page counts {default}.",
        "运算计数方式 {asked!r} 不在 {choices} 之中。此页按{default}计数。",
    )
    typed = message.format(asked=asked, choices=joined(COUNTINGS), default=COUNTINGS[0])
    labels = joined(COUNTED.values())
    shown = message.format(asked=asked, choices=labels, default=COUNTED[COUNTINGS[0]])
    return Problem("count", typed, shown)


def write_counting(counting: str) -> dict[str, str]:
    """The query parameter of a way to count operations."""
    return {} if counting == COUNTINGS[0] else {"count": counting}


def read_counting(parameters: Mapping[str, str]) -> str:
    """The way to count operations that a query string asks for; `read` explains a bad one."""
    asked = parameters.get("count")
    return asked if asked in COUNTINGS else COUNTINGS[0]

"""Two to six specs, modules or reports to compare, each with a name."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from cnnviz.analysis import Report, analyze
from cnnviz.analysis.ops import Shape
from cnnviz.comparison.result import Network
from cnnviz.families import Spec
from cnnviz.knobs import SpecError, format_value
from cnnviz.text import Text
from cnnviz.zoo import FAMILIES, spec

FEWEST, MOST = 2, 6  # networks

COUNT = Text(
    "compare takes {fewest} to {most} networks and got {count}. {remedy}",
    "给出了 {count} 个网络；一次可比较 {fewest} 到 {most} 个。{remedy}",
)
ADD = Text("Add {n}.", "请增加 {n} 个。")
REMOVE = Text("Leave {n} out.", "请去掉 {n} 个。")


def count_problem(count: int) -> Text | None:
    """A sentence if so many networks cannot be compared, else None."""
    if FEWEST <= count <= MOST:
        return None
    few = count < FEWEST
    remedy = ADD.format(n=FEWEST - count) if few else REMOVE.format(n=count - MOST)
    return COUNT.format(count=count, fewest=FEWEST, most=MOST, remedy=remedy)


def networks(
    given: Sequence[str | Spec | nn.Module | Report],
    input_shape: Shape | None,
    names: Sequence[str] | None,
) -> tuple[Network, ...]:
    """The networks with their reports; `compare` lists the errors."""
    given, problems = _found(given)
    if problem := count_problem(len(given)):
        problems.append(problem.en)
    if names is not None and len(names) != len(given):
        problems.append(f"names has {len(names)} entries for {len(given)} networks; give one each.")
    wrong_types = False
    for number, each in enumerate(given, start=1):
        if not isinstance(each, str | Spec | nn.Module | Report):
            wrong_types = True
            problems.append(
                f"Network {number} is of type {type(each).__name__}; compare takes names such as "
                "'resnet-50', specs such as cnnviz.spec('resnet-50'), torch modules, and reports "
                "of cnnviz.analyze."
            )
        elif isinstance(each, nn.Module) and input_shape is None:
            problems.append(
                f"Network {number} is a module; compare needs input_shape=(N, C, H, W) for it."
            )
    if problems:
        raise (TypeError if wrong_types else ValueError)("\n".join(problems))
    titles = names or [_name(each) for each in given]
    return tuple(
        _network(each, title, input_shape) for each, title in zip(given, titles, strict=True)
    )


def _found(given: Sequence[Any]) -> tuple[list[Any], list[str]]:
    """The networks, a spec for each name; and what is wrong with the names."""
    found, problems = list(given), []
    for place, each in enumerate(given):
        if isinstance(each, str):
            try:
                found[place] = spec(each)
            except SpecError as error:
                problems.append(f"Network {place + 1}: {error}")
    return found, problems


def _network(given: Spec | nn.Module | Report, name: str, input_shape: Shape | None) -> Network:
    if isinstance(given, Spec):
        return Network(name, analyze(given), given)
    if isinstance(given, Report):
        return Network(name, given)
    return Network(name, analyze(given, input_shape))


def _name(given: Spec | nn.Module | Report) -> str:
    if isinstance(given, Spec):
        return spec_name(given)
    if isinstance(given, Report):
        return given.modules.get("", "report")
    return type(given).__name__


def spec_name(spec: Spec) -> str:
    """The nearest preset and the turned knobs: densenet-121:growth_rate=12."""
    family = FAMILIES.get(spec.family)
    starts = {spec.family: type(spec)()}
    if family and isinstance(spec, family.spec):
        starts = {preset.name: preset.spec for preset in family.presets}
    turned = {name: spec.differences(start) for name, start in starts.items()}
    name = min(turned, key=lambda name: len(turned[name]))
    knobs = ",".join(f"{knob}={format_value(value)}" for knob, value in turned[name].items())
    return f"{name}:{knobs}" if knobs else name

"""The command `sweep`: one or two knobs over their values, as a table or JSON."""

import argparse
import gc
import json
import sys
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from cnnviz import zoo
from cnnviz.analysis.tables.columns import columns
from cnnviz.families import Spec
from cnnviz.knobs import Problem, SpecError, format_value
from cnnviz.sweeps.figures import Figures, Outcome
from cnnviz.sweeps.measuring import outcomes
from cnnviz.sweeps.sweep import Sweep, typed_sweep
from cnnviz.text import Text

_SET = Text("{knob} is set and swept; leave one out.", "{knob}既设为定值又被扫描，请去掉其中一个。")

_DEVICE = Text(
    "A device is only for --measure; leave it out, or add --measure time.",
    "--device 只用于 --measure；请去掉它，或加上 --measure time。",
)


def sweep(options: argparse.Namespace) -> None:
    """Print a row for each network of the sweep; progress goes to stderr."""
    asked = typed(options.name, options.set, options.over)
    add = _more(options)
    gc.freeze()  # no collection visits what torch has imported
    rows = _rows(asked, _measured(asked))
    for more in add:
        more(asked, rows)
    print(json.dumps({"rows": rows}) if options.json else _printed(asked, rows))


def _more(options: argparse.Namespace) -> list[Callable[[Sweep, list[dict[str, Any]]], None]]:
    """What adds to the rows the measures that were asked for."""
    if not options.measure:
        if options.device:
            raise SpecError([Problem.of("device", _DEVICE)])
        return []
    from cnnviz.sweeps.asked_measures import MEASURES, device_of  # noqa: PLC0415

    device = device_of(options.device)

    def adding(measure: str) -> Callable[[Sweep, list[dict[str, Any]]], None]:
        return lambda asked, rows: MEASURES[measure](asked, rows, options.name, device)

    return list(map(adding, dict.fromkeys(options.measure)))


def typed(name: str, settings: list[str], over: list[str]) -> Sweep:
    """The sweep of a network with some knobs set.

    Raises:
        SpecError: with every problem of the knobs that are set and of those that are swept.
    """
    start: Spec = zoo.spec(name)
    problems: list[Problem] = []
    try:
        start = start.turn_typed(settings)
    except SpecError as error:
        problems += error.problems
    asked = Sweep(start, ())
    try:
        asked = typed_sweep(start, over)
    except SpecError as error:
        problems += error.problems
    swept, fixed = (
        {text.partition("=")[0].strip() for text in texts} for texts in (over, settings)
    )
    problems += [
        start.problem(knob.name, _SET) for knob in start.knobs() if knob.name in swept & fixed
    ]
    if problems:
        raise SpecError(problems)
    return asked


def _measured(asked: Sweep) -> list[Outcome]:
    """The outcome of every point, in their order, with a bar where somebody looks."""
    found: list[Outcome] = [point.why for point in asked.points]
    there = [(place, point.spec) for place, point in enumerate(asked.points) if point.spec]
    with tqdm(total=len(there), unit="network", disable=None, file=sys.stderr) as bar:
        for number, outcome in outcomes([spec for _, spec in there]):
            found[there[number][0]] = outcome
            bar.update()
    return found


def _rows(asked: Sweep, found: list[Outcome]) -> list[dict[str, Any]]:
    return [
        dict(zip(asked.names, point.values, strict=True))
        | (one._asdict() if isinstance(one, Figures) else {"refused": one.en})
        for point, one in zip(asked.points, found, strict=True)
    ]


def _printed(asked: Sweep, rows: list[dict[str, Any]]) -> str:
    """A table, and below it the sentence of each refused point."""
    more = [name for name in ("forward_ms", "test_accuracy") if any(name in row for row in rows)]
    heads = [*asked.names, *Figures._fields, *more]
    cells = [[_cell(row.get(head), head in asked.names) for head in heads] for row in rows]
    refused = [
        f"{asked.written(point)}: {row['refused']}"
        for point, row in zip(asked.points, rows, strict=True)
        if "refused" in row
    ]
    return "\n".join([columns([heads, *cells], text=()), *([""] if refused else []), *refused])


def _cell(value: Any, is_knob: bool) -> str:
    if value is None:
        return "–"
    if is_knob:
        return format_value(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    return "×".join(map(str, value)) if isinstance(value, tuple) else f"{value:,}"

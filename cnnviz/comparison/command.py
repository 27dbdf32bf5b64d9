"""The comparison on the command line: parse typed networks, print the result."""

from collections.abc import Iterable, Sequence
from typing import Any

import cnnviz
from cnnviz.analysis import Layer
from cnnviz.analysis.graph import ancestors
from cnnviz.analysis.tables.columns import columns
from cnnviz.comparison.networks import count_problem
from cnnviz.comparison.result import CHANGED, FIGURES, ONLY, SAME, ComparedStage, Comparison, Row
from cnnviz.comparison.sentence import what_changed
from cnnviz.families import Spec
from cnnviz.knobs import Problem, SpecError, format_value
from cnnviz.render.kinds import op_text, shape_text
from cnnviz.text import Text

_HEADS = ("parameters", "MACs", "bytes kept", "receptive field", "depth")
_SIGNS = {SAME: "=", CHANGED: "~", ONLY: "!"}
_MOST_BLOCKS = 4  # named in a line


def typed_networks(texts: Sequence[str]) -> list[Spec]:
    """The networks of NAME or NAME:KNOB=VALUE,KNOB=VALUE.

    Raises:
        SpecError: with every problem of every network, and of their number.
    """
    specs, problems = [], []
    if problem := count_problem(len(texts)):
        problems.append(Problem("networks", problem, problem))
    for text in texts:
        name, _, settings = text.partition(":")
        try:
            turns = [setting for setting in settings.split(",") if setting]
            specs.append(cnnviz.spec(name).turn_typed(turns))
        except SpecError as error:
            problems += [_of(text, problem) for problem in error.problems]
    if problems:
        raise SpecError(problems)
    return specs


def _of(network: str, problem: Problem) -> Problem:
    """The problem, prefixed with its network."""
    message, shown = (
        Text(f"{network}: {text.en}", f"{network}：{text.zh}")
        for text in (problem.message, problem.shown)
    )
    return Problem(problem.knob, message, shown)


def printed(comparison: Comparison, *, layers: bool) -> str:
    """The comparison for a reader: figures, knobs, and the rows folded to stages.

    Args:
        layers: print every row with its changes instead.
    """
    parts = [columns(_figures(comparison))]
    if comparison.knobs:
        parts.append(columns(_knobs(comparison)))
    if len(comparison.networks) == 2:
        parts.append(what_changed(comparison).en)
    shown = _layers if layers else _folded
    parts += ["\n".join(shown(stage, comparison)) for stage in comparison.stages]
    return "\n\n".join(parts)


def _figures(comparison: Comparison) -> list[list[str]]:
    """A line for each network, and its differences from the first."""
    first = comparison.networks[0].figures
    rows = [["network", *_HEADS]]
    for number, network in enumerate(comparison.networks):
        figures = network.figures
        rows.append([network.name, *(_number(figures[name]) for name in FIGURES)])
        if number:
            differences = (_difference(figures[name], first[name]) for name in FIGURES)
            rows.append(["  against the first", *differences])
    return rows


def _knobs(comparison: Comparison) -> list[list[str]]:
    rows = [["knob", "from", "to", "parameters", "MACs"]]
    for part in comparison.knobs:
        before, after = ("+".join(map(format_value, each)) for each in (part.before, part.after))
        rows.append(["+".join(part.knobs), before, after, f"{part.params:+,}", f"{part.macs:+,}"])
    return rows


def _folded(stage: ComparedStage, comparison: Comparison) -> Iterable[str]:
    """The counts of a stage, and a line for each network."""
    yield _title(stage)
    lines = []
    for number, network in enumerate(comparison.networks):
        layers = [layer for row in stage.rows if (layer := row.layers[number])]
        if layers:
            params = sum(layer.params for layer in layers)
            macs = sum(layer.macs or 0 for layer in layers)
            counts = (f"layers: {len(layers)}", f"{params:,} parameters", f"{macs:,} MACs")
            lines.append([f"  {network.name}", _sizes(stage, number), *counts, _blocks(layers)])
    yield columns(lines, text=(0, 5))


def _title(stage: ComparedStage) -> str:
    counts = ((stage.count(status), status) for status in (SAME, CHANGED, ONLY))
    words = {SAME: "the same", CHANGED: "changed", ONLY: "not in all"}
    said = ", ".join(f"{count} {words[status]}" for count, status in counts if count)
    return f"Stage {stage.number + 1}: {said}"


def _sizes(stage: ComparedStage, network: int) -> str:
    """The largest and the smallest maps of a network in a stage."""
    sizes = ["×".join(map(str, size)) for size in stage.sizes[network]]
    return " … ".join(dict.fromkeys((sizes[0], sizes[-1]))) if sizes else "–"


def _blocks(layers: Sequence[Layer]) -> str:
    """The outermost modules of some layers: stem, block1, transition1."""
    names = list(dict.fromkeys(ancestors(layer.name)[0] for layer in layers))
    if len(names) > _MOST_BLOCKS:
        names = [*names[: _MOST_BLOCKS - 1], "…", names[-1]]
    return ", ".join(names)


def _layers(stage: ComparedStage, comparison: Comparison) -> Iterable[str]:
    """Every row of a stage: = the same, ~ changed, ! not in all networks."""
    yield _title(stage)
    rows = [
        [f"  {_SIGNS[row.status]}", *map(_layer, row.layers), _changes(row)] for row in stage.rows
    ]
    yield columns(rows, text=range(len(comparison.networks) + 2))


def _layer(layer: Layer | None) -> str:
    if layer is None:
        return "–"
    return f"{layer.name} {op_text(layer, 'en')} {shape_text(layer.output_shape)}"


def _changes(row: Row) -> str:
    """The changes of a row: kernel: 3×3 → 5×5, or 3×3 | 5×5 | 5×5 for three networks."""
    if row.status != CHANGED:
        return ""
    sign = " → " if len(row.layers) == 2 else " | "
    return "; ".join(
        f"{change.what}: {sign.join(map(_value, change.values))}" for change in row.changes
    )


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        numbers = all(isinstance(each, int) for each in value)
        return ("×" if numbers else " + ").join(map(_value, value)) or "–"
    return "–" if value is None else _number(value)


def _number(value: Any) -> str:
    if isinstance(value, tuple):
        return "×".join(map(str, value))
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _difference(value: Any, first: Any) -> str:
    """The difference of two figures; "–" if one of them is no number."""
    if not isinstance(value, int) or not isinstance(first, int):
        return "–"
    return f"{value - first:+,}" if value != first else "="

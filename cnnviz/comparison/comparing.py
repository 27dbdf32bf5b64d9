"""Compare networks: which layers are the same, which changed, which only some have."""

from collections.abc import Iterator, Sequence
from typing import Any

from torch import nn

from cnnviz.analysis import Report
from cnnviz.analysis.ops import Shape
from cnnviz.comparison.facts import facts
from cnnviz.comparison.knob_parts import KnobPart, knob_parts
from cnnviz.comparison.networks import networks
from cnnviz.comparison.result import (
    CHANGED,
    ONLY,
    SAME,
    Change,
    ComparedStage,
    Comparison,
    Network,
    Row,
)
from cnnviz.comparison.side_by_side import Positions, side_by_side
from cnnviz.families import Spec

IMAGE = -1  # the row that stands for the network's input


def compare(
    *given: str | Spec | nn.Module | Report,
    input_shape: Shape | None = None,
    names: Sequence[str] | None = None,
) -> Comparison:
    """Put two to six networks side by side.

    Args:
        given: names of presets, specs, modules (which come back untouched) or reports.
        input_shape: (N, C, H, W) of the input of the modules; specs and reports know their own.
        names: of the networks; by default a spec has its preset's and the turned knobs, a module
            that of its class.

    Returns:
        The comparison; its rows hold every layer of every network once and in order.

    Raises:
        ValueError: fewer than two or more than six networks, a name that there is not, a module
            without `input_shape`, or names that are not one a network; all of these at once.
        TypeError: something else than these; with all other problems.
        BrokenNetwork: a module cannot run on `input_shape`.
    """
    compared = networks(given, input_shape, names)
    return Comparison(compared, tuple(_stages(compared)), _knobs(compared))


def _knobs(compared: Sequence[Network]) -> tuple[KnobPart, ...]:
    if len(compared) != 2:
        return ()
    first, second = (each.spec for each in compared)
    if first is None or second is None or type(first) is not type(second):
        return ()
    return knob_parts(first, second)


def _stages(compared: Sequence[Network]) -> Iterator[ComparedStage]:
    reports = [each.report for each in compared]
    stages = side_by_side(reports)
    known = [facts(report) for report in reports]
    reads = _reads([row for stage in stages for row in stage], reports)
    for number, stage in enumerate(stages):
        rows = []
        for positions in stage:
            found = [
                None if position is None else known[network][position].compared
                for network, position in enumerate(positions)
            ]
            changes = _changes(found)
            if rewired := _rewired(_complete(positions), reports, reads):
                changes = (*changes, rewired)
            rows.append(_row(number, positions, reports, changes))
        yield ComparedStage(number, _sizes(rows, len(reports)), tuple(rows))


def _row(
    stage: int, positions: Positions, reports: Sequence[Report], changes: tuple[Change, ...]
) -> Row:
    layers = tuple(
        None if position is None else report.layers[position]
        for report, position in zip(reports, positions, strict=True)
    )
    status = ONLY if None in layers else CHANGED if changes else SAME
    return Row(status, stage, positions, layers, changes)


def _changes(found: Sequence[dict[str, Any] | None]) -> tuple[Change, ...]:
    """The differences between the layers of a row; networks without a layer do not count."""
    there = [each for each in found if each is not None]
    names = dict.fromkeys(name for each in there for name in each)
    return tuple(
        Change(name, tuple(None if each is None else each.get(name) for each in found))
        for name in names
        if any(each.get(name) != there[0].get(name) for each in there)
    )


def _complete(positions: Positions) -> tuple[int, ...]:
    """The positions of a row; () if some network has no layer in it."""
    there = tuple(position for position in positions if position is not None)
    return there if len(there) == len(positions) else ()


def _reads(rows: Sequence[Positions], reports: Sequence[Report]) -> list[list[tuple[int, ...]]]:
    """The rows that each layer of each network reads.

    A layer that some networks lack is skipped in favour of its first input. A norm added between a
    convolution and its ReLU, for example, does not count as rewiring.
    """
    row_of: list[dict[int, int]] = [{} for _ in reports]
    for number, positions in enumerate(rows):
        for network, position in enumerate(_complete(positions)):
            row_of[network][position] = number
    found = []
    for report, shared in zip(reports, row_of, strict=True):
        behind = {-1: IMAGE}
        for position, layer in enumerate(report.layers):
            first = layer.inputs[0] if layer.inputs else -1
            behind[position] = shared.get(position, behind[first])
        found.append(
            [
                tuple(dict.fromkeys(behind[source] for source in layer.inputs))
                for layer in report.layers
            ]
        )
    return found


def _rewired(
    positions: tuple[int, ...], reports: Sequence[Report], reads: list[list[tuple[int, ...]]]
) -> Change | None:
    """A change of the inputs, if the layers of a complete row read different rows."""
    rows = {reads[network][position] for network, position in enumerate(positions)}
    if len(rows) < 2:
        return None
    names = []
    for report, position in zip(reports, positions, strict=True):
        sources = report.layers[position].inputs
        names.append(
            tuple("input" if source < 0 else report.layers[source].name for source in sources)
        )
    return Change("inputs", tuple(names))


def _sizes(rows: Sequence[Row], count: int) -> tuple[tuple[Shape, ...], ...]:
    """The sizes of the maps in a stage, for each network."""
    sizes = []
    for network in range(count):
        layers = [layer for row in rows if (layer := row.layers[network])]
        shapes = {layer.output_shape[2:] for layer in layers} - {()}
        sizes.append(tuple(sorted(shapes, reverse=True)))
    return tuple(sizes)

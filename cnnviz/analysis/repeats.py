"""Layers that repeat: children of a block that are the same, one after another.

Together they are one box, ×N. In ResNet-50 the blocks 2 to 4 of stage 2 are a run named
"stage2.block2…block4"; in a dense block, so are the layers from the second on, each with the
concatenation that follows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from cnnviz.analysis.ops import Shape
from cnnviz.analysis.report import Report

FEWEST = 3
MARK = "…"
_LONGEST = 2  # children that repeat together, such as a layer and a concatenation


@dataclass(frozen=True)
class Run:
    """Equal children in a row.

    Args:
        scope: the block that they are children of.
        first: the scope of the first that is a block.
        count: how many there are.
        positions: of all their ops.
    """

    scope: str
    first: str
    count: int
    positions: tuple[int, ...]


@dataclass(frozen=True)
class _Child:
    scope: str  # empty for a single op
    positions: tuple[int, ...]
    kind: tuple[Any, ...]  # what equal children have in common


def runs_of(
    report: Report, members: Mapping[str, list[int]], inputs: Sequence[tuple[int, ...]]
) -> Mapping[str, Run]:
    """The runs of a report by their names.

    Args:
        members: the positions of the ops in each scope that is a block.
        inputs: what each op is drawn to read.
    """
    found = {}
    for scope, positions in members.items():
        children = [
            _child(report, child, tuple(part))
            for child, part in groupby(positions, key=_child_of(report, scope, members))
        ]
        names = [child.scope for child in children if child.scope]
        if len(set(names)) < len(names):
            continue  # one of them runs in pieces
        for start, length, count in _equal(children, inputs):
            part = children[start : start + length * count]
            blocks = [child.scope for child in part if child.scope]
            name = f"{blocks[0]}{MARK}{blocks[-1].rpartition('.')[2]}"
            inside = tuple(position for child in part for position in child.positions)
            found[name] = Run(scope, blocks[0], count, inside)
    return MappingProxyType(found)


def _child_of(report: Report, scope: str, members: Mapping[str, list[int]]) -> Any:
    """A function: the child scope around a position, or the position of an op by itself."""

    def child(position: int) -> str | int:
        name = report.layers[position].scope
        parts = name.split(".")
        for depth in range(scope.count(".") + 2, len(parts) + 1):
            inner = ".".join(parts[:depth])
            if inner in members:
                return inner
        return position

    return child


def _child(report: Report, child: str | int, positions: tuple[int, ...]) -> _Child:
    layers = [report.layers[position] for position in positions]
    ops = tuple((layer.operation, layer.attributes) for layer in layers)
    if isinstance(child, int):
        return _Child("", positions, ops)
    shape: Shape = layers[-1].output_shape
    return _Child(child, positions, (report.modules.get(child, ""), ops, shape))


def _equal(children: list[_Child], inputs: Sequence[tuple[int, ...]]) -> list[tuple[int, int, int]]:
    """Where equal children repeat: start, how many repeat together, and how often."""
    found = []
    start = 0
    while start < len(children):
        best = max(
            (_repeats(children, inputs, start, length), length) for length in range(1, _LONGEST + 1)
        )
        count, length = best
        first = start
        if start == 0 and count * length == len(children):
            first, count = length, count - 1  # the block is all this: one is shown as an example
        if count >= FEWEST and any(child.scope for child in children[first : first + length]):
            found.append((first, length, count))
            start = first + length * count
        else:
            start += 1
    return found


def _repeats(
    children: list[_Child], inputs: Sequence[tuple[int, ...]], start: int, length: int
) -> int:
    """How often the children from `start` come again, each time reading the time before alone."""
    kinds = [child.kind for child in children[start : start + length]]
    count = 0
    at = start
    before: set[int] | None = None
    while [child.kind for child in children[at : at + length]] == kinds:
        here = {position for child in children[at : at + length] for position in child.positions}
        read = {source for position in here for source in inputs[position]} - here
        if before is not None and not read <= before:
            break
        count, before, at = count + 1, here, at + length
    return count

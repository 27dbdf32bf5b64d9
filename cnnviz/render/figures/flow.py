"""A block as a sequence of ops and parallel branches.

A residual block is (Parallel(((conv, …), ())), add, relu): its second branch, the identity, is
empty.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from cnnviz.analysis.graph import blocks
from cnnviz.analysis.report import Layer, Report
from cnnviz.kept import kept
from cnnviz.text import Text

_OUTSIDE = -1
IDENTITY = Text("identity", "恒等")
_PROJECTION = Text("projection", "投影")
_ZEROS = Text("zeros, no weights", "补零，无参数")
_SMALL = ("normalisation", "activation")


@dataclass(frozen=True)
class Op:
    """One op, as a layer of the report."""

    layer: Layer


@dataclass(frozen=True)
class Parallel:
    """Branches that read the same map, in the order in which the op after them reads them."""

    branches: tuple["Flow", ...]


Flow = tuple[Op | Parallel, ...]


def flow(report: Report, scope: str, *, leave_out: Collection[str] = ()) -> Flow:
    """The flow of one block, without ops of the kinds and names in `leave_out`."""
    return _Ops(report, tuple(blocks(report)[scope]), tuple(leave_out)).flow()


class _Ops:
    def __init__(self, report: Report, positions: tuple[int, ...], leave_out: tuple[str, ...]):
        self.layers, self.positions, self.leave_out = report.layers, positions, leave_out
        within = set(positions)
        self.inputs = {
            position: tuple(
                dict.fromkeys(
                    source if source in within else _OUTSIDE
                    for source in self.layers[position].inputs
                )
            )
            or (_OUTSIDE,)
            for position in positions
        }

    def flow(self) -> Flow:
        return self._between(_OUTSIDE, self.positions[-1])

    def _between(self, start: int, end: int) -> Flow:
        """The flow from after `start` up to and including `end`."""
        found: list[Op | Parallel] = []
        while end != start:
            layer, inputs = self.layers[end], self.inputs[end]
            if not {layer.kind, layer.operation}.intersection(self.leave_out):
                found.append(Op(layer))
            if len(inputs) == 1:
                end = inputs[0]
                continue
            meet = self._before[end]
            found.append(Parallel(tuple(self._between(meet, source) for source in inputs)))
            end = meet
        return tuple(reversed(found))

    @cached_property
    def _before(self) -> dict[int, int]:
        """The immediate dominator of each op: the last earlier op that all paths to it pass."""
        dominators = {_OUTSIDE: {_OUTSIDE}}
        for position in self.positions:
            common = set.intersection(*(dominators[source] for source in self.inputs[position]))
            dominators[position] = common | {position}
        return {
            position: max(found - {position})
            for position, found in dominators.items()
            if position != _OUTSIDE
        }


def ops(flow: Flow) -> list[Layer]:
    """All ops of a flow, one branch after another."""
    found = []
    for segment in flow:
        if isinstance(segment, Op):
            found.append(segment.layer)
        else:
            found += [layer for branch in segment.branches for layer in ops(branch)]
    return found


def shortcut(split: Parallel, merge: Layer) -> int | None:
    """The index of the branch that is a shortcut; None if there is none.

    Normalisation and activations aside, the shortcut of a sum has at most one op, or only ops that
    move values. A concatenation of two branches has a shortcut if one has no weights and the other
    has more than one op.
    """
    main = [
        [layer for layer in ops(branch) if layer.kind not in _SMALL] for branch in split.branches
    ]
    weights = [sum(layer.weighted for layer in branch) for branch in main]
    shortest = min(range(len(main)), key=lambda index: (weights[index], len(main[index])))
    around = main[shortest]
    moves = all(layer.kind in ("reshape", "other") for layer in around)
    if merge.operation == "add" and (len(around) <= 1 or moves):
        return shortest
    longest = max(map(len, main))
    if merge.operation == "cat" and len(main) == 2 and not weights[shortest] and longest > 1:
        return shortest
    return None


def shortcut_name(branch: Flow) -> Text | None:
    """The kind of a shortcut: identity, zero padding or projection; None for any other."""
    if not branch:
        return IDENTITY
    layers = ops(branch)
    if any(layer.operation == "pad" for layer in layers):
        return _ZEROS
    main = [layer for layer in layers if layer.kind not in _SMALL]
    return _PROJECTION if [layer.operation for layer in main] == ["conv2d"] else None


def channels_of(layer: Layer) -> int:
    """Channels of an op's output."""
    return layer.output_shape[-1 if layer.operation == "layer_norm" else 1]


def merge_of(shown: Flow, index: int) -> Layer:
    """The op after the parallel branches at `index`."""
    merge = shown[index + 1]
    assert isinstance(merge, Op), "an op reads the branches"
    return merge.layer


def parts_of(split: Parallel) -> tuple[int, ...]:
    """Output channels of each branch; 0 for an empty one."""
    return tuple(channels_of(ops(branch)[-1]) if ops(branch) else 0 for branch in split.branches)


def summands(layer: Layer, parts: tuple[int, ...]) -> tuple[int, ...]:
    """The channels of each part of a concatenation, () for other ops.

    Args:
        parts: from `parts_of`; an empty branch gets the channels that the others leave.
    """
    if layer.operation != "cat":
        return ()
    rest = channels_of(layer) - sum(parts)
    return tuple(part or rest for part in parts)


@kept
def forks(report: Report) -> tuple[str, ...]:
    """The innermost scopes with exactly one split into branches, in order.

    A residual block with a gate inside counts as one block. Blocks in a stage count one by one.
    """
    members = blocks(report)
    found: list[str] = []
    for scope in sorted(members, key=lambda name: name.count(".")):
        if any(scope == outer or scope.startswith(f"{outer}.") for outer in found):
            continue
        splits = _splits(report, scope)
        if len(splits) == 1:
            inside = (name for name in members if name.startswith(f"{scope}."))
            same = [name for name in inside if _splits(report, name) == splits]
            found.append(max(same, key=len, default=scope))
    return tuple(sorted(found, key=lambda name: members[name][0]))


def _splits(report: Report, scope: str) -> list[list[str]]:
    """The outermost splits of a block, as the names of the ops in their branches."""
    return [
        [layer.name for layer in ops((segment,))]
        for segment in flow(report, scope)
        if isinstance(segment, Parallel)
    ]


def in_stages(report: Report) -> tuple[str, ...]:
    """The blocks directly inside stages, in order: stage2.block1, stage3.unit4, exit.block."""
    return tuple(
        scope
        for scope in blocks(report)
        if scope.count(".") == 1 and scope.split(".")[1].startswith(("block", "unit"))
    )

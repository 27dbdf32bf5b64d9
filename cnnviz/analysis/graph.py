"""The layer graph of a report, folded to the blocks one wants to see.

A scope is the path of a module call. A scope that is open shows what is inside it; a closed one is
a single node. Folding never makes a cycle: see `foldable`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from cnnviz.analysis.broken import BROKEN
from cnnviz.analysis.bypass import bypasses
from cnnviz.analysis.foldable import foldable
from cnnviz.analysis.ops import Attributes, Shape
from cnnviz.analysis.repeats import Run, runs_of
from cnnviz.analysis.report import Layer, Report
from cnnviz.kept import kept

INPUT_ID = "input"
NODE_BYTES = 500  # bytes of a node and its edges, as measured

_RunAt = Mapping[tuple[str, int], str]  # by the scope that a run is in, and the op


@dataclass(frozen=True)
class Node:
    """One op, or a closed block of ops.

    Args:
        id: unique in every folding of one report: the op's name, the block's scope, or the name of
            a run of equal blocks.
        scope: the block that its parts are children of; of an op, where it runs.
        kind: the op's kind, or "block".
        operation: the op's torch function, or the block's class.
        input_shapes: of every activation it reads; of a block, the first.
        repeated: for a block of equal children, their class and number: ("DenseLayer", 6).
        path: the open scopes around it, outermost first.
        positions: of its ops in the report.
        broken: whether the pass ended in it.
    """

    id: str
    kind: str
    operation: str
    path: tuple[str, ...]
    positions: tuple[int, ...]
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    params: int
    macs: int | None
    attributes: Attributes = ()
    repeated: tuple[str, int] | None = None
    broken: bool = False
    scope: str = ""

    @property
    def is_block(self) -> bool:
        return self.kind == "block"


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in the order of the forward pass, and edges (from id, to id); "input" is the image.

    Args:
        bypasses: the edges that go past layers, each with its kind: see `bypass`.
    """

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
    bypasses: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __sizeof__(self) -> int:
        """Bytes that it holds, roughly."""
        return sum(NODE_BYTES + 8 * len(node.positions) for node in self.nodes)


def ancestors(scope: str) -> list[str]:
    """The scopes around and including `scope`, outermost first: a.b.c -> a, a.b, a.b.c."""
    parts = scope.split(".") if scope else []
    return [".".join(parts[: index + 1]) for index in range(len(parts))]


@kept
def blocks(report: Report) -> Mapping[str, list[int]]:
    """The scopes that hold more than one op and can be folded, with the positions of those ops."""
    members: dict[str, list[int]] = {}
    for position, layer in enumerate(report.layers):
        if layer.kind != "unused":
            for scope in ancestors(layer.scope):
                members.setdefault(scope, []).append(position)
    blocks = {scope: positions for scope, positions in members.items() if len(positions) > 1}
    around = [ancestors(layer.scope) for layer in report.layers]
    return MappingProxyType(foldable(blocks, around, _running_inputs(report)))


def open_to_depth(report: Report, depth: int) -> frozenset[str]:
    """The scopes to open so that blocks are shown `depth` levels down; 1 shows the outermost."""
    return frozenset(scope for scope in blocks(report) if scope.count(".") + 1 < depth)


@kept
def runs(report: Report) -> Mapping[str, Run]:
    """The layers that repeat, by the name of their one box; see `repeats`."""
    return runs_of(report, blocks(report), _drawn_inputs(report)[0])


@kept
def members(report: Report) -> Mapping[str, Sequence[int]]:
    """All that can be opened, blocks and runs of equal ones, with the positions of their ops."""
    together = {name: run.positions for name, run in runs(report).items()}
    return MappingProxyType({**blocks(report), **together})


def scopes(report: Report) -> frozenset[str]:
    """All that can be opened: blocks, and runs of equal ones."""
    return frozenset(members(report))


def fold(report: Report, opened: Iterable[str] = (), *, together: bool = False) -> Graph:
    """The graph in which only the scopes in `opened` show what is inside them.

    Args:
        together: draw layers that repeat as one box, which its name in `opened` opens.
    """
    return _fold(report, frozenset(opened), together)


@kept
def _fold(report: Report, opened: frozenset[str], together: bool) -> Graph:
    members = blocks(report)
    run_at = _run_at(report) if together else {}
    shown: dict[str, Node] = {}
    node_of: dict[int, str] = {-1: INPUT_ID}
    for position, layer in enumerate(report.layers):
        if layer.kind == "unused":
            continue
        around = _around(layer, position, members, run_at)
        closed = next((scope for scope in around if scope not in opened), None)
        node_of[position] = closed or layer.name
        if closed is None:
            shown[layer.name] = _op(layer, position, tuple(around))
        elif closed not in shown:
            path = tuple(around[: around.index(closed)])
            shown[closed] = _block(report, closed, path)
    kinds: dict[tuple[str, str], set[str]] = {}
    inputs, past_layers = _drawn_inputs(report)
    for position, target in node_of.items():
        for source in inputs[position] if target != INPUT_ID else ():
            edge = node_of[source], target
            if edge[0] != edge[1]:
                kinds.setdefault(edge, set()).add(past_layers.get((source, position), ""))
    # an edge that stands for a shortcut and for the layers beside it is none
    alone = {edge: next(iter(kind)) for edge, kind in kinds.items() if len(kind) == 1}
    past = MappingProxyType({edge: kind for edge, kind in alone.items() if kind})
    return Graph(tuple(shown.values()), tuple(kinds), past)


def _around(
    layer: Layer, position: int, members: Mapping[str, list[int]], run_at: _RunAt
) -> list[str]:
    """What can be opened around an op, outermost first."""
    around = []
    for scope in ancestors(layer.scope):
        if scope in members:
            around.append(scope)
            if run := run_at.get((scope, position)):
                around.append(run)
    return around


@kept
def _run_at(report: Report) -> _RunAt:
    """The run that an op belongs to among the children of a scope."""
    return MappingProxyType(
        {
            (run.scope, position): name
            for name, run in runs(report).items()
            for position in run.positions
        }
    )


def frames(report: Report, position: int) -> list[str]:
    """What is to be opened so that an op is seen, where layers that repeat are one box."""
    return _around(report.layers[position], position, blocks(report), _run_at(report))


def inside(report: Report, scope: str) -> frozenset[str]:
    """What can be opened within a scope, itself included; runs of equal blocks count as within."""
    found = set()
    for name, positions in members(report).items():
        around = frames(report, positions[0])
        if scope in around[: around.index(name) + 1]:
            found.add(name)
    return frozenset(found)


@kept
def _drawn_inputs(report: Report) -> tuple[list[tuple[int, ...]], Mapping[tuple[int, int], str]]:
    """The inputs that each op is drawn with, and the edges past layers."""
    inputs = _running_inputs(report)
    return inputs, bypasses(report.layers, inputs)


def _running_inputs(report: Report) -> list[tuple[int, ...]]:
    """The inputs of each op, concatenations running along.

    A dense block that concatenates a list, cat(a, b) and later cat(a, b, c), has an edge for every
    pair of layers, which no layout survives. cat(cat(a, b), c) is the same with one edge a layer.
    """
    inputs = [layer.inputs for layer in report.layers]
    joined: dict[tuple[int, ...], int] = {}
    for position, layer in enumerate(report.layers):
        if layer.operation != "cat":
            continue
        parts = layer.inputs
        for length in range(len(parts) - 1, 1, -1):
            earlier = joined.get(parts[:length])
            if earlier is not None and _same_but_channels(layer, report.layers[earlier]):
                inputs[position] = (earlier, *parts[length:])
                break
        joined.setdefault(parts, position)
    return inputs


def _same_but_channels(one: Layer, other: Layer) -> bool:
    """Whether two outputs differ in channels alone, as those of one running concatenation."""
    return (
        one.output_shape[:1] + one.output_shape[2:]
        == other.output_shape[:1] + other.output_shape[2:]
    )


def find(report: Report, node_id: str) -> Node | None:
    """The op or block of that id, whatever is folded."""
    members = blocks(report)
    if node_id in members or node_id in runs(report):
        return _block(report, node_id, ())
    for position, layer in enumerate(report.layers):
        if layer.name == node_id:
            return _op(layer, position, ())
    return None


def _op(layer: Layer, position: int, path: tuple[str, ...]) -> Node:
    return Node(
        id=layer.name,
        kind=layer.kind,
        operation=layer.operation,
        path=path,
        positions=(position,),
        input_shapes=layer.input_shapes,
        output_shape=layer.output_shape,
        params=layer.params,
        macs=layer.macs,
        attributes=layer.attributes,
        scope=layer.scope,
        broken=layer.kind == BROKEN,
    )


def _block(report: Report, name: str, path: tuple[str, ...]) -> Node:
    members = blocks(report)
    run = runs(report).get(name)
    positions = run.positions if run else members[name]
    layers = [report.layers[position] for position in positions]
    macs = [layer.macs for layer in layers]
    operation = _class_of(report, run.first if run else name, members)
    return Node(
        id=name,
        kind="block",
        operation=operation,
        path=path,
        positions=tuple(positions),
        input_shapes=layers[0].input_shapes[:1],
        output_shape=layers[-1].output_shape,
        params=sum(layer.params for layer in layers),
        macs=None if None in macs else sum(count or 0 for count in macs),
        repeated=(operation, run.count) if run else _repeated(report, name, members),
        broken=layers[-1].kind == BROKEN,
        scope=run.scope if run else name,
    )


def _class_of(report: Report, scope: str, members: Mapping[str, list[int]]) -> str:
    """The block's class; a mere container is named after the one block it holds."""
    inner = _children(scope, members)
    name = report.modules.get(scope, "")
    if name == "Sequential" and len(inner) == 1 and _holds_all(report, scope, inner, members):
        return _class_of(report, inner[0], members)
    return name


def _children(scope: str, members: Mapping[str, list[int]]) -> list[str]:
    depth = scope.count(".") + 1
    return [x for x in members if x.startswith(scope + ".") and x.count(".") == depth]


def _holds_all(
    report: Report, scope: str, children: list[str], members: Mapping[str, list[int]]
) -> bool:
    """Whether all weighted layers of a scope are in these children of it."""
    inside = {position for child in children for position in members[child]}
    return not any(report.layers[x].weighted for x in members[scope] if x not in inside)


def _repeated(
    report: Report, scope: str, members: Mapping[str, list[int]]
) -> tuple[str, int] | None:
    children = _children(scope, members)
    classes = Counter(report.modules.get(child, "") for child in children)
    alike = len(children) > 1 and len(classes) == 1 and "Sequential" not in classes
    if alike and _holds_all(report, scope, children, members):
        return next(iter(classes)), len(children)
    return None

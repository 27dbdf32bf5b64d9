"""How a graph is handed to Graphviz so that it comes out as papers draw it.

Graphviz sets nodes side by side in the order in which it meets them, unless edges would cross. It
loses that order at the edges that enter a frame, each by itself, and such an edge may pass outside
the frame that it belongs to. So all edges from one node into one frame come in as a single line,
which parts at a joint inside.
"""

from collections import defaultdict
from typing import NamedTuple

from cnnviz.analysis.graph import INPUT_ID, Graph, Node

JOINT = "⇒"
Path = tuple[str, ...]


class Piece(NamedTuple):
    """A piece of an edge; a name with JOINT in it is a joint's: what it leads, and into what.

    Args:
        kind: of the edges that it is part of, if they go past layers.
    """

    start: str
    end: str
    kind: str


def in_order(graph: Graph) -> list[Node]:
    """The nodes so that branches come in the order in which they are joined.

    A path past layers comes after the layers, which puts it to their right; so does an output of
    its own, such as an auxiliary head.
    """
    nodes = {node.id: node for node in graph.nodes}
    reads: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in sorted(graph.edges, key=graph.bypasses.__contains__):
        reads[target].append(source)
    read = {source for source, _ in graph.edges}
    ends = [node for node in nodes if node not in read]
    order: dict[str, Node] = {}
    ahead = [*reversed(ends[:-1]), *ends[-1:]]  # the last, the network's own output, is drawn first
    while ahead:
        here = ahead[-1]
        before = [node for node in reads[here] if node != INPUT_ID and node not in order]
        if before:
            ahead.append(before[0])
        else:
            ahead.pop()
            order[here] = nodes[here]
    return list(order.values())


def pieces(graph: Graph, nodes: list[Node]) -> tuple[list[Piece], dict[str, Path]]:
    """The edges, those from one node into one frame led through a joint there.

    Returns:
        The pieces to draw, and the joints with the frames around each.
    """
    paths = {node.id: node.path for node in nodes} | {INPUT_ID: ()}
    place = {node.id: number for number, node in enumerate(nodes)}
    edges = defaultdict(list)
    for edge in sorted(graph.edges, key=lambda edge: (place[edge[1]], edge in graph.bypasses)):
        edges[edge[0]].append(Piece(*edge, graph.bypasses.get(edge, "")))
    found: list[Piece] = []
    joints: dict[str, Path] = {}

    def lead(parts: list[Piece], frame: Path) -> list[Piece]:
        """Draw what lies in a frame of the edges from one node; what enters it is left."""
        groups: dict[Path | str, list[Piece]] = {}
        for part in parts:
            path = paths[part.end]
            inside = path[: len(frame) + 1] if len(path) > len(frame) else part.end
            groups.setdefault(inside, []).append(part)
        entering = []
        for inside, group in groups.items():
            entering += group if isinstance(inside, str) else lead(group, inside)
        if len(entering) < 2 or _is_in(paths[entering[0].start], frame):
            return entering
        source = entering[0].start
        joint = f"{source}{JOINT}{frame[-1]}"
        joints[joint] = frame
        found.extend(Piece(joint, part.end, part.kind) for part in entering)
        kinds = {part.kind for part in entering}
        return [Piece(source, joint, kinds.pop() if len(kinds) == 1 else "")]

    for parts in edges.values():
        found += lead(parts, ())
    return found, joints


def _is_in(path: Path, frame: Path) -> bool:
    return path[: len(frame)] == frame

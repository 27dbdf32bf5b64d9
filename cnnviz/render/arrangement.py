"""Order nodes and bundle edges, so that Graphviz lays a graph out as papers draw it.

Graphviz places nodes side by side in the order in which it meets them, unless edges would cross.
Edges that enter a frame one by one disturb this order, and may run outside the frame. Therefore
all edges from one node into one frame enter as a single line, which splits at a joint inside.
"""

from collections import defaultdict
from typing import NamedTuple

from cnnviz.analysis.graph import INPUT_ID, Graph, Node

JOINT = "⇒"
Path = tuple[str, ...]


class Piece(NamedTuple):
    """A piece of an edge between two nodes or joints.

    The name of a joint holds JOINT between its source and its frame: conv1⇒block2.

    Args:
        kind: kind of the edges past layers that it belongs to; "" for other edges.
    """

    start: str
    end: str
    kind: str


def in_order(graph: Graph) -> list[Node]:
    """The nodes, with branches in the order in which they are joined.

    A path past layers comes after the layers and is drawn to their right. The same holds for a
    side output, such as an auxiliary head.
    """
    nodes = {node.id: node for node in graph.nodes}
    reads: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in sorted(graph.edges, key=graph.bypasses.__contains__):
        reads[target].append(source)
    read = {source for source, _ in graph.edges}
    ends = [node for node in nodes if node not in read]
    order: dict[str, Node] = {}
    ahead = [*reversed(ends[:-1]), *ends[-1:]]  # the network's output comes first
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
    """Split the edges into pieces; edges from one node into one frame share a joint there.

    Returns:
        The pieces to draw, and the frames around each joint.
    """
    paths = {node.id: node.path for node in nodes} | {INPUT_ID: ()}
    place = {node.id: number for number, node in enumerate(nodes)}
    edges: defaultdict[str, list[Piece]] = defaultdict(list)
    for edge in sorted(graph.edges, key=lambda edge: (place[edge[1]], edge in graph.bypasses)):
        edges[edge[0]].append(Piece(*edge, graph.bypasses.get(edge, "")))
    found: list[Piece] = []
    joints: dict[str, Path] = {}

    def lead(parts: list[Piece], frame: Path) -> list[Piece]:
        """Add the pieces of one node's edges inside a frame; return those that enter the frame."""
        groups: dict[Path | str, list[Piece]] = {}
        for part in parts:
            path = paths[part.end]
            inside: Path | str = path[: len(frame) + 1] if len(path) > len(frame) else part.end
            groups.setdefault(inside, []).append(part)
        entering: list[Piece] = []
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

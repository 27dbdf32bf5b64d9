"""The layer graph as DOT and SVG, drawn by Graphviz."""

import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import graphviz

from cnnviz.analysis.excerpt import excerpt
from cnnviz.analysis.graph import INPUT_ID, Graph, Node, blocks, fold
from cnnviz.analysis.report import Report
from cnnviz.render.arrangement import JOINT, Path, Piece, in_order, pieces
from cnnviz.render.colouring import Colouring
from cnnviz.render.kinds import EDGES
from cnnviz.render.node_label import LINE, MARK_SIZE, block_label, image_label, op_label
from cnnviz.text import ExplainedError, Text

# Its Latin letters equal those of the page's font, so Graphviz measures what the browser draws.
FONT = "Noto Sans CJK SC"
FALLBACKS = f"Source Sans, 'Source Sans 3', {FONT}, Helvetica, Arial, sans-serif"
SECONDS = 30


class DrawingError(ExplainedError):
    """The drawing could not be made."""


def to_svg(dot: str) -> str:
    """Lay out a DOT source as SVG.

    Raises:
        DrawingError: Graphviz is not installed, fails, or takes longer than 30 s.
    """
    if not shutil.which("dot"):
        raise DrawingError(
            Text(
                "The drawing needs Graphviz; install it with: apt-get install graphviz",
                "绘图需要 Graphviz，请安装：apt-get install graphviz",
            )
        )
    command = ["dot", "-Tsvg"]
    try:
        done = subprocess.run(
            command, input=dot, capture_output=True, text=True, timeout=SECONDS, check=True
        )
    except subprocess.TimeoutExpired:
        raise DrawingError(
            Text(
                f"The drawing takes longer than {SECONDS} s; fold some blocks.",
                f"绘图超过 {SECONDS} 秒；请折叠部分块。",
            )
        ) from None
    except subprocess.CalledProcessError as error:
        raise DrawingError(
            Text(f"Graphviz failed: {error.stderr[:200]}", f"Graphviz 出错：{error.stderr[:200]}")
        ) from None
    svg = done.stdout[done.stdout.index("<svg") :]
    # what is said once, or to nobody, is a fifth of a large drawing
    svg = _COMMENT.sub("", svg).replace(f' font-family="{FONT}"', "")
    svg = svg.replace('class="graph"', f'class="graph" font-family="{FALLBACKS}"', 1)
    mark = f'font-size="{MARK_SIZE}.00"'
    svg = svg.replace(mark, f'class="mark" aria-hidden="true" {mark}')
    return _TITLE.sub(_ends, svg)


_COMMENT = re.compile(r"<!--.*?-->\n")
_TITLE = re.compile(f"<title>([^<{JOINT}]*){JOINT}?([^<{JOINT}]*)&#45;&gt;([^<]*)</title>")


def _ends(title: re.Match[str]) -> str:
    """The title of a piece with joints replaced by the node and the frame that they stand for."""
    source, _, target = title.groups()
    return f"<title>{source}&#45;&gt;{target.rpartition(JOINT)[2]}</title>"


def to_dot(
    report: Report,
    graph: Graph,
    language: str = "en",
    *,
    input_text: Text = Text("image", "图像"),
    gap: str = "   ",
    colour_by: str = "kind",
    milliseconds: Sequence[float] = (),
) -> str:
    """The DOT source of a folded graph; nodes carry their ids, open blocks are clusters.

    Edges past layers have a class: "shortcut identity", "shortcut projection" or "bypass".

    Args:
        input_text: label of the graph's input.
        gap: spaces or a line break between an op and its output shape.
        colour_by, milliseconds: see `Colouring`.
    """
    dot = graphviz.Digraph(
        graph_attr={
            "bgcolor": "transparent",
            "rankdir": "TB",
            "ranksep": "0.16",
            "nodesep": "0.2",
            "pad": "0.05",
            "fontname": FONT,
        },
        node_attr={
            "shape": "box",
            "style": "rounded,filled",
            "color": LINE,
            "fontname": FONT,
            "fontsize": "12",
            "height": "0.3",
            "margin": "0.1,0.03",
        },
        edge_attr={"color": LINE, "arrowsize": "0.6"},
    )
    nodes = in_order(graph)
    edges, joints = pieces(graph, nodes)
    fill = Colouring(report, graph, colour_by, milliseconds)
    dot.node(
        INPUT_ID,
        image_label(input_text(language), report, gap=gap),
        id=INPUT_ID,
        **{"class": "image"},
        fillcolor="#FFFFFF",
        fontcolor="#111827",
    )
    narrow = _narrow(graph)

    def put(node: Node, into: graphviz.Digraph) -> None:
        if node.is_block:
            name = _short_name((*node.path, node.id))
            label = block_label(node, report, language, name=name, narrow=node.id in narrow)
        else:
            label = op_label(node, report, language, gap=gap)
        colour, ink = fill(node)
        name = graphviz.escape(node.id)  # somebody's own layer may be called <start>
        into.node(name, label, id=name, fillcolor=colour, fontcolor=ink)

    inside = _by_frame(nodes, joints)

    def put_all(path: Path, into: graphviz.Digraph) -> None:
        for part in inside[path]:
            if isinstance(part, Node):
                put(part, into)
            elif isinstance(part, str):
                into.node(
                    graphviz.escape(part),
                    "",
                    shape="point",
                    width="0.01",
                    height="0.01",
                    style="invis",
                )
            else:
                frame = _frame(part)
                put_all(part, frame)
                into.subgraph(frame)

    put_all((), dot)
    dot.body += map(_edge, edges)
    source: str = dot.source
    return source


def _edge(piece: Piece) -> str:
    """An edge in DOT, written by hand since the library reads the end of "cat:2" as a port."""
    looks: dict[str, str] = {}
    if piece.kind:
        kind = EDGES[piece.kind]
        looks = {"class": piece.kind, "color": kind.colour, "penwidth": str(kind.width)}
        looks["style"] = kind.line
    if JOINT in piece.end:
        looks["arrowhead"] = "none"
    if JOINT in piece.start:
        looks["weight"] = "2"  # short branches begin at the same height as long ones
    quote = graphviz.quoting.quote
    start, end = (quote(graphviz.escape(name)) for name in (piece.start, piece.end))
    settings = " ".join(f"{name}={quote(value)}" for name, value in looks.items())
    return f"\t{start} -> {end}{f' [{settings}]' if settings else ''}\n"


def draw(
    report: Report,
    opened: Iterable[str] = (),
    language: str = "en",
    *,
    colour_by: str = "kind",
    milliseconds: Sequence[float] = (),
    together: bool = False,
) -> str:
    """The SVG of a report with the scopes in `opened` unfolded.

    Args:
        colour_by, milliseconds: see `Colouring`.
        together: draw repeated layers as one box, ×N.
    """
    graph = fold(report, opened, together=together)
    dot = to_dot(report, graph, language, colour_by=colour_by, milliseconds=milliseconds)
    return to_svg(dot)


def draw_branches(report: Report, scope: str, language: str = "en") -> str:
    """The SVG of one block: its convolutions, poolings and merges, without frames."""
    inner = excerpt(report, scope, leave_out=("normalisation", "activation"))
    graph = fold(inner, blocks(inner))
    nodes = tuple(replace(node, path=()) for node in graph.nodes)
    reads = Text("input", "输入")
    return to_svg(to_dot(inner, Graph(nodes, graph.edges), language, input_text=reads, gap="\n"))


def _by_frame(nodes: list[Node], joints: dict[str, Path]) -> dict[Path, list[Node | str | Path]]:
    """The direct content of each frame: joints first, then nodes and frames in order."""
    inside: dict[Path, list[Node | str | Path]] = {(): []}
    for node in nodes:
        for depth in range(len(node.path)):
            frame = node.path[: depth + 1]
            if frame not in inside:
                inside[frame] = [joint for joint, path in joints.items() if path == frame]
                inside[frame[:-1]].append(frame)
        inside[node.path].append(node)
    return inside


def _frame(path: Path) -> graphviz.Digraph:
    """The empty cluster of an open scope."""
    return graphviz.Digraph(
        name=graphviz.escape(f"cluster_{path[-1]}"),
        graph_attr={
            "id": graphviz.escape(path[-1]),
            "label": graphviz.escape(f"▾ {_short_name(path)}"),
            "labeljust": "l",
            "fontsize": "12",
            "style": "rounded",
            "color": LINE,
            "margin": "8",
        },
    )


def _short_name(path: Path) -> str:
    """The last scope of a path without the prefix that a frame around it shows."""
    for frame in reversed(path[:-1]):
        if path[-1].startswith(f"{frame}."):
            return path[-1].removeprefix(f"{frame}.")
    return path[-1]


def _narrow(graph: Graph) -> set[str]:
    """The blocks with narrow labels: three or more that read the same node, and side heads.

    With a side head the outermost blocks are narrow, too, so that trunk and head fit a window.
    """
    is_block = {node.id: node.is_block for node in graph.nodes}
    readers: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in graph.edges:
        if is_block[target]:
            readers[source].append(target)
    side_by_side = {block for blocks in readers.values() if len(blocks) > 2 for block in blocks}
    read = {source for source, _ in graph.edges}
    heads = [node for node in graph.nodes[:-1] if node.id not in read]
    trunk = [node for node in graph.nodes if not node.path and not all(one.path for one in heads)]
    return side_by_side | {node.id for node in (*heads, *trunk)}

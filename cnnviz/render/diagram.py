"""The layer graph as DOT and SVG, drawn by Graphviz."""

import shutil
import subprocess
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from html import escape

import graphviz

from cnnviz.analysis.broken import BROKEN
from cnnviz.analysis.excerpt import excerpt
from cnnviz.analysis.graph import INPUT_ID, Graph, Node, blocks, fold
from cnnviz.analysis.report import Report
from cnnviz.numbers import short
from cnnviz.render.kinds import KINDS, op_text, shape_text
from cnnviz.render.labels import node_text
from cnnviz.text import ExplainedError, Text

# Its Latin letters are those of the page's font, so Graphviz measures what the browser will draw.
FONT = "Noto Sans CJK SC"
FALLBACKS = f"Source Sans, Source Sans 3, {FONT}, Helvetica, Arial, sans-serif"
LINE = "#6B7280"
SECONDS = 30


class DrawingError(ExplainedError):
    """The drawing could not be made."""


def to_svg(dot: str) -> str:
    """Lay a DOT source out.

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
    return svg.replace(f'font-family="{FONT}"', f'font-family="{FALLBACKS}"')


def to_dot(
    report: Report,
    graph: Graph,
    language: str = "en",
    *,
    input_text: Text = Text("image", "图像"),
    gap: str = "   ",
) -> str:
    """The DOT source of a folded graph; nodes carry their ids, open blocks are clusters.

    Args:
        input_text: what the graph's input is.
        gap: between an op and its output shape: spaces, or a line break.
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
    dot.node(
        INPUT_ID,
        f"{input_text(language)}{gap}{shape_text(report.input_shape)}",
        id=INPUT_ID,
        **{"class": "image"},
        fillcolor="#FFFFFF",
        fontcolor="#111827",
    )
    clusters = {(): dot}
    narrow = _side_by_side(graph)
    for node in graph.nodes:
        label = (
            _block_label(node, report, language, narrow=node.id in narrow)
            if node.is_block
            else graphviz.escape(
                f"{_sign(node)}{op_text(node, language)}{gap}{_output(node, language)}"
            )
        )
        _node(_cluster(clusters, node.path), node, label)
    for path in sorted(clusters, key=len, reverse=True):
        if path:
            clusters[path[:-1]].subgraph(clusters[path])
    dot.edges((_quoted(source), _quoted(target)) for source, target in graph.edges)
    return dot.source


def draw(report: Report, opened=(), language: str = "en") -> str:
    """The SVG of a report with the scopes in `opened` unfolded."""
    return to_svg(to_dot(report, fold(report, opened), language))


def draw_branches(report: Report, scope: str, language: str = "en") -> str:
    """The SVG of one block alone: its convolutions, poolings and merges, without frames."""
    inner = excerpt(report, scope, leave_out=("normalisation", "activation"))
    graph = fold(inner, blocks(inner))
    nodes = tuple(replace(node, path=()) for node in graph.nodes)
    reads = Text("input", "输入")
    return to_svg(to_dot(inner, Graph(nodes, graph.edges), language, input_text=reads, gap="\n"))


def _cluster(clusters: dict, path: tuple[str, ...]) -> graphviz.Digraph:
    """The subgraph of the innermost open scope, made with those around it on first use."""
    for depth in range(1, len(path) + 1):
        if path[:depth] not in clusters:
            scope = path[depth - 1]
            clusters[path[:depth]] = graphviz.Digraph(
                name=f"cluster_{scope}",
                graph_attr={
                    "id": scope,
                    "label": graphviz.escape(f"▾ {scope.removeprefix(_around(path[:depth]))}"),
                    "labeljust": "l",
                    "fontsize": "12",
                    "style": "rounded",
                    "color": LINE,
                    "margin": "8",
                },
            )
    return clusters[path]


def _around(path: tuple[str, ...]) -> str:
    """What the last scope of a path needs not repeat, since the frame around it says it."""
    return path[-2] + "." if len(path) > 1 else ""


def _sign(node: Node) -> str:
    return "✕ " if node.broken else ""


def _output(node: Node, language: str) -> str:
    """The shape that a node makes, or that it makes none."""
    return KINDS[BROKEN].label(language) if node.broken else shape_text(node.output_shape)


def _node(into: graphviz.Digraph, node: Node, label: str) -> None:
    kind = KINDS[BROKEN if node.broken else node.kind]
    into.node(
        _quoted(node.id),
        label,
        id=node.id,
        fillcolor=kind.colour,
        fontcolor=kind.ink,
    )


def _quoted(name: str) -> str:
    """A node name whose ":2" is not taken for a port."""
    return name.replace(":", "__")


def _block_label(node: Node, report: Report, language: str, *, narrow: bool) -> str:
    """Name, content and shape; a chip for each kind of op inside, and parameters.

    In two lines of two columns or, where blocks stand side by side, in one narrow column.
    """
    layers = [report.layers[position] for position in node.positions]
    name = _sign(node) + escape(node.id.removeprefix(_around((*node.path, node.id))))
    text = escape(node_text(node, report, language))
    shape = _output(node, language)
    params = Text("{n} params", "参数 {n}").format(n=short(node.params))(language)
    chips = _chips(dict.fromkeys(layer.kind for layer in layers))
    left, right = "", ""
    if narrow:
        cells = [[f"▸ <B>{name}</B>"], [text], [f"{shape}  {params}"], [chips]]
    else:
        cells = [[f"▸ <B>{name}</B>  {text}   ", shape], [chips, params]]
        if not node.path:  # outermost blocks are a column of equal widths
            left, right = 'WIDTH="250"', 'WIDTH="86"'
    rows = "".join(
        "<TR>"
        + "".join(
            f'<TD ALIGN="LEFT" {width}>{cell}</TD>'
            for cell, width in zip(row, (left, right), strict=False)
        )
        + "</TR>"
        for row in cells
    )
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>>'


def _chips(kinds: Collection[str]) -> str:
    cells = "".join(
        f'<TD BGCOLOR="{KINDS[kind].colour}" BORDER="1" COLOR="{LINE}" FIXEDSIZE="TRUE" '
        'WIDTH="10" HEIGHT="10"></TD>'
        for kind in kinds
    )
    return (
        '<TABLE ALIGN="LEFT" BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0" '
        f'FIXEDSIZE="TRUE" WIDTH="{13 * len(kinds) + 4}" HEIGHT="14"><TR>{cells}</TR></TABLE>'
    )


def _side_by_side(graph: Graph) -> set[str]:
    """The blocks that read the same output as two other blocks do."""
    is_block = {node.id: node.is_block for node in graph.nodes}
    readers = defaultdict(list)
    for source, target in graph.edges:
        if is_block[target]:
            readers[source].append(target)
    return {block for blocks in readers.values() if len(blocks) > 2 for block in blocks}

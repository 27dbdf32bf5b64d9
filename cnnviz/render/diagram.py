"""The layer graph as DOT and SVG, drawn by Graphviz."""

import shutil
import subprocess
from html import escape

import graphviz

from cnnviz.analysis.graph import INPUT_ID, Graph, Node, fold
from cnnviz.analysis.report import Report
from cnnviz.render.kinds import KINDS, block_text, op_text, shape_text
from cnnviz.render.numbers import short
from cnnviz.text import Text

# Its Latin letters are those of the page's font, so Graphviz measures what the browser will draw.
FONT = "Noto Sans CJK SC"
FALLBACKS = f"Source Sans, Source Sans 3, {FONT}, Helvetica, Arial, sans-serif"
LINE = "#6B7280"
SECONDS = 30


class DrawingError(RuntimeError):
    """The drawing could not be made; `message` says why in both languages."""

    def __init__(self, message: Text):
        super().__init__(message.en)
        self.message = message


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


def to_dot(report: Report, graph: Graph, language: str = "en") -> str:
    """The DOT source of a folded graph; nodes carry their ids, open blocks are clusters."""
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
    image = Text("image", "图像")(language)
    dot.node(
        INPUT_ID,
        f"{image}  {shape_text(report.input_shape)}",
        id=INPUT_ID,
        **{"class": "image"},
        fillcolor="#FFFFFF",
        fontcolor="#111827",
    )
    clusters = {(): dot}
    for node in graph.nodes:
        _node(_cluster(clusters, node.path), node, report, language)
    for path in sorted(clusters, key=len, reverse=True):
        if path:
            clusters[path[:-1]].subgraph(clusters[path])
    dot.edges((_quoted(source), _quoted(target)) for source, target in graph.edges)
    return dot.source


def draw(report: Report, opened=(), language: str = "en") -> str:
    """The SVG of a report with the scopes in `opened` unfolded."""
    return to_svg(to_dot(report, fold(report, opened), language))


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


def _node(into: graphviz.Digraph, node: Node, report: Report, language: str) -> None:
    kind = KINDS[node.kind]
    into.node(
        _quoted(node.id),
        _block_label(node, report, language) if node.is_block else _op_label(node, language),
        id=node.id,
        fillcolor=kind.colour,
        fontcolor=kind.ink,
    )


def _quoted(name: str) -> str:
    """A node name whose ":2" is not taken for a port."""
    return name.replace(":", "__")


def _op_label(node: Node, language: str) -> str:
    return graphviz.escape(f"{op_text(node, language)}   {shape_text(node.output_shape)}")


def _block_label(node: Node, report: Report, language: str) -> str:
    """Two lines: name, content and shape; a chip for each kind of op inside, and parameters."""
    layers = [report.layers[position] for position in node.positions]
    kinds = dict.fromkeys(layer.kind for layer in layers)
    chips = "".join(
        f'<TD BGCOLOR="{KINDS[kind].colour}" BORDER="1" COLOR="{LINE}" FIXEDSIZE="TRUE" '
        'WIDTH="10" HEIGHT="10"></TD>'
        for kind in kinds
    )
    text = escape(block_text(node, layers, language))
    name = escape(node.id.removeprefix(_around((*node.path, node.id))))
    # outermost blocks are a column of equal widths; inside, blocks may stand side by side
    left, right = ("", "") if node.path else ('WIDTH="250"', 'WIDTH="86"')
    params = Text("{n} params", "参数 {n}").format(n=short(node.params))(language)
    return (
        '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">'
        f'<TR><TD ALIGN="LEFT" {left}>▸ <B>{name}</B>  {text}   </TD>'
        f'<TD ALIGN="LEFT" {right}>{shape_text(node.output_shape)}</TD></TR>'
        '<TR><TD ALIGN="LEFT"><TABLE ALIGN="LEFT" BORDER="0" CELLBORDER="0" CELLSPACING="2" '
        f'CELLPADDING="0" FIXEDSIZE="TRUE" WIDTH="{13 * len(kinds) + 4}" HEIGHT="14">'
        f"<TR>{chips}</TR></TABLE></TD>"
        f'<TD ALIGN="LEFT">{params}</TD></TR></TABLE>>'
    )

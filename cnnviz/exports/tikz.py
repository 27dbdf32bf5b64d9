"""The folded graph and the stacked maps as TikZ, a page each.

Graphviz places the nodes of the graph, LaTeX sets their words.
"""

import json
from collections.abc import Iterator
from typing import Any

from cnnviz.analysis.graph import INPUT_ID, Graph, Node, fold
from cnnviz.analysis.report import Report
from cnnviz.exports.picture import caption, dot_source, run_dot
from cnnviz.exports.style import Style
from cnnviz.numbers import short
from cnnviz.render.figures.stack import stacked_maps_tikz
from cnnviz.render.kinds import KINDS, shape_text
from cnnviz.render.labels import node_text
from cnnviz.render.latex import escaped
from cnnviz.text import Text

_POINTS = 72  # an inch
_IMAGE = Text("image", "图像")
_LINE = "4B5563"


def tikz(report: Report, title: str, style: Style) -> str:
    """A document of its own, made with pdflatex, or with xelatex where it is in Chinese.

    Raises:
        ExportError: Graphviz is not installed, fails or takes too long.
    """
    graph = fold(report, style.scopes(report))
    source = dot_source(
        report, title, Style(style.depth, style.opened, style.language, legend=False)
    )
    laid = json.loads(run_dot(source, "-Tjson"))
    lines = [
        rf"% {title}: {caption(report, style)}",
        r"\documentclass[tikz,border=4pt]{standalone}",
        *([r"\usepackage{ctex}"] if style.language == "zh" else []),
        *_colours(graph),
        r"\begin{document}",
        r"\begin{tikzpicture}[",
        r"  x=1pt, y=1pt, font=\sffamily\footnotesize, draw=line,",
        r"  op/.style={draw=line, rounded corners=2pt, align=center, inner sep=1pt},",
        r"  frame/.style={draw=line, rounded corners=4pt, line width=0.4pt},",
        r"  flow/.style={draw=line, ->, >=stealth},",
        r"]",
        *_scopes(laid, style),
        *_nodes(laid, report, graph, style),
        *_edges(laid),
        r"\end{tikzpicture}",
        stacked_maps_tikz(report),
        r"\end{document}",
    ]
    return "\n".join(lines) + "\n"


def _colours(graph: Graph) -> Iterator[str]:
    yield rf"\definecolor{{line}}{{HTML}}{{{_LINE}}}"
    for kind in dict.fromkeys(node.kind for node in graph.nodes):
        for part, colour in (("fill", KINDS[kind].colour), ("ink", KINDS[kind].ink)):
            yield rf"\definecolor{{{_name(kind)}{part}}}{{HTML}}{{{colour.removeprefix('#')}}}"


def _name(kind: str) -> str:
    return kind.replace(" ", "")


def _scopes(laid: dict[str, Any], style: Style) -> Iterator[str]:
    """A frame for each block that is unfolded, the outermost first."""
    for found in laid.get("objects", ()):
        if "bb" in found:  # no node has one
            left, bottom, right, top = found["bb"].split(",")
            yield rf"\draw[frame] ({left},{bottom}) rectangle ({right},{top});"
            yield rf"\node[anchor=north west] at ({left},{top}) {{{escaped(_identity(found))}}};"


def _nodes(laid: dict[str, Any], report: Report, graph: Graph, style: Style) -> Iterator[str]:
    places = {_identity(found): found for found in laid["objects"] if "pos" in found}
    image = rf"{_IMAGE(style.language)} {escaped(shape_text(report.input_shape))}"
    yield _node(places[INPUT_ID], image, "draw=line")
    for node in graph.nodes:
        kind = _name(node.kind)
        words = _words(node, report, style.language)
        yield _node(places[node.id], words, f"fill={kind}fill, text={kind}ink")


def _node(found: dict[str, Any], words: str, style: str) -> str:
    wide, high = (f"{_POINTS * float(found[side]):.1f}pt" for side in ("width", "height"))
    size = f"minimum width={wide}, minimum height={high}"
    return rf"\node[op, {style}, {size}] (n{found['_gvid']}) at ({found['pos']}) {{{words}}};"


def _words(node: Node, report: Report, language: str) -> str:
    text, shape = escaped(node_text(node, report, language)), escaped(shape_text(node.output_shape))
    if not node.is_block:
        return f"{text} {shape}"
    name = escaped(node.id.removeprefix(f"{node.path[-1]}." if node.path else ""))
    params = Text("{n} params", "参数 {n}").format(n=short(node.params))(language)
    return rf"\textbf{{{name}}} {text}\\{shape}, {params}"


def _edges(laid: dict[str, Any]) -> Iterator[str]:
    """Curves through Graphviz's control points; what leads into a joint has no arrow's tip."""
    for edge in laid.get("edges", ()):
        tips = [point for point in edge["pos"].split() if point.startswith("e,")]
        points = [f"({point})" for point in edge["pos"].split() if point not in tips]
        curves = "".join(
            f" .. controls {one} and {two} .. {end}"
            for one, two, end in zip(points[1::3], points[2::3], points[3::3], strict=True)
        )
        end = f" -- ({tips[0].removeprefix('e,')})" if tips else ""
        yield rf"\draw[{'flow' if tips else 'draw=line'}] {points[0]}{curves}{end};"


def _identity(found: dict[str, Any]) -> str:
    """The id of a node or frame, as Graphviz gives it back; a joint has none."""
    return str(found.get("id", "")).replace("\\\\", "\\")

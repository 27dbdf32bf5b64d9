"""The folded graph as a picture that stands alone: its own ground, legend and caption."""

import re
import shutil
import subprocess
from html import escape
from textwrap import wrap

from cnnviz.analysis.graph import Graph, fold
from cnnviz.analysis.report import Report
from cnnviz.exports.errors import ExportError
from cnnviz.exports.style import THEMES, Style
from cnnviz.numbers import short
from cnnviz.render.colouring import Colouring
from cnnviz.render.diagram import FALLBACKS, FONT, to_dot
from cnnviz.render.kinds import COUNTED
from cnnviz.render.node_label import LINE
from cnnviz.render.shape_table import operations_of
from cnnviz.text import Text

SECONDS = 120
_PER_INCH = 96  # px
_ROW = 5  # colours in a row of the legend
_LINE_LENGTH = 72  # characters of the name in a line


def picture(report: Report, title: str, style: Style, form: str) -> bytes:
    """The graph as "svg", "pdf" or "png".

    Raises:
        ExportError: Graphviz is not installed, fails, takes longer than 120 s, or the picture has
            more pixels than a .png can hold.
    """
    inches = f"-Gsize={(style.width or 0) / _PER_INCH:.4f},2000!"
    arguments = {
        "svg": ["-Tsvg"],
        "pdf": ["-Tpdf", *([inches] if style.width else [])],
        "png": ["-Tpng:cairo", f"-Gdpi={_PER_INCH}", *([inches] if style.width else [])],
    }
    made = run_dot(dot_source(report, title, style), *arguments[form])
    if form != "svg":
        return made
    svg = made.decode()
    svg = svg[svg.index("<svg") :].replace(f'font-family="{FONT}"', f'font-family="{FALLBACKS}"')
    if style.width:
        svg = re.sub(
            r'<svg width="[^"]*" height="[^"]*"', f'<svg width="{style.width}"', svg, count=1
        )
    return svg.encode()


def dot_source(report: Report, title: str, style: Style) -> str:
    """The graph in DOT, in the colours of a theme, with legend and caption below."""
    theme = THEMES[style.theme]
    graph = fold(report, style.scopes(report))
    by, times = style.colour_by, style.milliseconds
    source = to_dot(report, graph, style.language, colour_by=by, milliseconds=times)
    source = source.replace(f'color="{LINE}"', f'color="{theme.line}"')
    colours = f'graph [bgcolor="{theme.ground}" fontcolor="{theme.ink}" pad="0.2"]'
    head, brace, rest = source.partition("{")
    first, middle, nodes = rest.partition("\tnode [")
    below = (
        f"\n\tlabelloc=b labeljust=c label={_below(report, graph, title, style)}\n"
        if style.legend
        else ""
    )
    body = nodes.rstrip().removesuffix("}")
    return f"{head}{brace}{first}\t{colours}\n{middle}{body}{below}}}\n"


def _below(report: Report, graph: Graph, title: str, style: Style) -> str:
    """Legend and caption as an HTML label."""
    language, theme = style.language, THEMES[style.theme]
    colouring = Colouring(report, graph, style.colour_by, style.milliseconds)
    cells = [
        f'<TD BGCOLOR="{fill.colour}" BORDER="1" COLOR="{theme.line}" FIXEDSIZE="TRUE" '
        f'WIDTH="18" HEIGHT="18"><FONT POINT-SIZE="10" COLOR="{fill.ink}">'
        f"{escape(mark) or ' '}</FONT></TD>"
        f'<TD ALIGN="LEFT">{escape(label(language))}  </TD>'
        for fill, mark, label in colouring.legend(language)
    ]
    rows = [f"<TR>{''.join(cells[i : i + _ROW])}</TR>" for i in range(0, len(cells), _ROW)]
    legend = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="4">{"".join(rows)}</TABLE>'
    named = "<BR/>".join(map(escape, wrap(title, _LINE_LENGTH, break_on_hyphens=False)))
    return (
        '<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="2">'
        f"<TR><TD>{legend}</TD></TR><TR><TD><B>{named}</B></TD></TR>"
        f"<TR><TD>{escape(caption(report, style))}</TD></TR></TABLE>>"
    )


def caption(report: Report, style: Style) -> str:
    """Parameters and operations of the network in a line."""
    counted = COUNTED[style.counting](style.language)
    total = short(operations_of(report, style.counting))
    text = Text("{params} parameters, {total} {counted}", "参数量 {params}，{counted} {total}")
    return text.format(params=short(report.params), total=total, counted=counted)(style.language)


def run_dot(source: str, *arguments: str) -> bytes:
    """What Graphviz makes of a DOT source.

    Raises:
        ExportError: it is not installed, fails, takes too long, or cannot draw it in full size.
    """
    if not shutil.which("dot"):
        raise ExportError(
            Text(
                "The drawing needs Graphviz; install it with: apt-get install graphviz",
                "绘图需要 Graphviz，请安装：apt-get install graphviz",
            )
        )
    try:
        done = subprocess.run(
            ["dot", *arguments],
            input=source.encode(),
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        message = Text(
            "The drawing takes longer than {seconds} s; show fewer levels of blocks.",
            "绘图超过 {seconds} 秒；请减少展开的层级。",
        )
        raise ExportError(message.format(seconds=SECONDS)) from None
    except subprocess.CalledProcessError as error:
        message = Text("Graphviz failed: {why}", "Graphviz 出错：{why}")
        raise ExportError(message.format(why=error.stderr.decode()[:200])) from None
    if b"too large" in done.stderr:
        raise ExportError(
            Text(
                "The picture is longer than a .png can be; show fewer levels, make it narrower, "
                "or take .svg or .pdf.",
                "图像的长度超过 .png 的上限；请减少展开的层级、减小宽度，或改用 .svg、.pdf。",
            )
        )
    return done.stdout

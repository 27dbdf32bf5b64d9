"""The labels of nodes, in Graphviz's HTML-like syntax."""

from collections.abc import Collection
from html import escape

from cnnviz.analysis.broken import BROKEN
from cnnviz.analysis.graph import Node
from cnnviz.analysis.report import Report
from cnnviz.numbers import short
from cnnviz.render.kinds import KINDS, shape_text
from cnnviz.render.labels import node_text
from cnnviz.text import Text

LINE = "#6B7280"
MARK_SIZE = 10  # points; no other text has this size, so the SVG's marks are found by it
_BROKEN_SIGN = "✕ "
PARAMS = Text("{n} params", "参数 {n}")


def op_label(node: Node, report: Report, language: str, *, gap: str) -> str:
    """Mark, text and output shape of an op.

    Args:
        gap: spaces or a line break between text and shape.
    """
    sign = _BROKEN_SIGN if node.broken else f"{_mark(node.kind, language)}&#160;"
    text = f"{escape(node_text(node, report, language))}{_html(gap)}{_output(node, language)}"
    return f"<{sign}{text}>"


def image_label(text: str, report: Report, *, gap: str) -> str:
    """The network's input and its shape."""
    return f"<{escape(text)}{_html(gap)}{shape_text(report.input_shape)}>"


def block_label(node: Node, report: Report, language: str, *, name: str, narrow: bool) -> str:
    """Name, content, output shape, a chip for each kind of op inside, and parameters.

    The label has two lines of two columns or, if `narrow`, a single column.
    """
    sign = _BROKEN_SIGN if node.broken else ""
    title = f"▸ <B>{sign}{escape(name)}</B>"
    text = escape(node_text(node, report, language))
    shape = _output(node, language)
    params = PARAMS.format(n=short(node.params))(language)
    layers = [report.layers[position] for position in node.positions]
    chips = _chips(dict.fromkeys(layer.kind for layer in layers), language)
    if narrow:
        cells = [[title], [text], [f"{shape}  {params}"], [chips]]
    else:
        cells = [[f"{title}  {text}   ", shape], [chips, params]]
    rows = "".join(f"<TR>{_cells(row)}</TR>" for row in cells)
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>>'


def _cells(row: list[str]) -> str:
    return "".join(f'<TD ALIGN="LEFT">{cell}</TD>' for cell in row)


def _html(gap: str) -> str:
    return gap.replace("\n", "<BR/>").replace(" ", "&#160;")


def _mark(kind: str, language: str) -> str:
    return f'<FONT POINT-SIZE="{MARK_SIZE}">{KINDS[kind].mark(language)}</FONT>'


def _output(node: Node, language: str) -> str:
    """The output shape, or a remark that the node cannot run."""
    return KINDS[BROKEN].label(language) if node.broken else shape_text(node.output_shape)


def _chips(kinds: Collection[str], language: str) -> str:
    cells = "".join(
        f'<TD BGCOLOR="{KINDS[kind].colour}" BORDER="1" COLOR="{LINE}" FIXEDSIZE="TRUE" '
        f'WIDTH="14" HEIGHT="14"><FONT COLOR="{KINDS[kind].ink}">{_mark(kind, language)}</FONT>'
        "</TD>"
        for kind in kinds
    )
    return (
        '<TABLE ALIGN="LEFT" BORDER="0" CELLBORDER="0" CELLSPACING="2" CELLPADDING="0" '
        f'FIXEDSIZE="TRUE" WIDTH="{16 * len(kinds) + 2}" HEIGHT="18"><TR>{cells}</TR></TABLE>'
    )

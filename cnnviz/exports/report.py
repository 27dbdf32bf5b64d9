"""A report of one network on one page, which works offline: figures, graph, table, ledger."""

import json
import re
from html import escape
from pathlib import Path

from cnnviz.analysis.counting.conventions import node_operations
from cnnviz.analysis.graph import blocks, fold, open_to_depth
from cnnviz.analysis.memory.step import BATCH_SIZE, training_memory
from cnnviz.analysis.report import Report
from cnnviz.exports import names, table
from cnnviz.exports.elsewhere import twin
from cnnviz.exports.network import Network
from cnnviz.exports.style import Style
from cnnviz.ledger import compare
from cnnviz.ledger.compare import course_checks
from cnnviz.numbers import pixels, share, short
from cnnviz.render.diagram import draw
from cnnviz.render.kinds import COUNTED, KINDS, shape_text
from cnnviz.render.labels import node_text
from cnnviz.render.ledger_table import ledger_table
from cnnviz.render.shape_table import operations_of
from cnnviz.text import Text

MOST_NODES = 300  # of the graph's last level
_HERE = Path(__file__).parent
_TAGS = {"en": "en", "zh": "zh-CN"}
_PARAMETERS, _WEIGHTS = Text("Parameters", "参数量"), Text("Weights", "权重大小")
_FIELD, _DEPTH = Text("Receptive field", "感受野"), Text("Depth", "深度")
_MEMORY = Text("Training memory", "训练内存")
_WHOLE = Text("whole image", "整幅图像")
_GRAPH, _TABLE = Text("Layer graph", "网络结构图"), Text("Shape table", "形状表")
_EVERY_OP = Text("Every op", "所有算子")
_LEDGER = Text("Printed numbers and built ones", "原文数字与实现对照")
_CODE = Text("The network in Python", "用 Python 构建")
_TWIN = Text(
    "Weights of the same shapes: {library}, {name}.", "权重形状相同：{library} 的 {name}。"
)
_CHOOSE = Text(
    "Click a node for its shapes and cost, double-click a block to see one level more.",
    "单击节点查看形状与计算量，双击块多展开一层。",
)
_LEVEL, _ZOOM = Text("Level {n}", "展开 {n} 级"), Text("Fit", "适应宽度")
_MADE = Text("Made with cnnviz.", "由 cnnviz 生成。")
_DETAILS = (
    Text("Kind", "类型"),
    Text("What", "内容"),
    Text("Input", "输入"),
    Text("Output", "输出"),
    _PARAMETERS,
)


def report_page(network: Network, style: Style, *, top: str = "") -> str:
    """The page as HTML; nothing in it is loaded from anywhere.

    Args:
        top: what stands above the title, as HTML: the way to other pages.
    """
    report, language = network.report, style.language
    parts = [
        top,
        f"<h1>{escape(network.title)}</h1>",
        _figures(report, style),
        f"<h2>{_GRAPH(language)}</h2>",
        _graph(report, style),
        f"<h2>{_TABLE(language)}</h2>",
        _table(report, style),
        *_sources(network, language),
        f"<footer>{_MADE(language)}</footer>",
        f'<script type="application/json" id="known">{_known(report, style)}</script>',
        f"<script>{_asset('report.js')}</script>",
    ]
    return page(network.title, "\n".join(parts), style)


def page(title: str, body: str, style: Style) -> str:
    """A whole HTML document in the report's style."""
    return f"""<!DOCTYPE html>
<html lang="{_TAGS[style.language]}" class="{style.theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>
{_asset("report.css")}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _asset(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _figures(report: Report, style: Style) -> str:
    language = style.language
    operations = operations_of(report, style.counting)
    memory = training_memory(report, BATCH_SIZE).total
    batch = Text("batch {n}", "批量 {n}").format(n=BATCH_SIZE)(language)
    field = report.receptive_field
    rows = [
        (_PARAMETERS, short(report.params), f"{report.params:,}"),
        (COUNTED[style.counting], short(operations), f"{operations:,}"),
        (_WEIGHTS, short(report.weight_bytes, "B"), ""),
        (_FIELD, pixels(field) or _WHOLE(language), ""),
        (_DEPTH, str(report.depth), ""),
        (_MEMORY, short(memory, "B"), batch),
    ]
    cells = "".join(
        f"<div><dt>{label(language)}</dt><dd>{value}<small>{full}</small></dd></div>"
        for label, value, full in rows
    )
    return f'<dl class="figures">{cells}</dl>'


def _levels(report: Report) -> list[frozenset[str]]:
    """What is unfolded in each drawing, up to the last that is not too large to be read."""
    deepest = max((scope.count(".") + 1 for scope in blocks(report)), default=0)
    levels = [open_to_depth(report, depth) for depth in range(1, deepest + 2)]
    return [
        opened
        for opened in dict.fromkeys(levels)
        if opened == levels[0] or len(fold(report, opened).nodes) <= MOST_NODES
    ]


def _graph(report: Report, style: Style) -> str:
    language = style.language
    drawings = [draw(report, opened, language) for opened in _levels(report)]
    buttons = "".join(
        f'<button type="button" data-level aria-pressed="false">'
        f"{_LEVEL.format(n=number)(language)}</button>"
        for number in range(1, len(drawings) + 1)
    )
    tools = f'{buttons}<button type="button" data-act="fit">{_ZOOM(language)}</button>'
    for act, sign in (("in", "+"), ("out", "−")):
        tools += f'<button type="button" data-act="{act}" aria-label="{sign}">{sign}</button>'
    chips = "".join(
        f'<span><i style="background:{KINDS[kind].colour};color:{KINDS[kind].ink}">'
        f"{escape(KINDS[kind].mark(language))}</i>{KINDS[kind].label(language)}</span>"
        for kind in KINDS
        if kind in {layer.kind for layer in report.layers}
    )
    return (
        f'<div class="tools">{tools}</div><div class="graph"><div>'
        f'<div class="stage" tabindex="0" role="group" aria-label="{_GRAPH(language)}">'
        f'{"".join(map(_still, drawings))}</div><div class="legend">{chips}</div></div>'
        f'<div class="details" aria-live="polite">{_CHOOSE(language)}</div></div>'
    )


def _still(svg: str) -> str:
    """A drawing without what only files need."""
    return re.sub(r"<!--.*?-->\n?", "", svg)


def _known(report: Report, style: Style) -> str:
    """What is known of every node of every level, as JSON that no tag can end."""
    language, total = style.language, operations_of(report, style.counting)
    nodes = {}
    for opened in _levels(report):
        for node in fold(report, opened).nodes:
            count = node_operations(report, node, style.counting)
            last = report.layers[node.positions[-1]]
            nodes[node.id] = [
                KINDS[node.kind].label(language),
                node_text(node, report, language),
                shape_text(*node.input_shapes),
                shape_text(node.output_shape),
                f"{node.params:,} ({share(node.params, report.params)})",
                "?" if count is None else f"{count:,} ({share(count, total)})",
                pixels(last.receptive_field),
            ]
    words = [label(language) for label in (*_DETAILS, COUNTED[style.counting], _FIELD)]
    return json.dumps({"nodes": nodes, "words": words}, ensure_ascii=False).replace("<", "\\u003c")


def _table(report: Report, style: Style) -> str:
    every = Style(depth=99, language=style.language, counting=style.counting)
    inner = _rows(report, every)
    return (
        f'<div class="wide">{_rows(report, style)}</div>'
        f"<details><summary>{_EVERY_OP(style.language)}</summary>"
        f'<div class="wide">{inner}</div></details>'
    )


def _rows(report: Report, style: Style) -> str:
    frame = table.rows(report, style)
    numbers = frame.shape[1] - table.NUMBERS
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in frame.columns)
    lines = []
    for row in table.texts(frame):
        first, *others = row
        cells = "".join(
            f"<td{' class=number' if place >= numbers else ''}>{escape(text)}</td>"
            for place, text in enumerate(others, start=1)
        )
        lines.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    lines[-1] = lines[-1].replace("<tr>", '<tr class="total">', 1)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _sources(network: Network, language: str) -> list[str]:
    """What papers and course print of it, and how it is made in Python."""
    spec, start = network.spec, network.start
    if spec is None or start is None:
        return []
    tables = [ledger_table(compare(start, spec), language)]
    checks = course_checks(spec.family)
    tables += [ledger_table(checks, language)] if checks else []
    found = twin(spec)
    code = f"import cnnviz\n\nspec = {names.python(spec, start)}\nnetwork = spec.build()"
    same = ""
    if found:
        words = _TWIN.format(library=found.library, name=found.name)(language)
        same = f"<p>{escape(words)} {escape(found.differs(language))}</p>"
    return [
        f"<h2>{_LEDGER(language)}</h2>",
        *(f'<div class="wide">{one}</div>' for one in tables),
        f"<h2>{_CODE(language)}</h2>",
        f"<pre>{escape(code)}</pre>{same}",
    ]

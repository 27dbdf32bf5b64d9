"""A report of one network on one page, which works offline: figures, graph, table, ledger."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from cnnviz.analysis.graph import fold, scopes
from cnnviz.analysis.memory.step import BATCH_SIZE, training_memory
from cnnviz.analysis.report import Report
from cnnviz.exports import interactive, names, sections, table
from cnnviz.exports.elsewhere import twin
from cnnviz.exports.network import Network
from cnnviz.exports.style import Style
from cnnviz.ledger import compare
from cnnviz.ledger.compare import course_checks
from cnnviz.numbers import pixels, short
from cnnviz.render.colouring import MEASURES
from cnnviz.render.kinds import COUNTED
from cnnviz.render.ledger_table import ledger_table
from cnnviz.render.legend import legend
from cnnviz.render.shape_table import operations_of
from cnnviz.text import LANGUAGES, Text

_HERE = Path(__file__).parent
_TAGS = {"en": "en", "zh": "zh-CN"}
_PARAMETERS, _WEIGHTS = Text("Parameters", "参数量"), Text("Weights", "权重大小")
_DEPTH = Text("Depth", "深度")
_WHOLE = Text("whole image", "整幅图像")
_GRAPH, _TABLE = Text("Layer graph", "网络结构图"), Text("Shape table", "形状表")
_BREAKS = Text("Where it breaks", "在哪一层失败")
_EVERY_OP = Text("Every op", "所有算子")
_LEDGER = Text("Printed numbers and built ones", "原文数字与实现对照")
_CODE = Text("The network in Python", "用 Python 构建")
_TWIN = Text(
    "Weights of the same shapes: {library}, {name}.", "权重形状相同：{library} 的 {name}。"
)
_CHOOSE = Text(
    "Click a node for its shapes and cost, double-click a block to look inside.",
    "单击节点查看形状与计算量，双击块可展开内部。",
)
_MADE = Text("Made with cnnviz.", "由 cnnviz 生成。")


def report_page(
    network: Network, style: Style, *, top: str = "", languages: Sequence[str] = ()
) -> str:
    """The page as HTML; nothing in it is loaded from anywhere.

    Args:
        top: what stands above the title, as HTML: the way to other pages.
        languages: those that it can be read in, that of the style first; by default, that alone.
    """
    languages = languages or (style.language,)
    data = interactive.network_json(network.report, network.title, style, languages)
    parts = [
        top,
        _switch(languages),
        *(
            _main(network, replace(style, language=each), each in languages[:1])
            for each in languages
        ),
        interactive.template(),
        f'<script type="application/json" id="network">{data}</script>',
        f"<script>{interactive.script()}</script>",
    ]
    return page(network.title, "\n".join(parts), style)


def _switch(languages: Sequence[str]) -> str:
    """The way to the other languages of a page that has several."""
    buttons = "".join(
        f'<button type="button" data-language="{each}" lang="{_TAGS[each]}" '
        f'aria-pressed="false">{LANGUAGES[each]}</button>'
        for each in languages
    )
    return f"<nav><span></span><span>{buttons}</span></nav>" if len(languages) > 1 else ""


def _main(network: Network, style: Style, is_first: bool) -> str:
    """Everything that is read in one language."""
    report, language = network.report, style.language
    runs = [f"<h2>{_BREAKS(language)}</h2><p>{escape(network.broken(language))}</p>"]
    after = []
    if not network.broken.en:
        runs = [_figures(report, style)]
        after = [
            f"<h2>{sections.MEMORY(language)}</h2>{sections.memory(report, language)}",
            f"<h2>{sections.FIELD(language)}</h2>{sections.field(report, style)}",
        ]
    parts = [
        f"<h1>{escape(network.title)}</h1>",
        *runs,
        f"<h2>{_GRAPH(language)}</h2>",
        _graph(report, style),
        f"<h2>{_TABLE(language)}</h2>",
        _table(report, style),
        *after,
        *_sources(network, language),
        f"<footer>{_MADE(language)}</footer>",
    ]
    hidden = "" if is_first else " hidden"
    tags = f'lang="{_TAGS[language]}" data-language="{language}"{hidden}'
    return f"<main {tags}>\n{chr(10).join(parts)}\n</main>"


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
        (sections.FIELD, pixels(field) or _WHOLE(language), ""),
        (_DEPTH, str(report.depth), ""),
        (sections.MEMORY, short(memory, "B"), batch),
    ]
    cells = "".join(
        f"<div><dt>{label(language)}</dt><dd>{value}<small>{full}</small></dd></div>"
        for label, value, full in rows
    )
    return f'<dl class="figures">{cells}</dl>'


def _graph(report: Report, style: Style) -> str:
    language = style.language
    everything = fold(report, scopes(report))
    return (
        f'<div class="colours">{_measures(style)}{legend(report, everything, language)}</div>'
        '<div class="graph"><div class="stage-host"></div>'
        f'<div class="details" aria-live="polite">{_CHOOSE(language)}</div></div>'
    )


def _measures(style: Style) -> str:
    """The choice of what the colours of the graph say."""
    language, said = style.language, interactive.words("colours")
    labels = {"kind": said["kind"], **{by: one.label for by, one in MEASURES.items()}}
    options = "".join(
        f'<option value="{by}"{" selected" if by == style.colour_by else ""}>'
        f"{escape(said['is'](language).format(what=label(language)))}</option>"
        for by, label in labels.items()
    )
    return f'<select aria-label="{said["by"](language)}" autocomplete="off">{options}</select>'


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
    head = "".join(
        f'<th scope="col"{" class=number" if place >= numbers else ""}>{escape(name)}</th>'
        for place, name in enumerate(frame.columns)
    )
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

"""HTML table of the ledger: the values that sources print beside those of the built network."""

from collections.abc import Iterable
from html import escape

from cnnviz.ledger import Cell, Comparison, Row, Verdict
from cnnviz.text import Text

VERDICTS = {
    Verdict.EXACT: ("✓", Text("exact", "完全相同")),
    Verdict.ROUNDED: ("✓", Text("rounded", "四舍五入")),
    Verdict.CUT: ("✓", Text("cut", "截断")),
    Verdict.DIFFERENT: ("≠", Text("differs", "不同")),
    Verdict.ABSENT: ("–", Text("not there", "无此部分")),
}
COLUMNS = {
    "layers": Text("Layers", "层"),
    "depth": Text("Weighted layers", "带权层数"),
    "input": Text("Input H×W×C", "输入 H×W×C"),
    "output": Text("Output H×W×C", "输出 H×W×C"),
    "params": Text("Parameters", "参数量"),
    "macs": Text("MACs", "乘加次数（MACs）"),
    "connections": Text("Connections", "连接数"),
    "result": Text("Result", "结果"),
}
WHAT, PRINTED, BUILT = Text("What", "内容"), Text("printed", "原文"), Text("built", "实现")
_VERDICT, _WHY = Text("Verdict", "结论"), Text("Why", "原因")
SIZES = ("layers", "input", "output")  # set to the left, and broken where they are long


def ledger_table(comparisons: Iterable[Comparison], language: str) -> str:
    """One table with two columns for each printed quantity and a section for each source."""
    comparisons = list(comparisons)
    rows = [row for comparison in comparisons for row in comparison.rows]
    columns = [name for name in COLUMNS if any(name in row.cells for row in rows)]
    why = any(row.why for row in rows)
    sections = []
    for comparison in comparisons:
        source = escape(comparison.source(language))
        lines = "".join(_row(row, columns, language, why=why) for row in comparison.rows)
        head = f'<tr><th colspan="{2 * len(columns) + 2 + why}" scope="rowgroup">{source}</th></tr>'
        sections.append(f"<tbody>{head}{lines}</tbody>")
    head = _head(columns, language, why=why)
    return f'<table class="ledger">{head}{"".join(sections)}</table>'


def _head(columns: list[str], language: str, *, why: bool) -> str:
    groups = "".join(
        f'<th colspan="2" scope="colgroup">{COLUMNS[name](language)}</th>' for name in columns
    )
    pairs = f'<th scope="col">{PRINTED(language)}</th><th scope="col">{BUILT(language)}</th>'
    what, *last = (
        f'<th rowspan="2" scope="col">{text(language)}</th>'
        for text in (WHAT, _VERDICT, *([_WHY] if why else []))
    )
    first = f"<tr>{what}{groups}{''.join(last)}</tr>"
    return f"<thead>{first}<tr>{pairs * len(columns)}</tr></thead>"


def _row(row: Row, columns: list[str], language: str, *, why: bool) -> str:
    cells = "".join(
        _pair(row.cells[name], name, language) if name in row.cells else "<td></td><td></td>"
        for name in columns
    )
    sign, word = VERDICTS[row.verdict]
    cells += f'<td class="verdict">{sign} {word(language)}</td>'
    if why:
        reasons = "<br>".join(escape(text(language)) for text in row.why)
        cells += f'<td class="why">{reasons}</td>'
    return f'<tr><th scope="row">{escape(row.name(language))}</th>{cells}</tr>'


def words(text: str, column: str) -> str:
    """A cell's text as HTML; layers break between each other alone."""
    if column == "layers":
        return " ".join(f"<span>{escape(layer)}</span>" for layer in text.split())
    return escape(text)


def _pair(cell: Cell, column: str, language: str) -> str:
    """The printed cell and the built one, with the full number below the short one."""
    sign, word = VERDICTS[cell.verdict]
    mark = "" if cell.verdict.agrees else f"{sign} "
    full = f"<br><small>{cell.full}</small>" if cell.full != cell.shown else ""
    size = "size" if column in SIZES else ""
    differs = "differs" if cell.verdict is Verdict.DIFFERENT else ""
    hover = f"{COLUMNS[column](language)}: {sign} {word(language)}"
    printed, shown = (words(text, column) for text in (cell.printed, cell.shown))
    if cell.says:  # the number is not the source's
        printed = f"{escape(cell.says(language))}<br><small>⇒ {printed}</small>"
    return (
        f'<td class="{"size" if cell.says else size}">{printed}</td>'
        f'<td class="{size} {differs}" title="{hover}">{mark}{shown}{full}</td>'
    )

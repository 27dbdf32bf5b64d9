"""The shape table as a file: one row a node, and a row of totals."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pandas as pd

from cnnviz.analysis.graph import fold
from cnnviz.analysis.report import Report
from cnnviz.exports.style import Style
from cnnviz.render.kinds import COUNTED, shape_text
from cnnviz.render.latex import escaped
from cnnviz.render.markdown import table as markdown
from cnnviz.render.shape_table import operations_of, shape_rows
from cnnviz.text import Text, as_cell

NUMBERS = 4  # columns from the right that hold numbers
_HEADS = (
    Text("Name", "名称"),
    Text("What", "内容"),
    Text("Input", "输入"),
    Text("Output", "输出"),
    Text("Parameters", "参数量"),
    Text("Share, %", "占比（%）"),
)
_TOTAL = Text("Total", "合计")


def rows(report: Report, style: Style) -> pd.DataFrame:
    """The table as it is written: a column for each heading, and the totals last."""
    graph = fold(report, style.scopes(report))
    frame = shape_rows(report, graph, style.counting, style.language)
    operations = COUNTED[style.counting](style.language)
    heads = [head(style.language) for head in _HEADS]
    share = heads[-1]
    # another frame: the one that is kept is everybody's
    frame = frame.set_axis([*heads, operations, f"{operations} · {share}"], axis="columns")
    sums = ["", shape_text(report.input_shape), shape_text(report.output_shape)]
    total: Any = [_TOTAL(style.language), *sums, report.params, 100.0]
    total += [operations_of(report, style.counting), 100.0]
    frame = frame.astype({operations: "Int64"})  # a missing one is not a number, and the rest whole
    frame.loc[len(frame)] = total
    return frame


def write(frame: pd.DataFrame, ending: str, title: str) -> bytes:
    """The rows as .csv, .md, .xlsx or booktabs .tex.

    Args:
        title: the caption in LaTeX and the sheet's name in a workbook.
    """
    return _FORMS[ending](frame, title)


def as_csv(frame: pd.DataFrame, *, index: bool = False, float_format: str | None = None) -> str:
    """A table as CSV, in which no name of somebody's layer is a formula to a spreadsheet."""
    plain = io.StringIO(frame.to_csv(index=index, float_format=float_format), newline="")
    out = io.StringIO()
    rows = ([as_cell(cell) for cell in row] for row in csv.reader(plain))
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _csv(frame: pd.DataFrame, title: str) -> bytes:
    return as_csv(frame, float_format="%.4f").encode("utf-8-sig")  # for Excel's sake


def _xlsx(frame: pd.DataFrame, title: str) -> bytes:
    stream = io.BytesIO()
    with pd.ExcelWriter(stream, engine="openpyxl") as writer:
        name = "".join("-" if sign in r"[]:*?/\'" else sign for sign in title)[:31]
        frame.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 1))
        for column, cells in enumerate(writer.sheets[name].columns):
            for cell in cells:
                if cell.data_type == "f":  # a name that begins like a formula
                    cell.data_type = "s"
            wide = max(len(str(cell.value)) for cell in cells)
            writer.sheets[name].column_dimensions[cells[0].column_letter].width = wide + 3
            if column >= frame.shape[1] - NUMBERS:
                for cell in cells[1:]:
                    cell.number_format = "0.00" if column % 2 else "#,##0"
    return stream.getvalue()


def _md(frame: pd.DataFrame, title: str) -> bytes:
    cells = [list(map(_literal, row)) for row in texts(frame)]
    return (markdown(list(frame.columns), cells, numbers=NUMBERS) + "\n").encode()


def _literal(text: str) -> str:
    """A cell in which no name of somebody's layer is a mark, a tag or the end of the cell."""
    return re.sub(r"^_|_$|[\\`*|\[\]<>&~]", r"\\\g<0>", text.replace("\n", " "))


def _tex(frame: pd.DataFrame, title: str) -> bytes:
    columns = "l" * (frame.shape[1] - NUMBERS) + "r" * NUMBERS
    *body, total = (" & ".join(map(escaped, row)) + r" \\" for row in texts(frame))
    lines = [
        r"% \usepackage{booktabs}",
        r"\begin{table}",
        r"  \centering",
        rf"  \caption{{{escaped(title)}}}",
        rf"  \begin{{tabular}}{{{columns}}}",
        r"    \toprule",
        "    " + " & ".join(map(escaped, frame.columns)) + r" \\",
        r"    \midrule",
        *(f"    {line}" for line in body),
        r"    \midrule",
        f"    {total}",
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return ("\n".join(lines) + "\n").encode()


def texts(frame: pd.DataFrame) -> list[list[str]]:
    """The cells for the eye: grouped digits, two decimals."""
    return [[_text(value) for value in row] for row in frame.itertuples(index=False)]


def _text(value: object) -> str:
    if value is pd.NA:
        return "?"
    if isinstance(value, float):
        return f"{value:.2f}"
    return value if isinstance(value, str) else f"{value:,}"


_FORMS: dict[str, Callable[[pd.DataFrame, str], bytes]] = {
    ".csv": _csv,
    ".md": _md,
    ".xlsx": _xlsx,
    ".tex": _tex,
}
ENDINGS = tuple(_FORMS)

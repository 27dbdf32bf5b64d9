"""A report in a notebook: the folded graph and the table of its blocks."""

from html import escape

import cnnviz
from cnnviz.analysis.report import Report
from cnnviz.analysis.tables.frames import by_block
from cnnviz.analysis.tables.text import more, summary
from cnnviz.text import ExplainedError


def html(report: Report) -> str:
    """The folded graph and the table of its blocks, for a notebook."""
    try:
        graph = str(cnnviz.draw(report))
    except ExplainedError as error:
        graph = f"<p>{escape(str(error))}</p>"
    frame = by_block(report, 1).astype(object)
    frame = frame.fillna({"receptive_field": "–"}).fillna("?").map(_cell)
    table = frame.to_html(border=0, justify="left", index_names=False)
    head = "<br>".join(map(escape, (summary(report), *more(report))))
    return (
        f"<div><p>{head}</p>"
        f'<div style="background:#fff;overflow:auto;max-height:640px">{graph}</div>{table}</div>'
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)

"""HTML table of one source's values for several networks, printed beside built."""

from collections.abc import Iterable, Mapping
from html import escape

from cnnviz.ledger import Cell, Comparison, Row
from cnnviz.render.ledger_table import BUILT, COLUMNS, PRINTED, SIZES, VERDICTS, WHAT, words
from cnnviz.text import Text

_AGREE = Text("{agree} of {cells} agree", "{cells} 处中 {agree} 处一致")


def ledger_columns(comparisons: Mapping[str, Comparison], language: str) -> str:
    """One row for each printed quantity, two columns for each network.

    Args:
        comparisons: each network's comparison with the same source, by the network's name.
    """
    lines = "".join(
        _line(key, column, comparisons.values(), language)
        for key, column in _things(comparisons.values())
    )
    source = escape(next(iter(comparisons.values())).source(language))
    width = 2 * len(comparisons) + 1
    section = f'<tr><th colspan="{width}" scope="rowgroup">{source}</th></tr>'
    return (
        f'<table class="ledger">{_head(comparisons, language)}<tbody>{section}{lines}</tbody>'
        f"</table>{_reasons(comparisons, language)}"
    )


def cells_of(comparisons: Iterable[Comparison]) -> list[Cell]:
    """All printed values with the built ones."""
    rows = (row for comparison in comparisons for row in comparison.rows)
    return [cell for row in rows for cell in row.cells.values()]


def _things(comparisons: Iterable[Comparison]) -> list[tuple[str, str]]:
    """The (row, column) pairs with a printed value for at least one network."""
    rows = (row for comparison in comparisons for row in comparison.rows)
    return list(dict.fromkeys((row.key, column) for row in rows for column in row.cells))


def _head(comparisons: Mapping[str, Comparison], language: str) -> str:
    groups = "".join(
        f'<th colspan="2" scope="colgroup">{escape(name)}<br><small>{_agree([one], language)}'
        "</small></th>"
        for name, one in comparisons.items()
    )
    pair = f'<th scope="col">{PRINTED(language)}</th><th scope="col">{BUILT(language)}</th>'
    what = f'<th rowspan="2" scope="col">{WHAT(language)}</th>'
    return f"<thead><tr>{what}{groups}</tr><tr>{pair * len(comparisons)}</tr></thead>"


def _agree(comparisons: Iterable[Comparison], language: str) -> str:
    cells = cells_of(comparisons)
    agree = sum(cell.verdict.agrees for cell in cells)
    return _AGREE.format(agree=agree, cells=len(cells))(language)


def _line(key: str, column: str, comparisons: Iterable[Comparison], language: str) -> str:
    rows = [_row(comparison, key) for comparison in comparisons]
    name = next(row.name for row in rows if row)
    what = f"{escape(name(language))}<br><small>{COLUMNS[column](language)}</small>"
    cells = (row.cells.get(column) if row else None for row in rows)
    pairs = "".join(_pair(cell, column, language) for cell in cells)
    return f'<tr><th scope="row">{what}</th>{pairs}</tr>'


def _row(comparison: Comparison, key: str) -> Row | None:
    return next((row for row in comparison.rows if row.key == key), None)


def _pair(cell: Cell | None, column: str, language: str) -> str:
    """The printed value, and the built one with the sign of its verdict."""
    if cell is None:
        return "<td></td><td></td>"
    sign, word = VERDICTS[cell.verdict]
    size = "size" if column in SIZES else ""
    differs = "" if cell.verdict.agrees else "differs"
    return (
        f'<td class="{size}">{words(cell.printed, column)}</td>'
        f'<td class="{size} {differs}" title="{cell.full} · {word(language)}">'
        f"{words(cell.shown, column)} {sign}</td>"
    )


def _reasons(comparisons: Mapping[str, Comparison], language: str) -> str:
    """The reasons for disagreement, each listed once with its networks."""
    about: dict[str, list[str]] = {}
    for name, comparison in comparisons.items():
        for row in comparison.rows:
            for reason in row.why:
                about.setdefault(f"{row.name(language)}: {reason(language)}", []).append(name)
    items = "".join(
        f"<li><b>{escape(', '.join(names))}</b> · {escape(reason)}</li>"
        for reason, names in about.items()
    )
    return f"<ul>{items}</ul>" if items else ""

"""Cells in columns for a fixed-width font."""

from collections.abc import Iterable


def columns(rows: list[list[str]], text: Iterable[int] = (0,)) -> str:
    """Lines of cells: text to the left, numbers to the right.

    Args:
        rows: of equal length, the head among them.
        text: the columns that hold text.
    """
    left = set(text)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (
            cell.ljust(width) if number in left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)

"""Tables as Markdown."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    """A table; cells are Markdown already.

    Args:
        numbers: columns, counted from the right, that stand flush right.
    """
    marks = [":--"] * (len(head) - numbers) + ["--:"] * numbers
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, marks, *rows))

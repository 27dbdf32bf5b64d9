"""A report in words: one line, and a table for a fixed-width font."""

from collections.abc import Iterator

from cnnviz.analysis.memory.step import BATCH_SIZE, training_memory
from cnnviz.analysis.report import Report
from cnnviz.analysis.tables.rows import Line, leaves, lines
from cnnviz.numbers import pixels, short

_HEADS = ("name", "type", "output", "params", "MACs", "saved", "receptive field")
_LEFT = 3  # columns of text
_INDENT = "  "


def summary(report: Report) -> str:
    """The whole network in a line."""
    name = report.modules.get("", "")
    return (
        f"{f'{name}: ' if name else ''}{report.input_shape} -> {report.output_shape}, "
        f"{_count(report)} ops, {report.params:,} params, {report.macs:,} MACs"
    )


def _count(report: Report) -> int:
    return sum(layer.kind != "unused" for layer in report.layers)


def text(report: Report, depth: int = 1, sort: str | None = None) -> str:
    """The report as a table for a fixed-width font.

    Args:
        depth: levels of blocks to show; 99: every op.
        sort: a measure, one of MEASURES; the largest first, without the blocks around.
    """
    shown = lines(report, depth) if sort is None else leaves(report, depth, sort)
    rows = [_HEADS, *map(_cells, shown)]
    totals = (_number(report.params), _number(report.macs), short(report.saved_bytes, "B"))
    rows.append(("total", "", "", *totals, pixels(report.receptive_field)))
    return "\n".join([summary(report), *more(report), "", *_aligned(rows)])


def more(report: Report) -> Iterator[str]:
    """Lines on the whole network that are no sum of a column."""
    field = pixels(report.receptive_field) or "not known or the whole image"
    memory = short(training_memory(report, BATCH_SIZE).total, "B")
    yield (
        f"depth {report.depth}, receptive field {field}, {short(report.weight_bytes, 'B')} of "
        f"weights, {memory} to train {BATCH_SIZE} images (fp32, momentum)"
    )
    for names, lack in (
        (report.unknown, "MACs"),
        (report.unknown_saved, "saved bytes"),
    ):
        if names:
            some = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
            yield f"not known, and not in the total: {lack} of {some}"


def _cells(line: Line) -> tuple[str, ...]:
    return (
        _INDENT * line.level + line.name,
        line.type,
        "×".join(map(str, line.output_shape)) or "–",
        _number(line.params),
        _number(line.macs),
        "?" if line.saved_bytes is None else short(line.saved_bytes, "B"),
        pixels(line.receptive_field) or "–",
    )


def _number(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            f"{cell:{'<' if place < _LEFT else '>'}{width}}"
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]

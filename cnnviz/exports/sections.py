"""Sections of a report on one page: training memory and receptive fields as tables."""

from collections.abc import Sequence
from html import escape

from cnnviz.analysis.graph import fold
from cnnviz.analysis.memory.step import (
    BATCH_SIZE,
    CAPACITIES,
    MOMENTS,
    PRECISIONS,
    largest_batch,
    training_memory,
)
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.report import Report
from cnnviz.exports.interactive import words
from cnnviz.exports.style import Style
from cnnviz.numbers import pixels, share, short
from cnnviz.render.kinds import shape_text
from cnnviz.render.memory_chart import PARTS
from cnnviz.text import Text

MEMORY, FIELD = Text("Training memory", "训练内存"), Text("Receptive field", "感受野")
_BATCH = Text("Batch of {n}", "批量 {n}")
_TOTAL = Text("Total", "合计")
_LARGEST = Text("Largest batch in {n} GB", "{n} GB 的最大批量")
_MOMENTUM = Text(
    "With momentum; Adam keeps {n} more, in FP32.", "采用带动量的 SGD；Adam（FP32）另需 {n}。"
)
_NAME, _OUTPUT = Text("Name", "名称"), Text("Output", "输出")
_OF_IMAGE = Text("Of the image's side", "占图像边长")


def memory(report: Report, language: str) -> str:
    """A training step in each precision, and the largest batches of graphics cards."""
    names = words("memory")
    steps = {one: training_memory(report, BATCH_SIZE, precision=one) for one in PRECISIONS}
    head = [
        _BATCH.format(n=BATCH_SIZE)(language),
        *(names[f"precision_{one}"](language) for one in PRECISIONS),
    ]
    rows = [
        [label(language), *(short(getattr(step, part), "B") for step in steps.values())]
        for part, (label, _) in PARTS.items()
    ]
    rows.append([_TOTAL(language), *(short(step.total, "B") for step in steps.values())])
    for size in CAPACITIES:
        batches = [largest_batch(report, size, precision=one) for one in PRECISIONS]
        label = _LARGEST.format(n=f"{size / 1e9:g}")(language)
        rows.append([label, *(f"{batch:,}" if batch else "–" for batch in batches)])
    more = 4 * report.params * (MOMENTS["adam"] - MOMENTS["momentum"])
    note = _MOMENTUM.format(n=short(more, "B"))(language)
    unknown = report.unknown_saved
    lack = names["unknown"].format(names=", ".join(unknown[:5]))(language) if unknown else ""
    return f"{_table(head, rows, total=len(PARTS))}<p>{escape(note)}</p>" + (
        f"<p>{escape(lack)}</p>" if lack else ""
    )


def field(report: Report, style: Style) -> str:
    """How far a unit of each part's output sees, and how far apart two of them look."""
    language, details = style.language, words("details")
    head = [_NAME, _OUTPUT, details["receptive_field"], details["jump"], _OF_IMAGE]
    side = max(report.input_shape[2:], default=0)
    rows = []
    for node in fold(report, style.scopes(report)).nodes:
        last = report.layers[node.positions[-1]]
        size = max(_each(last.receptive_field), default=None)
        rows.append(
            [
                node.id,
                shape_text(node.output_shape),
                pixels(last.receptive_field) or words("field")["whole"](language),
                pixels(last.jump),
                "" if size is None or not side else share(size, side),
            ]
        )
    return _table([label(language) for label in head], rows)


def _each(sizes: int | Shape | None) -> Shape:
    return () if sizes is None else sizes if isinstance(sizes, tuple) else (sizes,)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], total: int | None = None) -> str:
    """A table whose first column names its rows.

    Args:
        total: the row that sums up those above it.
    """
    heads = "".join(
        f'<th scope="col"{" class=number" if place else ""}>{escape(text)}</th>'
        for place, text in enumerate(head)
    )
    lines = []
    for number, (first, *others) in enumerate(rows):
        mark = ' class="total"' if number == total else ""
        cells = "".join(f'<td class="number">{escape(text)}</td>' for text in others)
        lines.append(f'<tr{mark}><th scope="row">{escape(first)}</th>{cells}</tr>')
    body = "".join(lines)
    return (
        f'<div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )

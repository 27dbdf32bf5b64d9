"""Figure of LeNet's table I: the maps of S2 that each map of C3 reads (LeCun et al. 1998)."""

from collections import Counter
from typing import TYPE_CHECKING

from cnnviz.analysis.report import Report
from cnnviz.render.figures.canvas import Canvas, Figure
from cnnviz.render.kinds import KINDS
from cnnviz.text import Text

if TYPE_CHECKING:
    from cnnviz.zoo.lenet import LeNetSpec

_CELL = 36  # px
_FILL = KINDS["convolution"]


def table_figure(report: Report, spec: "LeNetSpec", language: str, ink: str) -> Figure:
    """Draw the table with a cross for each 5×5 kernel: 60 of 96 in 1998, all if fully connected."""
    rows = spec.reads_c3
    inputs = max(map(max, rows)) + 1
    canvas = Canvas(ink)
    with canvas.part("C3", "C3"):
        _cells(canvas, rows, inputs)
    canvas.text(-12, -_CELL / 2, "S2 ↓  C3 →", anchor="end")
    reads = Text("maps read", "读取数")(language)
    canvas.text(-12, (inputs + 0.5) * _CELL, reads, anchor="end")
    crosses = sum(map(len, rows))
    counts = Counter(map(len, rows))
    terms = " + ".join(f"{maps}·{each}" for each, maps in counts.items())
    params = sum(layer.params for layer in report.layers if layer.scope.startswith("C3.conv"))
    values = {"crosses": crosses, "terms": terms, "maps": len(rows), "params": params}
    caption = Text(
        "{terms} = {crosses} kernels of 5×5 and {maps} biases: 25·{crosses} + {maps} = {params:,} "
        "parameters.",
        "{terms} = {crosses} 个 5×5 卷积核与 {maps} 个偏置：25·{crosses} + {maps} = {params:,} "
        "个参数。",
    ).format(**values)
    words = Text(
        "Connection table of {inputs} maps of S2 and {maps} maps of C3. {rows}. {caption}",
        "S2 的 {inputs} 个特征图与 C3 的 {maps} 个特征图的连接表。{rows}。{caption}",
    ).format(
        inputs=inputs,
        maps=len(rows),
        rows="; ".join(f"{index}: {' '.join(map(str, row))}" for index, row in enumerate(rows)),
        caption=caption,
    )
    return Figure(canvas.svg(words(language)), words(language), caption(language))


def _cells(canvas: Canvas, rows: tuple[tuple[int, ...], ...], inputs: int) -> None:
    for column, row in enumerate(rows):
        x = (column + 0.5) * _CELL
        canvas.text(x, -_CELL / 2, str(column))
        canvas.text(x, (inputs + 0.5) * _CELL, str(len(row)))
        for source in range(inputs):
            y, is_read = source * _CELL, source in row
            canvas.rect(column * _CELL, y, _CELL, _CELL, _FILL.colour if is_read else "none")
            if is_read:
                canvas.text(x, y + _CELL / 2, "×", ink=_FILL.ink)
    for source in range(inputs):
        canvas.text(-12, (source + 0.5) * _CELL, str(source), anchor="end")

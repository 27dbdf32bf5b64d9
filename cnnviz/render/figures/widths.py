"""Figure of RegNet's widths: the line, and the blocks that are rounded to it, stage by stage."""

from typing import TYPE_CHECKING

from cnnviz.render.figures.canvas import Canvas, Figure
from cnnviz.render.kinds import KINDS
from cnnviz.text import Text

if TYPE_CHECKING:
    from cnnviz.zoo.regnet import RegNetSpec

_ROW = 17  # px, from block to block: as high as a line of text
_BAR = 13  # px, height of a bar
_WIDEST = 520  # px, width of the widest block or of the line's end
_BLOCK = KINDS["grouped convolution"].colour
_LINE = KINDS["unknown"].colour


def widths_figure(spec: "RegNetSpec", language: str, ink: str) -> Figure:
    """Draw every block as a bar as wide as its channels, and u_j = w₀ + w_a·j as a line."""
    stages = spec.stages()
    line = [spec.line(block) for block in range(spec.depth)]
    scale = _WIDEST / max(*line, *(width for width, _ in stages))
    canvas = Canvas(ink)
    label = Text(
        "stage {number}: {width} channels ×{blocks}", "阶段 {number}：{width} 通道 ×{blocks}"
    )
    first = 0
    for number, (width, blocks) in enumerate(stages, start=1):
        for index in range(blocks):
            name = f"stage{number}.block{index + 1}"
            with canvas.part(name, name):
                canvas.rect(0, (first + index) * _ROW, scale * width, _BAR, _BLOCK)
        text = label.format(number=number, width=width, blocks=blocks)(language)
        middle = (first + (blocks - 1) / 2) * _ROW + _BAR / 2
        canvas.text(_WIDEST + 16, middle, text, anchor="start")
        first += blocks
    points = [(scale * width, block * _ROW + _BAR / 2) for block, width in enumerate(line)]
    canvas.line(points if len(points) > 1 else 2 * points, width=2.5, colour=_LINE)
    counts = {"blocks": spec.depth, "stages": len(stages), "w0": spec.initial_width}
    caption = Text(
        "{blocks} block{blocks:|s} from top to bottom. The line is u = {w0} + {slope}·j; steps "
        "of the factor {factor} make {stages} stage{stages:|s} of it.",
        "自上而下为 {blocks} 个块。直线为 u = {w0} + {slope}·j；"
        "按倍率 {factor} 取整后成为 {stages} 个阶段。",
    ).format(slope=f"{spec.slope:g}", factor=f"{spec.width_factor:g}", **counts)
    words = Text("{caption} {widths}.", "{caption}{widths}。").format(
        caption=caption, widths=", ".join(f"{width} ×{blocks}" for width, blocks in stages)
    )
    return Figure(canvas.svg(words(language)), words(language), caption(language))

"""Figure of a depthwise separable convolution beside a full one: filters and weights."""

from contextlib import nullcontext
from typing import TYPE_CHECKING

from cnnviz.analysis.graph import blocks
from cnnviz.analysis.report import Layer, Report
from cnnviz.numbers import share
from cnnviz.render.figures.canvas import Canvas, Figure
from cnnviz.render.kinds import KINDS
from cnnviz.text import Text

if TYPE_CHECKING:
    from cnnviz.zoo.mobilenet import MobileNetSpec

_UNIT = 13  # px for one weight along a filter's height
_DEEP = 90  # px for all input channels of a filter that reads several
_ROOM = 230  # px, from one kind of filter to the next
_WIDEST = 560  # px, width of the longest bar
_BAR = 22  # px, height of a bar
_OURS = Text(" (this network)", "（本网络）")
_FULL, _DEPTHWISE = Text("full convolution", "普通卷积"), Text("depthwise", "逐通道")
_POINTWISE = Text("pointwise", "逐点")


def separable_figure(
    report: Report, spec: "MobileNetSpec", scope: str, language: str, ink: str
) -> Figure:
    """Draw a block of MobileNet as it is, and with the other kind of convolution."""
    found = [report.layers[position] for position in blocks(report)[scope]]
    convs = [layer for layer in found if layer.operation == "conv2d"]
    kernel, channels, out = _sizes(convs)
    full, depthwise = kernel**2 * channels * out, kernel**2 * channels
    pointwise = channels * out
    canvas = Canvas(ink)
    _filters(canvas, language, convs)
    rows = (
        (
            Text("full convolution{ours}: {sum}", "普通卷积{ours}：{sum}"),
            f"{kernel * kernel}·{channels}·{out} = {full:,}",
            (0, full),
            not spec.separable,
        ),
        (
            Text("depthwise separable{ours}: {sum}", "深度可分离卷积{ours}：{sum}"),
            f"{kernel * kernel}·{channels} + {channels}·{out} = {depthwise + pointwise:,}",
            (depthwise, pointwise),
            spec.separable,
        ),
    )
    for number, (heading, sum_, (second, first), is_ours) in enumerate(rows):
        y = 150 + number * 72
        text = heading.format(ours=_OURS if is_ours else "", sum=sum_)(language)
        canvas.text(0, y, text, anchor="start", bold=is_ours)
        wide, narrow = _WIDEST * first / full, _WIDEST * second / full
        if second:
            canvas.rect(0, y + 14, narrow, _BAR, KINDS["grouped convolution"].colour)
        canvas.rect(narrow, y + 14, wide, _BAR, KINDS["convolution"].colour)
    part = share(depthwise + pointwise, full)
    values = {"scope": scope, "channels": channels, "out": out, "part": part, "k": kernel * kernel}
    caption = Text(
        "{scope}, {channels} → {out} channels: the separable pair has {part} of the weights of the "
        "full convolution, 1/{out} + 1/{k}.",
        "{scope}，通道数 {channels} → {out}：深度可分离卷积的权重为普通卷积的 {part}，"
        "即 1/{out} + 1/{k}。",
    ).format(**values)
    words = Text(
        "{caption} Full: {full:,} weights. Depthwise: {depthwise:,}, pointwise: {pointwise:,}.",
        "{caption}普通卷积：{full:,} 个权重；逐通道：{depthwise:,}，逐点：{pointwise:,}。",
    ).format(caption=caption, full=full, depthwise=depthwise, pointwise=pointwise)
    return Figure(canvas.svg(words(language)), words(language), caption(language))


def _filters(canvas: Canvas, language: str, convs: list[Layer]) -> None:
    """Draw one filter of each kind to scale, and write how many there are."""
    kernel, channels, out = _sizes(convs)
    blue, sky = KINDS["convolution"].colour, KINDS["grouped convolution"].colour
    names = [layer.name for layer in convs]  # the separable pair, or the one full convolution
    full, pair = (names, ["", ""]) if len(names) == 1 else ([""], names)
    kinds = (
        (full[0], _FULL, out, kernel, channels, blue),
        (pair[0], _DEPTHWISE, channels, kernel, 1, sky),
        (pair[1], _POINTWISE, out, 1, channels, blue),
    )
    for number, (op, name, times, side, deep, colour) in enumerate(kinds):
        with canvas.part(op, op) if op else nullcontext():
            _box(canvas, number * _ROOM, side, deep, colour)
        x = number * _ROOM
        canvas.text(x, 88, name(language), anchor="start")
        canvas.text(x, 106, f"{times} × ({side}×{side}×{deep})", anchor="start")


def _sizes(convs: list[Layer]) -> tuple[int, int, int]:
    """Kernel size, input channels and output channels."""
    kernel = dict(convs[0].attributes)["kernel"][0]
    return kernel, convs[0].input_shape[1], convs[-1].output_shape[1]


def _box(canvas: Canvas, x: float, side: int, deep: int, colour: str) -> None:
    """Draw one filter: front, top and side."""
    width = _DEEP if deep > 1 else _UNIT
    height, slant = side * _UNIT, side * _UNIT * 0.4
    y = 50 - height / 2
    right, bottom = x + width, y + height
    canvas.shape([(x, y), (right, y), (right, bottom), (x, bottom)], colour, line=1)
    top = [(x, y), (x + slant, y - slant), (right + slant, y - slant), (right, y)]
    canvas.shape(top, colour, opacity=0.55, line=1)
    far = [(right, y), (right + slant, y - slant), (right + slant, bottom - slant)]
    canvas.shape([*far, (right, bottom)], colour, opacity=0.75, line=1)

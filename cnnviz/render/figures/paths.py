"""Figure of a ResNeXt block with each group as a path of its own: reduce, filter, expand."""

from itertools import pairwise

from cnnviz.analysis.graph import blocks
from cnnviz.analysis.report import Layer, Report
from cnnviz.render.figures.canvas import Canvas, Figure
from cnnviz.render.figures.flow import Op, Parallel, flow, shortcut, shortcut_name
from cnnviz.render.kinds import KINDS, groups_of
from cnnviz.text import Text

_ROOM = 640  # px, width of all paths
_WIDEST = 44  # px, width of a path
_ROWS = 56  # px, from row to row
_BAR = 18  # px, height of a bar
_THICK = 6  # px, thickness of the shortcut


def grouped_bodies(report: Report) -> tuple[str, ...]:
    """The blocks with a grouped convolution between two 1×1 convolutions."""
    return tuple(
        scope
        for scope in blocks(report)
        if scope.startswith("stage") and scope.count(".") == 1 and len(_body(report, scope)) == 3
    )


def _body(report: Report, scope: str) -> list[Layer]:
    """The three convolutions of a block; [] unless the middle one is grouped."""
    convs = [
        report.layers[position]
        for position in blocks(report)[scope]
        if report.layers[position].name.startswith(f"{scope}.body.conv")
        and report.layers[position].operation == "conv2d"
    ]
    grouped = len(convs) == 3 and groups_of(convs[1]) > 1
    return convs if grouped else []


def paths_figure(report: Report, scope: str, language: str, ink: str) -> Figure:
    """Draw one block: C paths of d channels side by side, and their sum."""
    convs = _body(report, scope)
    groups = groups_of(convs[1])
    channels, width, out = (
        convs[0].input_shape[1],
        convs[1].output_shape[1],
        convs[2].output_shape[1],
    )
    each = width // groups
    canvas = Canvas(ink)
    pitch = min(_ROOM / groups, _WIDEST + 8)
    total = pitch * groups
    middle, bottom = total / 2, 4 * _ROWS
    kernels = ["×".join(map(str, dict(layer.attributes)["kernel"])) for layer in convs]
    steps = ((channels, each), (each, each), (each, out))
    for index in range(groups):
        x = (index + 0.5) * pitch
        canvas.line([(middle, _BAR), (x, _ROWS), (x, 3 * _ROWS + _BAR), (middle, bottom)], width=1)
    for row, (layer, (reads, makes), kernel) in enumerate(
        zip(convs, steps, kernels, strict=True), 1
    ):
        y = row * _ROWS
        with canvas.part(layer.name, layer.name):
            for index in range(groups):
                bar = pitch * 0.75
                x = (index + 0.5) * pitch - bar / 2
                canvas.rect(x, y, bar, _BAR, KINDS[layer.kind].colour)
        canvas.text(-12, y + _BAR / 2, f"{reads} → {makes}, {kernel}", anchor="end")
    canvas.rect(middle - 60, 0, 120, _BAR, "none")
    canvas.text(
        -12, _BAR / 2, Text("input {n}", "输入 {n}").format(n=channels)(language), anchor="end"
    )
    around = _shortcut(report, scope)
    if around:
        side = total + 24
        way = [(middle + 60, _BAR / 2), (side, _BAR / 2), (side, bottom), (middle, bottom)]
        canvas.line(way, width=_THICK)
        canvas.text(side + 8, bottom / 2, around(language), anchor="start")
    canvas.circle(middle, bottom, 11, KINDS["merge"].colour)
    canvas.text(middle, bottom, "+", ink=KINDS["merge"].ink)
    count = Text("{groups} path{groups:|s}: {n}", "{groups} 条路径：{n}").format(
        groups=groups, n=out
    )
    canvas.text(-12, bottom, count(language), anchor="end")
    values = {"scope": scope, "groups": groups, "each": each, "width": width}
    values |= {"channels": channels, "out": out}
    caption = Text(
        "{scope}: the 3×3 convolution of {width} channels in C = {groups} groups is {groups} paths "
        "of d = {each} channels.",
        "{scope}：{width} 个通道、C = {groups} 组的 3×3 卷积，相当于 {groups} 条各 d = {each} 个"
        "通道的路径。",
    ).format(**values)
    words = Text(
        "{caption} Each path takes {channels} channels to {each}, filters them, and takes them to "
        "{out}. All are added; shortcut: {around}.",
        "{caption}每条路径把 {channels} 个通道变为 {each} 个，作 3×3 卷积，再变为 {out} 个。"
        "各路径相加；捷径：{around}。",
    ).format(caption=caption, around=around or Text("none", "无"), **values)
    return Figure(canvas.svg(words(language)), words(language), caption(language))


def _shortcut(report: Report, scope: str) -> Text | None:
    """The kind of the shortcut around the paths; None if there is none."""
    shown = flow(report, scope)
    for split, merge in pairwise(shown):
        if isinstance(split, Parallel) and isinstance(merge, Op):
            index = shortcut(split, merge.layer)
            return None if index is None else shortcut_name(split.branches[index])
    return None

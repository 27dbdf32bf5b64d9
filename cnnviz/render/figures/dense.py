"""Two figures of DenseNet: the channel bus, and all connections of a dense block.

Each layer widens the bus by its new channels; each transition compresses it.
"""

import math
from contextlib import nullcontext
from typing import TYPE_CHECKING

from cnnviz.analysis.graph import blocks
from cnnviz.analysis.report import Layer, Report
from cnnviz.render.figures.canvas import SIZE, Canvas, Figure, text_width
from cnnviz.render.kinds import KINDS
from cnnviz.render.training_charts import COLOURS
from cnnviz.text import Text

if TYPE_CHECKING:
    from cnnviz.zoo.densenet import DenseNetSpec

_WIDEST = 520  # px, of the bus
_HEIGHT = 420  # px, of all layers, unless that makes them too thin or too thick
_LEAST, _MOST = 3.0, 16.0  # px, thickness of a layer
_ROW = 22  # px, height of a line of text
_CUT = 44  # px, height of a transition
_OLD, _NEW = KINDS["convolution"].colour, KINDS["merge"].colour
_ARC_ROOM = 900  # px, width of all nodes of a block
_NODE = 6  # px, largest radius of a node


def dense_blocks(report: Report) -> tuple[str, ...]:
    """The names of the dense blocks: block1, block2, …"""
    return tuple(
        scope for scope in blocks(report) if scope.startswith("block") and "." not in scope
    )


def bus(report: Report, spec: "DenseNetSpec", language: str, ink: str) -> Figure:
    """Draw all dense blocks: a bar as wide as its channels for each layer, new ones in orange."""
    drawing = _Bus(report, spec, language, ink)
    scopes = dense_blocks(report)
    ways = [_channels(report, scope) for scope in scopes]
    steps = " → ".join(f"{before} → {after}" for before, *_, after in ways)
    words = Text(
        "The channels of the dense blocks, from the first to the last: {steps}.",
        "各稠密块的通道数，依次为：{steps}。",
    ).format(steps=steps)
    caption = Text(
        "Each layer adds k = {k} channels (orange); each transition keeps the share θ = {theta:g}.",
        "每一层增加 k = {k} 个通道（橙色），每个过渡层保留其中的 θ = {theta:g}。",
    ).format(k=spec.growth_rate, theta=spec.compression)
    return Figure(drawing.svg(words(language)), words(language), caption(language))


class _Bus:
    def __init__(self, report: Report, spec: "DenseNetSpec", language: str, ink: str):
        self.report, self.spec, self.language = report, spec, language
        self.canvas = Canvas(ink)
        widest = max(max(_channels(report, scope)) for scope in dense_blocks(report))
        self.scale = _WIDEST / widest
        self.row = min(max(_HEIGHT / sum(spec.depths), _LEAST), _MOST)

    def svg(self, words: str) -> str:
        y = 0.0
        scopes = dense_blocks(self.report)
        for index, scope in enumerate(scopes):
            y = self._block(scope, y)
            if index + 1 < len(scopes):
                y = self._transition(scope, scopes[index + 1], index + 1, y)
        return self.canvas.svg(words)

    def _block(self, scope: str, y: float) -> float:
        """Draw a bar for the input and for each layer; return the y of the lower edge."""
        before, *after = _channels(self.report, scope)
        top, new = y, after[0] - before
        row = max(self.row, 3 * _ROW / (len(after) + 1))  # high enough for three lines of text
        self._bar(y, row, before, 0)
        y += row
        for number, channels in enumerate(after, start=1):
            with self.canvas.part(f"{scope}.layer{number}", f"{scope}.layer{number}: {channels}"):
                self._bar(y, row, channels, channels - before)
            y, before = y + row, channels
        first = after[0] - new
        sum_ = f"{first} + {len(after)}·{new} = {after[-1]}"
        self.canvas.text(
            after[-1] * self.scale + 6, y - max(row, SIZE) / 2, str(after[-1]), anchor="start"
        )
        size = "×".join(map(str, _joins(self.report, scope)[0].output_shape[2:]))
        maps = Text("maps of {size}", "特征图 {size}").format(size=size)
        self._beside(top, y, [scope, sum_, maps(self.language)])
        return y

    def _bar(self, y: float, height: float, channels: int, new: int) -> None:
        line = 0.6 if height > 5 else 0
        old = (channels - new) * self.scale
        self.canvas.rect(0, y, old, height, _OLD, line=line)
        if new:
            self.canvas.rect(old, y, new * self.scale, height, _NEW, line=line)

    def _transition(self, scope: str, following: str, number: int, y: float) -> float:
        before = _channels(self.report, scope)[-1]
        after = _channels(self.report, following)[0]
        wide, narrow = before * self.scale, after * self.scale
        with self.canvas.part(f"transition{number}", f"transition{number}"):
            corners = [(0, y), (wide, y), (narrow, y + _CUT), (0, y + _CUT)]
            self.canvas.shape(corners, "currentColor", opacity=0.16)
        text = f"θ = {self.spec.compression:g}: {before} → {after}"
        self._beside(y, y + _CUT, [f"transition{number}", text])
        return y + _CUT

    def _beside(self, top: float, bottom: float, lines: list[str]) -> None:
        first = max((top + bottom - (len(lines) - 1) * _ROW) / 2, top + _ROW / 2)
        for number, line in enumerate(lines):
            y = first + number * _ROW
            self.canvas.text(_WIDEST + 70, y, line, anchor="start", bold=number == 0)


def arcs(report: Report, scope: str, language: str, ink: str) -> Figure:
    """Draw a dense block with an arc for each output that a layer, or the next module, reads."""
    before, *after = _channels(report, scope)
    layers, new = len(after), after[0] - before
    canvas = Canvas(ink)
    pitch = min(_ARC_ROOM / (layers + 1), 150)
    last = layers + 1  # node 0 is the input, 1 … n are the layers, n + 1 the next module
    for source in range(last):
        colour = COLOURS[source % len(COLOURS)]
        canvas.arcs(
            [(source * pitch, target * pitch) for target in range(source + 1, last)],
            0,
            colour=colour,
        )
        canvas.arcs([(source * pitch, last * pitch)], 0, colour=colour, dash="5 4")
    radius = min(_NODE, pitch / 3)
    names = ["x₀", *(f"H{_small(number)}" for number in range(1, last)), "→"]
    room = max(map(text_width, [*names, f"+{new}"])) + 6
    every = math.ceil(room / pitch)
    for node, name in enumerate(names):
        inside = 0 < node < last
        with canvas.part(f"{scope}.layer{node}", name) if inside else nullcontext():
            canvas.circle(node * pitch, 0, radius, _NEW if inside else _OLD)
        if node in (0, last) or (node % every == 0 and node + every <= last):
            count = before if node == 0 else after[-1] if node == last else f"+{new}"
            canvas.text(node * pitch, 20, name)
            canvas.text(node * pitch, 40, str(count))
    within, all_ = layers * (layers + 1) // 2, (layers + 1) * (layers + 2) // 2
    values = {"scope": scope, "n": layers, "within": within, "all": all_, "k": new, "k0": before}
    words = Text(
        "{scope}: {n} layer{n:|s} read{n:s|} {within} map{within:|s} by arcs, each layer all "
        "before it; with what follows, which reads {last}, there are {all} arcs. {k0} channels "
        "enter, each layer adds {k}, {out} leave.",
        "{scope}：{n} 层共有 {within} 条连接，每层读取它之前的全部输出；后续层再读取 {last} 个，"
        "合计 {all} 条。输入 {k0} 个通道，每层增加 {k} 个，输出 {out} 个。",
    ).format(**values, last=last, out=after[-1])
    caption = Text(
        "n = {n} layer{n:|s}: n(n+1)/2 = {within} arc{within:|s} into {n:it|them} (solid), and "
        "(n+1)(n+2)/2 = {all} with those into what follows (dashed).",
        "n = {n} 层：进入各层的连接 n(n+1)/2 = {within} 条（实线），"
        "连同进入后续层的（虚线）共 (n+1)(n+2)/2 = {all} 条。",
    ).format(**values)
    return Figure(canvas.svg(words(language)), words(language), caption(language))


def _small(number: int) -> str:
    """A number as a subscript: 12 -> ₁₂."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _joins(report: Report, scope: str) -> list[Layer]:
    """The concatenations of a dense block, one after each layer."""
    layers = (report.layers[position] for position in blocks(report)[scope])
    return [layer for layer in layers if layer.operation == "cat"]


def _channels(report: Report, scope: str) -> list[int]:
    """The channels of the bus before a block and after each of its layers."""
    joins = _joins(report, scope)
    return [joins[0].input_shapes[0][1], *(layer.output_shape[1] for layer in joins)]

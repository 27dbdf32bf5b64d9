"""The classic figure of a CNN: its feature maps as a row of boxes to scale, in SVG and TikZ."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cnnviz.analysis.graph import INPUT_ID, blocks, fold
from cnnviz.analysis.report import Report
from cnnviz.render.figures.canvas import Canvas, Figure, Point, text_width
from cnnviz.render.figures.flow import Parallel, flow
from cnnviz.render.kinds import KINDS, shape_text
from cnnviz.render.latex import escaped
from cnnviz.text import Text, joined

ROW = 920  # px, width of a row
_HIGHEST = 116  # px, height of the largest map
_THICKNESS = 340  # px, most for the channels of all maps together
_THICKEST = 3.0  # px, most for one channel
_LEAST = 2.0  # px, least width and height of a box
_SLANT = 0.3  # offset of the back edge to the right and up, as a fraction of the side
_VECTOR = 10  # px, width of a vector
_GAP = 12  # px, between boxes
_LINE = 18  # px, height of a line of text
_MAIN = ("convolution", "grouped convolution", "linear", "pooling")
_FACES = (1.0, 0.55, 0.75)  # opacity of front, top and side


@dataclass(frozen=True)
class Map:
    """The output of consecutive ops or blocks of one shape: feature maps, or a vector.

    Args:
        name: the first of these ops or blocks; "input" is the image.
        times: number of ops or blocks.
    """

    name: str
    kind: str
    shape: tuple[int, ...]  # (C, H, W) or (features,)
    times: int = 1

    @property
    def is_vector(self) -> bool:
        return len(self.shape) == 1


@dataclass(frozen=True)
class Solid:
    """A map as a box.

    Args:
        x, y: upper left corner of its front, in px.
        width, height: of its front, in px.
        slant: offset of its back to the right and up, in px.
        middle: x at which its text is centred.
        below: y of its first line of text.
    """

    map: Map
    x: float
    y: float
    width: float
    height: float
    slant: float
    middle: float
    below: float

    def faces(self) -> list[list[Point]]:
        """Front, top and side."""
        x, y, right, bottom, s = (
            self.x,
            self.y,
            self.x + self.width,
            self.y + self.height,
            self.slant,
        )
        return [
            [(x, y), (right, y), (right, bottom), (x, bottom)],
            [(x, y), (x + s, y - s), (right + s, y - s), (right, y)],
            [(right, y), (right + s, y - s), (right + s, bottom - s), (right, bottom)],
        ]

    def lines(self) -> list[str]:
        """Its text: name, channels, size, and repetitions."""
        channels, *sides = self.map.shape
        often = f"×{self.map.times}" if self.map.times > 1 else ""
        found = (_short(self.map.name), str(channels), "×".join(map(str, sides)), often)
        return list(filter(None, found))


def maps(report: Report) -> list[Map]:
    """The image and the maps on the way to the output; a block with branches counts as one op."""
    found = [Map(INPUT_ID, "other", report.input_shape[1:])]
    for one in _steps(report):
        if (found[-1].kind, found[-1].shape) == (one.kind, one.shape):
            found[-1] = replace(found[-1], times=found[-1].times + 1)
        else:
            found.append(one)
    return found


def _steps(report: Report) -> Iterator[Map]:
    leads_on = _ancestors(report)
    members = blocks(report)
    for node in fold(report).nodes:
        if not leads_on.intersection(node.positions):
            continue  # an auxiliary head
        forked = node.id in members and _forks(report, node.id)
        last = node.positions[-1]
        for position in node.positions[-1:] if forked else node.positions:
            layer = report.layers[position]
            shape = layer.output_shape[1:]
            ends = forked or position == len(report.layers) - 1
            if len(shape) in (1, 3) and (ends or layer.kind in _MAIN):
                name = node.id if forked or position == last else layer.name
                yield Map(name, "block" if forked else layer.kind, _flat(shape))


def _flat(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Maps of 1×1 as a vector: (C, 1, 1) -> (C,)."""
    return shape[:1] if shape[1:] == (1, 1) else shape


def _ancestors(report: Report) -> set[int]:
    """The positions of the ops that the last op depends on, and its own."""
    found, ahead = set(), [len(report.layers) - 1]
    while ahead:
        position = ahead.pop()
        if position >= 0 and position not in found:
            found.add(position)
            ahead += report.layers[position].inputs
    return found


def _forks(report: Report, scope: str) -> bool:
    return any(isinstance(segment, Parallel) for segment in flow(report, scope))


def _short(name: str) -> str:
    """The outermost scope of a name: block1.conv2 -> block1."""
    return name.split(".", maxsplit=1)[0].removeprefix("inception_")


def solids(report: Report) -> list[Solid]:
    """The maps as boxes in rows of at most ROW px."""
    shown = maps(report)
    solid = [one for one in shown if not one.is_vector]
    side = _HIGHEST / max(max(one.shape[1:]) for one in solid)
    channel = min(_THICKEST, _THICKNESS / sum(one.shape[0] for one in solid))
    longest = max((one.shape[0] for one in shown if one.is_vector), default=1)
    boxes = [_box(one, side=side, channel=channel, longest=longest) for one in shown]
    rooms = [max(one.width + one.slant, *map(text_width, one.lines())) + _GAP for one in boxes]
    rows = math.ceil(sum(rooms) / ROW)
    # several rows get similar lengths
    most = min(ROW, sum(rooms) / rows + max(rooms) / 2) if rows > 1 else ROW
    found, x, top = [], 0.0, 0.0
    for one, room in zip(boxes, rooms, strict=True):
        if x + room > most:
            x, top = 0.0, top + _HIGHEST * (1 + _SLANT) + 5.5 * _LINE
        found.append(
            replace(
                one,
                x=x + (room - one.width - one.slant) / 2,
                y=top + (_HIGHEST - one.height + one.slant) / 2,
                middle=x + room / 2,
                below=top + _HIGHEST * (1 + _SLANT / 2) + _LINE,
            )
        )
        x += room
    return found


def _box(one: Map, *, side: float, channel: float, longest: int) -> Solid:
    """The box of a map, still without a place.

    Args:
        side: px on screen for each pixel of a map.
        channel: px on screen for each channel.
        longest: features of the longest vector.
    """
    if one.is_vector:
        height = max(_HIGHEST * one.shape[0] / longest, _LEAST)
        return Solid(one, 0, 0, _VECTOR, height, 0, 0, 0)
    width, height = max(channel * one.shape[0], _LEAST), max(side * one.shape[1], _LEAST)
    return Solid(one, 0, 0, width, height, _SLANT * side * one.shape[2], 0, 0)


def stacked_maps(report: Report, language: str, ink: str) -> Figure:
    """Draw the maps as boxes: heights to scale with their sides, widths with their channels."""
    canvas = Canvas(ink)
    shown = solids(report)
    for one in shown:
        with canvas.part(one.map.name, f"{one.map.name}: {shape_text((1, *one.map.shape))}"):
            for face, opacity in zip(
                one.faces()[: 1 if one.map.is_vector else 3], _FACES, strict=False
            ):
                canvas.shape(face, KINDS[one.map.kind].colour, opacity=opacity, line=0.8)
        for number, line in enumerate(one.lines()):
            canvas.text(one.middle, one.below + number * _LINE, line, bold=number == 0)
    caption = Text(
        "Heights are to scale with the sides of the maps, widths with their channels; vectors have "
        "a scale of their own.",
        "高度与特征图边长成比例，宽度与通道数成比例；向量另用一个比例尺。",
    )
    steps = joined(
        f"{one.map.name} {shape_text((1, *one.map.shape))}"
        + (f" ×{one.map.times}" if one.map.times > 1 else "")
        for one in shown
    )
    words = Text("Maps from the image to the output: {steps}.", "从图像到输出的特征图：{steps}。")
    said = words.format(steps=steps)(language)
    return Figure(canvas.svg(said), said, caption(language))


def stacked_maps_tikz(report: Report) -> str:
    r"""The same figure as a tikzpicture; it needs only \usepackage{tikz}."""
    shown = solids(report)
    colours = {one.map.kind: KINDS[one.map.kind].colour for one in shown}
    lines = [
        *(
            rf"\definecolor{{cnnviz-{kind.replace(' ', '-')}}}{{HTML}}{{{colour.lstrip('#')}}}"
            for kind, colour in colours.items()
        ),
        r"\begin{tikzpicture}[x=0.75pt, y=-0.75pt, every node/.style={font=\scriptsize}]",
    ]
    for one in shown:
        colour = f"cnnviz-{one.map.kind.replace(' ', '-')}"
        lines.append(f"  % {one.map.name}: {shape_text((1, *one.map.shape))}")
        for face, opacity in zip(
            one.faces()[: 1 if one.map.is_vector else 3], _FACES, strict=False
        ):
            way = " -- ".join(f"({x:.1f},{y:.1f})" for x, y in face)
            lines.append(
                rf"  \filldraw[fill={colour}!{100 * opacity:.0f}, draw=black] {way} -- cycle;"
            )
        for number, line in enumerate(one.lines()):
            at = f"({one.middle:.1f},{one.below + number * _LINE:.1f})"
            lines.append(rf"  \node at {at} {{{escaped(line)}}};")
    return "\n".join([*lines, r"\end{tikzpicture}", ""])

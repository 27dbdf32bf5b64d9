"""Figure of AlexNet's two towers: the halves of each layer, and the connections between them."""

from dataclasses import dataclass

from cnnviz.analysis.graph import INPUT_ID
from cnnviz.analysis.report import Layer, Report
from cnnviz.render.figures.canvas import Canvas, Figure
from cnnviz.render.kinds import KINDS, groups_of, shape_text
from cnnviz.text import Text, joined

_PITCH = 98  # px, from layer to layer
_APART = 150  # px, from one tower to the other
_HIGHEST = 90  # px, height of the largest map or vector
_THICKEST = 40  # px, width of the map with the most channels
_VECTOR = 10  # px, width of a vector
_LEAST = 3.0  # px, least width and height


@dataclass(frozen=True)
class _Stop:
    """A layer with weights, or the image.

    Args:
        shape: of its output, (C, H, W) or (features,).
        is_split: whether it is drawn as two halves.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    groups: int
    is_split: bool


def towers_figure(report: Report, language: str, ink: str) -> Figure:
    """Draw the weighted layers of a network whose convolutions have two groups."""
    stops = _stops(report)
    canvas = Canvas(ink)
    for before, after in zip(range(len(stops)), range(1, len(stops)), strict=False):
        for start in _rows(stops[before]):
            for end in _rows(stops[after]):
                if start == end or not stops[after].groups > 1:
                    canvas.line([(before * _PITCH, start), (after * _PITCH, end)], width=1.2)
    for index, stop in enumerate(stops):
        with canvas.part(stop.name, f"{stop.name}: {shape_text((1, *stop.shape))}"):
            _draw(canvas, stop, index * _PITCH, stops)
    split = [stop for stop in stops if stop.is_split]
    apart = joined(_short(stop) for stop in split if stop.groups > 1)
    across = joined(_short(stop) for stop in split if stop.groups == 1)
    caption = Text(
        "{apart} read only their own half; {across} read all that is in front of them.",
        "{apart} 只读取自己那一半，{across} 读取前面的全部。",
    ).format(apart=apart, across=across)
    words = Text("Two towers: {layers}. {caption}", "双数据流：{layers}。{caption}").format(
        layers=joined(f"{_short(stop)} {shape_text((1, *stop.shape))}" for stop in stops),
        caption=caption,
    )
    return Figure(canvas.svg(words(language)), words(language), caption(language))


def _stops(report: Report) -> list[_Stop]:
    weighted = [layer for layer in report.layers if layer.weighted]
    image = _Stop(INPUT_ID, "other", report.input_shape[1:], 1, is_split=False)
    return [image, *(_stop(layer, layer is not weighted[-1]) for layer in weighted)]


def _stop(layer: Layer, is_split: bool) -> _Stop:
    return _Stop(layer.name, layer.kind, layer.output_shape[1:], groups_of(layer), is_split)


def _short(stop: _Stop) -> str:
    return stop.name.split(".", maxsplit=1)[0]


def _rows(stop: _Stop) -> tuple[float, ...]:
    return (0.0, _APART) if stop.is_split else (_APART / 2,)


def _draw(canvas: Canvas, stop: _Stop, x: float, stops: list[_Stop]) -> None:
    channels, *sides = stop.shape
    half = channels // 2 if stop.is_split else channels
    largest = max(other.shape[1] for other in stops if len(other.shape) > 1)
    widest = max(other.shape[0] for other in stops if len(other.shape) > 1)
    longest = max(other.shape[0] for other in stops if len(other.shape) == 1)
    width = max(_THICKEST * channels / widest, _LEAST) if sides else _VECTOR
    height = max(_HIGHEST * (sides[0] / largest if sides else channels / longest), _LEAST)
    for y in _rows(stop):
        canvas.rect(x - width / 2, y - height / 2, width, height, KINDS[stop.kind].colour)
        # text of the upper tower goes above it, clear of the lines between the towers
        first = y - _HIGHEST / 2 - 48 if y == 0 else y + _HIGHEST / 2 + 14
        lines = (_short(stop), str(half), *filter(None, ["×".join(map(str, sides))]))
        for number, line in enumerate(lines):
            canvas.text(x, first + 17 * number, line, bold=number == 0)

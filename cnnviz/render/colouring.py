"""Node colours: by kind of op, or by a measure such as parameters."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from plotly.colors import hex_to_rgb, sample_colorscale, sequential

from cnnviz.analysis import Report
from cnnviz.analysis.broken import BROKEN
from cnnviz.analysis.graph import Graph, Node
from cnnviz.numbers import duration, pixels, short
from cnnviz.render.kinds import KINDS
from cnnviz.render.node_memory import saved_of
from cnnviz.text import Text

SHARES = (0, 0.25, 0.5, 0.75, 1)  # of the largest, in a legend
_DARK, _LIGHT = "#000000", "#FFFFFF"


class Fill(NamedTuple):
    """A colour and a text colour that is legible on it (WCAG AA)."""

    colour: str
    ink: str


NO_NUMBER = Fill(_LIGHT, _DARK)  # of a node without a number


class Entry(NamedTuple):
    """One entry of a legend: a colour with its mark, and their meaning."""

    fill: Fill
    mark: str
    label: Text


class Measure(NamedTuple):
    """A number of a node, shown as a colour.

    Args:
        of: computes the number; None if a node has none.
        text: formats the number for the legend.
        none: the legend's text for nodes without a number.
    """

    label: Text
    of: Callable[[Report, Node], float | None]
    text: Callable[[float], str]
    none: Text


def _field(report: Report, node: Node) -> float | None:
    sizes = report.layers[node.positions[-1]].receptive_field
    return max(sizes) if isinstance(sizes, tuple) else sizes


def _whole(value: float) -> str:
    return short(round(value))


_UNKNOWN = Text("unknown", "未知")
MEASURES = {
    "params": Measure(Text("Parameters", "参数量"), lambda _, node: node.params, _whole, _UNKNOWN),
    "macs": Measure(Text("MACs", "乘加次数"), lambda _, node: node.macs, _whole, _UNKNOWN),
    "memory": Measure(
        Text("Activation memory", "激活值显存"),
        saved_of,
        lambda value: short(round(value), "B"),
        _UNKNOWN,
    ),
    "receptive_field": Measure(
        Text("Receptive field", "感受野"),
        _field,
        lambda value: str(pixels(round(value))),
        Text("the whole image", "整幅图像"),
    ),
}
COLOURINGS = ("kind", *MEASURES)  # which a report alone has
TIME = "time"  # which is measured on a device
TIME_LABEL = Text("Time forward", "前向用时")


def time_of(milliseconds: Sequence[float], node: Node) -> float | None:
    """Milliseconds that a node takes forward; None if none of its ops was measured.

    Args:
        milliseconds: of each op of the report, in its order.
    """
    found = [milliseconds[position] for position in node.positions if position < len(milliseconds)]
    return sum(found) if found else None


def _time(milliseconds: Sequence[float]) -> Measure:
    return Measure(
        TIME_LABEL,
        lambda _, node: time_of(milliseconds, node),
        lambda value: duration(value / 1e3) if value else "0",
        Text("not measured", "未测量"),
    )


class Colouring:
    """The fill of each node of a graph.

    A measure is mapped linearly to cividis, from dark blue for 0 to yellow for the largest node.
    Cividis looks nearly the same to colour-blind readers.

    Args:
        by: one of `COLOURINGS`, or `TIME`.
        milliseconds: of each op of the report, for `TIME`; none where nothing was measured.
    """

    def __init__(
        self, report: Report, graph: Graph, by: str = "kind", milliseconds: Sequence[float] = ()
    ):
        self.report, self.graph, self.by = report, graph, by
        self._measure = _time(milliseconds) if by == TIME else MEASURES.get(by)
        self._values: dict[str, float | None] = {}
        if self._measure:
            self._values = {node.id: self._measure.of(report, node) for node in graph.nodes}
        self._most = max((value or 0 for value in self._values.values()), default=0)

    def __call__(self, node: Node) -> Fill:
        kind = KINDS[BROKEN if node.broken else node.kind]
        if self._measure is None or node.broken:
            return Fill(kind.colour, kind.ink)
        value = self._values[node.id]
        if value is None:
            return NO_NUMBER
        return shade(value / self._most if self._most else 0)

    def legend(self, language: str) -> list[Entry]:
        """The kinds of op in the graph, or evenly spaced values of the measure."""
        if self._measure is None:
            inside = {x for node in self.graph.nodes for x in node.positions}
            kinds = {self.report.layers[position].kind for position in inside}
            return [
                Entry(Fill(kind.colour, kind.ink), kind.mark(language), kind.label)
                for name, kind in KINDS.items()
                if name in kinds
            ]
        values = set(self._values.values())
        texts = scale(self._measure, self._most) if values - {None} else []
        entries = [
            Entry(shade(share), "", Text(text, text))
            for share, text in zip(SHARES, texts, strict=False)
        ]
        if None in values:
            entries.append(Entry(NO_NUMBER, "", self._measure.none))
        return entries


def scale(measure: Measure, most: float) -> list[str]:
    """What a legend writes beside the colours of `SHARES`; where all have nothing, it is one."""
    return [measure.text(share * most) for share in (SHARES if most else SHARES[:1])]


def shade(share: float) -> Fill:
    """The colour at a position from 0 to 1 on the scale."""
    (colour,) = sample_colorscale(sequential.Cividis, [share], colortype="tuple")
    text = "#" + "".join(f"{round(255 * part):02X}" for part in colour)
    ink = max((_DARK, _LIGHT), key=lambda ink: contrast(ink, text))
    return Fill(text, ink)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours by WCAG's definition, from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    rgb: tuple[int, int, int] = hex_to_rgb(colour)
    parts = (part / 255 for part in rgb)
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

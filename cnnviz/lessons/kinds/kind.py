"""What a lesson's file asks for, and the tools with which a kind makes a question of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.graph import Node, find
from cnnviz.analysis.ops.table import word
from cnnviz.knobs import Value
from cnnviz.lessons.network import Network
from cnnviz.lessons.question import Question
from cnnviz.text import Text

PARAMS, MACS = "params", "macs"
CONVOLUTIONS = ("convolution", "grouped convolution")  # kinds of ops
MEASURES = {
    PARAMS: Text("parameters", "参数量"),
    MACS: Text("MACs", "乘加次数"),
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question as a lesson's file asks for it; the seed draws one of the things that it names.

    Args:
        kind: one of `cnnviz.lessons.kinds.KINDS`.
        networks: to draw from.
        layers: patterns of the ops to draw from, such as "C*.conv"; without any, all that fit.
        knob, values: of the networks, to draw from.
        measure: "params" or "macs".
        part: which ops are meant, one of `cnnviz.lessons.kinds.whole.PARTS`.
    """

    kind: str
    networks: tuple[Network, ...]
    layers: tuple[str, ...] = ()
    knob: str = ""
    values: tuple[Value, ...] = ()
    measure: str = PARAMS
    part: str = ""

    def draw_network(self, draw: Random) -> Network:
        """One of the networks, with the knob at one of the values."""
        network = draw.choice(self.networks)
        return network.turn(**{self.knob: draw.choice(self.values)}) if self.knob else network

    def draw_layer(self, draw: Random, report: Report, fits: Callable[[Layer], object]) -> Layer:
        """One of the ops that are named and fit."""
        return draw.choice([layer for layer in report.layers if fits(layer) and self._names(layer)])

    def _names(self, layer: Layer) -> bool:
        return not self.layers or any(fnmatchcase(layer.name, one) for one in self.layers)


@dataclass(frozen=True)
class Kind:
    """A kind of question.

    Args:
        make: a question of what is asked, drawn from a seeded generator.
        needs: what a file has to say beside the networks.
        takes: what it may say beside that.
        networks: the fewest that there must be to draw from.
        knob: whose values they are, where the kind leaves no choice.
    """

    make: Callable[[Asked, Random], Question]
    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    networks: int = 1
    knob: str = ""


def amount(of: Layer | Report, measure: str) -> int:
    """How much an op or a network has of a measure; none where it is unknown."""
    return of.params if measure == PARAMS else of.macs or 0


def node_of(report: Report, layer: Layer) -> Node:
    """The op as the graph has it, for the formulas."""
    found = find(report, layer.name)
    assert found is not None, layer.name
    return found


def op_of(layer: Layer) -> Text:
    """An op with its settings in words: "convolution, window 5×5, stride 1, padding 2"."""
    settings = dict(layer.attributes)
    parts = [word(layer.operation)]
    if "kernel" in settings:
        parts.append(Text("window {k}", "窗口 {k}").format(k=by(settings["kernel"])))
        parts.append(Text("stride {s}", "步幅 {s}").format(s=same(settings["stride"])))
        parts.append(Text("padding {p}", "填充 {p}").format(p=same(settings["padding"])))
    if settings.get("groups", 1) > 1:
        parts.append(Text("{g} groups", "{g} 组").format(g=settings["groups"]))
    return Text(", ".join(part.en for part in parts), "，".join(part.zh for part in parts))


def by(sizes: Iterable[int]) -> str:
    """Sizes as a product: (3, 3) -> "3×3"."""
    return "×".join(map(str, sizes))


def same(numbers: int | str | tuple[int, ...]) -> str:
    """A setting along all axes: (2, 2) -> "2", (0, 3) -> "0×3"."""
    each = numbers if isinstance(numbers, tuple) else (numbers,)
    return str(each[0]) if len(set(each)) == 1 else by(each)  # type: ignore[arg-type]


def alike(text: str) -> Text:
    """A text without words, which is the same in both languages."""
    return Text(text, text)

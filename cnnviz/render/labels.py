"""Short texts for nodes of the graph: an op with its settings, a block with its content."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.depth import places_beside
from cnnviz.analysis.graph import Node, ancestors, blocks
from cnnviz.render.blocks import BLOCKS, ROWS, block_name, known
from cnnviz.render.kinds import kernel_text, op_settings, op_word
from cnnviz.text import Text

_MAIN = ("convolution", "grouped convolution", "linear", "pooling")
_MOST = 5  # parts of a row that are written out
_MOST_WORDS = 3  # runs of one word in a row that is written out
_COUNTED = Text("{count} {word}", "{count} 个{word}")
_GATE = "SE"
_APART = ("branch", "head")


class _Part(NamedTuple):
    """A part of a block: one of its ops, or an inner block with a name.

    Args:
        block: class of the inner block; empty for an op.
        layers: the op, or the inner block's main ops.
    """

    block: str
    layers: tuple[Layer, ...]

    def word(self, language: str) -> str:
        return block_name(self.block, language) if self.block else op_word(self.layers[0], language)

    def settings(self) -> str:
        return "" if self.block else op_settings(self.layers[0], groups=False)


def node_text(node: Node, report: Report, language: str) -> str:
    """The text of an op or a block: conv 3×3 /2, Bottleneck 1×1 3×3 1×1, Dense layer ×6."""
    if not node.is_block:
        return f"{op_word(node, language)} {op_settings(node)}".rstrip()
    if node.repeated:
        name, times = node.repeated
        return f"{block_name(name, language)} ×{times}"
    name = known(node.operation)
    if name in BLOCKS and name not in ROWS:
        return " ".join((block_name(name, language), *_kernels(report, node)))
    parts = [part for _, part in _parts(report, node)]
    words = len(list(groupby(part.word(language) for part in parts)))
    if 0 < words <= _MOST_WORDS and (name in ROWS or not _has_branches(report, node)):
        row = _row(parts, language)
        if len(row) <= _MOST:
            return _comma(language).join(row)
    return _inventory(parts, language) if name in ROWS and parts else block_name(name, language)


def _parts(report: Report, block: Node) -> Iterator[tuple[int, _Part]]:
    """The parts of a block in order, each with the position of its first main op."""
    main = [position for position in block.positions if report.layers[position].kind in _MAIN]
    main = main or list(block.positions)
    for scope, inner in groupby(main, key=lambda position: _named(report, block.scope, position)):
        positions = list(inner)
        layers = tuple(report.layers[position] for position in positions)
        name = known(report.modules[scope]) if scope else ""
        if name and (name in BLOCKS or len(layers) > 1):
            yield positions[0], _Part(name, layers)
        else:
            for position, layer in zip(positions, layers, strict=True):
                yield position, _Part("", (layer,))


def _named(report: Report, block: str, position: int) -> str:
    """The outermost block between `block` and an op that is more than a row of layers; else ""."""
    for scope in ancestors(report.layers[position].scope):
        inside = scope.startswith(f"{block}.") and scope in blocks(report)
        if inside and known(report.modules.get(scope, "Sequential")) not in ROWS:
            return scope
    return ""


def _row(parts: list[_Part], language: str) -> list[str]:
    """The parts in order; equal neighbours are merged, and a word is not repeated in a row."""
    texts, before = [], None
    pairs = [(part.word(language), part.settings()) for part in parts]
    for (word, settings), equal in groupby(pairs):
        times = len(list(equal))
        text = settings if word == before and settings else f"{word} {settings}".rstrip()
        texts.append(f"{text} ×{times}" if times > 1 else text)
        before = word
    return texts


def _inventory(parts: list[_Part], language: str) -> str:
    """The number of parts of each kind, for a row too long to be written out."""
    counts = Counter(part.word(language) for part in parts)
    texts = (
        _COUNTED.format(count=count, word=word)(language) if count > 1 else word
        for word, count in counts.items()
    )
    return _comma(language).join(texts)


def _kernels(report: Report, block: Node) -> list[str]:
    """The kernels along a chain of convolutions with at most a shortcut; [] for other blocks."""
    beside = places_beside(report)
    found: list[str] = []
    if known(block.operation) == "Branches":
        return found
    for position, part in _parts(report, block):
        if part.block == "SqueezeExcite":
            found.append(_GATE)
        elif (
            (part.block and part.block != "Projection")
            or part.layers[0].operation.startswith("adaptive")
            or beside.get(position) in _APART
        ):
            return []
        elif "convolution" in part.layers[0].kind and position not in beside:
            found.append(kernel_text(part.layers[0]))
    return found if len(found) <= _MOST else []


def _has_branches(report: Report, block: Node) -> bool:
    beside = places_beside(report)
    return any(beside.get(position) == "branch" for position in block.positions)


def _comma(language: str) -> str:
    return Text(", ", "、")(language)

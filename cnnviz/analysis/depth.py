"""Why a network is as deep as it is: the weighted layers of its longest path, part by part.

The parts are the children of the network, in order. A part is made of equal blocks where it is a
container of blocks, is one block itself, or is a row of single layers.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from cnnviz.analysis.graph import ancestors
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.report import Layer, Report
from cnnviz.kept import kept

_CONTAINER = "Sequential"
_GATE = "SqueezeExcite"


@dataclass(frozen=True)
class Part:
    """Equal blocks in a row, in one child of the network.

    Args:
        name: the child's scope.
        block: class of the blocks; empty for single layers.
        blocks: the weighted layers of each block that are on the longest path.
        alone: whether the child is itself the block, not a container of blocks.
    """

    name: str
    block: str
    blocks: tuple[tuple[Layer, ...], ...]
    alone: bool

    @property
    def each(self) -> int:
        """Weighted layers a block."""
        return len(self.blocks[0])

    @property
    def total(self) -> int:
        return len(self.blocks) * self.each

    @property
    def size(self) -> Shape:
        """Height and width that leave the part; nothing of a vector."""
        return self.blocks[-1][-1].output_shape[2:]

    @property
    def kind(self) -> str:
        """Kind of the single layers: convolution, linear …"""
        return "" if self.block else _kind(self.blocks[0][0])


def parts(report: Report) -> list[Part]:
    """The longest path's weighted layers; the totals sum to the report's depth."""
    found = []
    path = [report.layers[position] for position in report.longest_path]
    for name, layers in groupby(path, key=lambda layer: _scope(layer, 1) or layer.name):
        units = _units(report, list(layers), 1)
        for (block, *_), equal in groupby(units, key=_unit_key):
            blocks = tuple(tuple(inner) for _, inner in equal)
            alone = report.modules.get(name) == block
            found.append(Part(name, block, blocks, alone))
    return found


def _unit_key(unit: tuple[str, list[Layer]]) -> tuple[Any, ...]:
    """The key of equal blocks: class, number of layers, and the kind of a single layer."""
    block, layers = unit
    return block, len(layers), "" if block else _kind(layers[0])


def formula(found: list[Part]) -> str:
    """The arithmetic of the depth: 1 + 2·(6+12+24+16) + 3 + 1 for DenseNet-121.

    Equal blocks of one class are collected from all over the network, single layers from
    neighbouring parts. A summand is a part, or the blocks of one resolution where each is a part
    by itself.
    """
    groups: dict[tuple[Any, ...], list[int]] = {}
    for number, (_, neighbours) in enumerate(groupby(found, key=_alike)):
        row = list(neighbours)
        block, each = row[0].block, row[0].each
        if not block:
            groups["", number] = [part.total for part in row]
        elif any(part.each != each for part in row):  # VGG-16: blocks of 2, 2, 3, 3 and 3 layers
            groups["", number] = [part.each for part in row]
        elif row[0].alone:
            stages = groupby(row, key=lambda part: part.size)
            groups.setdefault((block, each), []).extend(len(list(stage)) for _, stage in stages)
        else:
            groups.setdefault((block, each), []).extend(len(part.blocks) for part in row)
    texts = (_product(key[1] if key[0] else 1, counts) for key, counts in groups.items())
    return " + ".join(texts) or "0"


def _alike(part: Part) -> tuple[Any, ...]:
    """The key of neighbouring parts that are written as one group."""
    if part.alone:
        return "alone", part.block
    return (part.block, part.each) if part.block else ("single", part.kind)


def beside(report: Report) -> dict[str, int]:
    """How many weighted layers are not on the longest path, by where they lie."""
    return dict(Counter(places_beside(report).values()))


@kept
def places_beside(report: Report) -> Mapping[int, str]:
    """The positions of the weighted layers that are not on the longest path, and where they lie.

    "shortcut" is added to the path, "branch" is joined to it in another way, and "head" has an
    output of its own.
    """
    path = set(report.longest_path)
    readers: dict[int, int] = {}
    for position, layer in enumerate(report.layers):
        for source in layer.inputs:
            readers.setdefault(source, position)
    found: dict[int, str] = {}
    for position, layer in enumerate(report.layers):
        if layer.weighted and position not in path:
            reader = readers.get(position)
            while reader is not None and len(report.layers[reader].inputs) < 2:
                reader = readers.get(reader)
            merge = "" if reader is None else report.layers[reader].operation
            found[position] = "shortcut" if merge == "add" else "branch" if merge else "head"
    return MappingProxyType(found)


def gates(report: Report) -> int:
    """How many of the path's layers are inside squeeze-and-excitation, which no name counts."""
    scopes = (report.layers[position].scope for position in report.longest_path)
    return sum(
        any(report.modules.get(scope) == _GATE for scope in ancestors(inner)) for inner in scopes
    )


def _units(report: Report, layers: list[Layer], level: int) -> Iterator[tuple[str, list[Layer]]]:
    """The blocks that the path crosses in one scope: class and layers; "" for a single layer."""
    name = report.modules.get(_scope(layers[0], level), "")
    children = [
        (scope, list(inner))
        for scope, inner in groupby(layers, key=lambda layer: _scope(layer, level + 1))
    ]
    classes = {report.modules.get(scope, "") for scope, _ in children}
    holds_blocks = all(_is_block(report, scope, inner) for scope, inner in children)
    if name == _CONTAINER:
        for scope, inner in children:
            if len(inner) == 1:  # a block of one weighted layer is that layer
                yield "", inner
            elif not scope:
                yield from (("", [layer]) for layer in inner)
            elif _is_block(report, scope, inner):
                yield report.modules[scope], inner
            else:
                yield from _units(report, inner, level + 1)
    elif len(classes) == 1 and holds_blocks:
        yield from ((report.modules[scope], inner) for scope, inner in children)
    elif name and any(scope for scope, _ in children):
        yield name, layers
    else:
        yield from (("", [layer]) for layer in layers)


def _is_block(report: Report, scope: str, layers: list[Layer]) -> bool:
    """Whether a scope is a block with layers inside, neither a container nor a layer itself."""
    return bool(scope) and report.modules[scope] != _CONTAINER and layers[0].scope != scope


def _scope(layer: Layer, level: int) -> str:
    """The scope of `level` names around a layer; empty where it lies further out."""
    return (*ancestors(layer.scope), *[""] * level)[level - 1]


def _kind(layer: Layer) -> str:
    return layer.kind.removeprefix("grouped ")


def _product(each: int, counts: list[int]) -> str:
    if set(counts) == {1}:
        counts = [len(counts)]
    total = "+".join(map(str, counts))
    if len(counts) > 1:
        total = f"({total})"
    if each == 1 or total == "1":
        return total if each == 1 else str(each)
    return f"{each}·{total}"

"""The theoretical receptive field of every op: the input pixels that a unit of its output sees.

The box is exact and not clipped to the image. Branches give the least box that holds all of theirs.
A unit that sees the whole of an axis (behind global pooling, a fully connected layer, a gate, a
normalisation over the map) has none. Nor has one behind an op whose reach is not known, such as a
matrix product of two maps; those ops are named.

Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

from cnnviz.analysis.ops import Shape
from cnnviz.analysis.ops.table import OPS
from cnnviz.analysis.receptive.axis import PIXELS, Axis
from cnnviz.analysis.receptive.reach import Row, Seen

_INPUT = -1  # the position of the network's input
Field = tuple[Axis, ...]  # one for each axis of the map, height first


class No(Enum):
    """Why there is no field."""

    WHOLE = "a unit sees the whole of an axis, or there is no map any more"
    UNKNOWN = "an op's reach is not known"
    CONSTANT = "no pixel is read, only parameters, constants and inputs that are no images"


class Fields:
    """The fields of the ops of one trace, one after the other.

    Args:
        image: (N, C, H, W) of what the fields are of; without sizes, nothing has one.
    """

    def __init__(self, image: Shape):
        sizes = tuple(image[2:])
        axes = len(sizes)
        self._rank = len(image)
        start = Seen((PIXELS,) * axes, tuple(range(-axes, 0)), sizes) if axes else No.WHOLE
        self._found: dict[int, Seen | No] = {_INPUT: start}

    def add(self, columns: Mapping[str, Any]) -> Field | No:
        """What a unit of the next op sees.

        Args:
            columns: those of `Row`, and `inputs`, the positions of the ops that it reads.
        """
        position = len(self._found) - 1
        row = Row(*(columns[name] for name in Row._fields))
        found = self._found[position] = self._behind(row, columns["inputs"])
        return found if isinstance(found, No) else found.field

    def _behind(self, row: Row, sources: Sequence[int]) -> Seen | No:
        inputs = {source: self._found[source] for source in sources}
        read = _read(row, sources)
        if _INPUT in inputs and all(len(shape) < self._rank for shape in read[_INPUT]):
            inputs[_INPUT] = No.CONSTANT  # a length or a label, which has fewer axes than the image
        maps = [source for source, seen in inputs.items() if seen is not No.CONSTANT]
        if not maps:
            return No.CONSTANT
        for no in (No.WHOLE, No.UNKNOWN):
            if no in inputs.values():
                return no
        if len(maps) < len(inputs):  # the rules look at maps alone
            shapes = tuple(dict.fromkeys(shape for source in maps for shape in read[source]))
            row = row._replace(input_shape=shapes[0], input_shapes=shapes)
        op = OPS.get(row.operation)
        seen = [seen for seen in inputs.values() if isinstance(seen, Seen)]
        found = op.reach(row, seen) if op and op.reach else None
        if found is None:
            return No.UNKNOWN
        return found if found.field else No.WHOLE


def _read(row: Row, sources: Sequence[int]) -> dict[int, tuple[Shape, ...]]:
    """The shapes that are read of each source; all, where one of them is read several times."""
    if len(sources) != len(row.input_shapes):
        return dict.fromkeys(sources, row.input_shapes)
    return {source: (shape,) for source, shape in zip(sources, row.input_shapes, strict=True)}


def one_or_all(values: Iterable[Any]) -> Any:
    """A number where all are equal, else all of them: 7, or (1, 7)."""
    values = tuple(values)
    return values[0] if len(set(values)) == 1 else values


class Mapped(Protocol):
    """An op whose field has been found."""

    @property
    def inputs(self) -> tuple[int, ...]: ...

    @property
    def field(self) -> Field | No: ...


def last_map(layers: Sequence[Mapped]) -> int | None:
    """Position of the last map, of those that lead to the output, whose units see a part of it.

    Along a path no field gets smaller, so it is the largest. None where there is no such map, or
    an op of unknown reach leads to the output.
    """
    used = [position for position, layer in enumerate(layers) if layer.inputs]
    leading = set(used[-1:])
    for position in reversed(used):
        if position in leading:
            leading.update(layers[position].inputs)
    leading.discard(_INPUT)
    if any(layers[position].field is No.UNKNOWN for position in leading):
        return None
    fields = {position: layers[position].field for position in leading}
    maps = {place: field for place, field in fields.items() if not isinstance(field, No)}
    return max(maps, key=lambda place: (*_sizes(maps[place]), place), default=None)


def _sizes(field: Field) -> list[int]:
    return sorted((axis.size for axis in field), reverse=True)

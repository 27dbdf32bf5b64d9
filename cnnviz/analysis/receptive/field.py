"""The theoretical receptive field of every op: the input pixels that a unit of its output sees.

The box is exact and not clipped to the image. Branches give the least box that holds all of theirs.
A unit that sees the whole of an axis (behind global pooling, a fully connected layer, a gate, a
normalisation over the map) has none. Nor has one behind an op whose reach is not known, such as a
matrix product of two maps; those ops are named.

Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cnnviz.analysis.ops import Shape
from cnnviz.analysis.ops.table import OPS
from cnnviz.analysis.receptive.axis import PIXELS, Axis
from cnnviz.analysis.receptive.reach import Seen

if TYPE_CHECKING:
    from cnnviz.analysis.report import Layer

Field = tuple[Axis, ...]  # one for each axis of the map, height first


class No(Enum):
    """Why there is no field."""

    WHOLE = "a unit sees the whole of an axis, or there is no map any more"
    UNKNOWN = "an op's reach is not known"
    CONSTANT = "no pixel is read, only parameters and constants"


class Fields:
    """The fields of the rows of one trace, computed at the first request.

    The rows are dropped then, to break the reference cycle between rows and fields.

    Args:
        layers: the rows; the list may be filled later.
    """

    def __init__(self, input_shape: Shape, layers: Sequence["Layer"]):
        self._image = tuple(input_shape[2:])
        self._layers = layers

    def __getitem__(self, position: int) -> Field | No:
        seen = self._found[position]
        return seen if isinstance(seen, No) else seen.field

    @cached_property
    def _found(self) -> dict[int, Seen | No]:
        axes = len(self._image)
        image = Seen((PIXELS,) * axes, tuple(range(-axes, 0)), self._image)
        found: dict[int, Seen | No] = {-1: image if axes else No.WHOLE}
        for position, layer in enumerate(self._layers):
            found[position] = _behind(layer, {x: found[x] for x in layer.inputs}, self._layers)
        self._layers = ()
        return found


def _behind(layer: "Layer", inputs: dict[int, Seen | No], layers: Sequence["Layer"]) -> Seen | No:
    constant = [position for position, seen in inputs.items() if seen is No.CONSTANT]
    if len(constant) == len(inputs):
        return No.CONSTANT
    for no in (No.WHOLE, No.UNKNOWN):
        if no in inputs.values():
            return no
    if constant:  # the rules look at maps alone
        others = {layers[position].output_shape for position in constant}
        shapes = tuple(shape for shape in layer.input_shapes if shape not in others)
        if shapes:
            layer = replace(layer, input_shape=shapes[0], input_shapes=shapes)
    op = OPS.get(layer.operation)
    seen = [seen for seen in inputs.values() if isinstance(seen, Seen)]
    found = op.reach(layer, seen) if op and op.reach else None
    if found is None:
        return No.UNKNOWN
    return found if found.field else No.WHOLE


def one_or_all(values: Iterable[Any]) -> Any:
    """A number where all are equal, else all of them: 7, or (1, 7)."""
    values = tuple(values)
    return values[0] if len(set(values)) == 1 else values


def last_map(layers: Sequence["Layer"]) -> int | None:
    """Position of the last map, of those that lead to the output, whose units see a part of it.

    Along a path no field gets smaller, so it is the largest. None where there is no such map, or
    an op of unknown reach leads to the output.
    """
    used = [position for position, layer in enumerate(layers) if layer.inputs]
    leading = set(used[-1:])
    for position in reversed(used):
        if position in leading:
            leading.update(layers[position].inputs)
    leading.discard(-1)
    if any(layers[position].field is No.UNKNOWN for position in leading):
        return None
    fields = {position: layers[position].field for position in leading}
    maps = {place: field for place, field in fields.items() if not isinstance(field, No)}
    return max(maps, key=lambda place: (*_sizes(maps[place]), place), default=None)


def _sizes(field: Field) -> list[int]:
    return sorted((axis.size for axis in field), reverse=True)

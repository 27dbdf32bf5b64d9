"""How each op changes what the units of a map see.

A rule gets the row of an op and what its inputs see, and says what its outputs see: `WHOLE`, an
empty field, where a unit sees the whole of an axis; None where that is not known.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from math import prod
from typing import Any, NamedTuple

from cnnviz.analysis.ops.call import Attributes, Shape
from cnnviz.analysis.receptive.axis import Axis, resized, sampled, spread, window


class Seen(NamedTuple):
    """What the units of a tensor see.

    Args:
        field: one for each axis of the image, height first.
        places: the tensor's axis that runs along each, from the end: (-2, -1) in N×C×H×W, (-3, -2)
            in N×H×W×C, (-2, -2) in N×HW×C.
        sizes: units along each.
    """

    field: tuple[Axis, ...]
    places: tuple[int, ...]
    sizes: tuple[int, ...]

    @property
    def is_map(self) -> bool:
        """Whether the last axes are the image's, as convolutions want it."""
        return self.places == tuple(range(-len(self.places), 0))


class Row(NamedTuple):
    """What the rules read of an op; the columns are those of a report's layers."""

    operation: str
    input_shape: Shape
    output_shape: Shape
    input_shapes: tuple[Shape, ...]
    attributes: Attributes
    reads: tuple[Any, ...]


WHOLE = Seen((), (), ())
ReachRule = Callable[[Row, list[Seen]], Seen | None]


def same(row: Row, inputs: list[Seen]) -> Seen | None:
    """Each unit reads the units at its own place: the maps have one size, and it is kept."""
    first, out = inputs[0], row.output_shape
    for place in first.places:
        if len(out) <= -place - 1 or any(
            len(shape) < -place or shape[place] != out[place] for shape in row.input_shapes
        ):
            return None
    return _together(inputs)


def _together(inputs: list[Seen]) -> Seen | None:
    """The least field that holds those of all inputs, whose axes lie at the same places."""
    first = inputs[0]
    if any(other.places != first.places for other in inputs):
        return None
    joined = [reduce(_joined, along) for along in zip(*(x.field for x in inputs), strict=True)]
    if any(axis is None for axis in joined):
        return None
    return Seen(tuple(axis for axis in joined if axis), first.places, first.sizes)


def stacked(row: Row, inputs: list[Seen]) -> Seen | None:
    """Tensors of one shape along a new axis; those before it are one further from the end."""
    if not row.reads or (seen := _together(inputs)) is None:
        return None  # or it could not run
    new = row.reads[0] - len(row.output_shape)
    return seen._replace(places=tuple(place - (place <= new) for place in seen.places))


def _joined(one: Axis | None, other: Axis) -> Axis | None:
    return one if one is None or one == other else one.joined(other)


def _map_of(row: Row, inputs: list[Seen]) -> Seen | None:
    """The one map that a convolution, a pooling or a resizing reads."""
    seen = inputs[0]
    fits = len(inputs) == 1 and seen.is_map
    return seen if fits and len(row.output_shape) == len(seen.field) + 2 else None


def _map(row: Row, seen: Seen, axes: Sequence[Axis]) -> Seen:
    return Seen(tuple(axes), seen.places, row.output_shape[-len(seen.places) :])


def windows(row: Row, inputs: list[Seen]) -> Seen | None:
    """A convolution or a pooling."""
    return _windows(row, inputs, window)


def transposed_windows(row: Row, inputs: list[Seen]) -> Seen | None:
    """A transposed convolution."""
    return _windows(row, inputs, spread)


def _windows(row: Row, inputs: list[Seen], along: Callable[..., Axis]) -> Seen | None:
    if (seen := _map_of(row, inputs)) is None:
        return None
    settings, count = dict(row.attributes), len(seen.field)
    kernel, stride = (_each(settings[name], count) for name in ("kernel", "stride"))
    dilation = _each(settings.get("dilation", (1,)), count)
    padding = settings["padding"]
    if isinstance(padding, str):  # "same" puts the odd one at the end
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=False)]
        padding = [side // 2 * (padding == "same") for side in total]
    padding = _each(padding, count)
    if len(kernel) != count:
        return None
    return _map(row, seen, list(map(along, seen.field, kernel, stride, padding, dilation)))


def _each(values: Sequence[int], count: int) -> tuple[int, ...]:
    return tuple(values) * (count if len(values) == 1 else 1)


def adaptive(row: Row, inputs: list[Seen]) -> Seen | None:
    if (seen := _map_of(row, inputs)) is None:
        return None
    outs = row.output_shape[-len(seen.field) :]
    if 1 in outs:
        return WHOLE
    return _map(row, seen, list(map(resized, seen.field, row.input_shape[2:], outs)))


def interpolated(row: Row, inputs: list[Seen]) -> Seen | None:
    """Nearest or linear between units; `reads` says how, and whether sizes alone tell the scale."""
    if (seen := _map_of(row, inputs)) is None or not row.reads:
        return None
    mode, corners = row.reads
    sizes = zip(row.input_shape[2:], row.output_shape[2:], strict=True)
    if mode == "area":
        return adaptive(row, inputs)
    axes = [
        sampled(axis, size, out, mode=mode, corners=corners)
        for axis, (size, out) in zip(seen.field, sizes, strict=True)
    ]
    return _map(row, seen, axes)


def shuffled(row: Row, inputs: list[Seen]) -> Seen | None:
    """Channels become pixels: each unit r times along each axis."""
    if (seen := _map_of(row, inputs)) is None:
        return None
    (factor,) = row.reads
    axes = [axis.read(lambda out: (out // factor,), units=factor, by=1) for axis in seen.field]
    return _map(row, seen, axes)


def unshuffled(row: Row, inputs: list[Seen]) -> Seen | None:
    """Pixels become channels: each unit reads r by r."""
    if (seen := _map_of(row, inputs)) is None:
        return None
    (factor,) = row.reads
    return _map(row, seen, [window(axis, factor, factor, 0, 1) for axis in seen.field])


def sliced(row: Row, inputs: list[Seen]) -> Seen | None:
    seen = inputs[0]
    if not row.reads or len(set(seen.places)) < len(seen.places):
        return None
    steps = [row.reads[place] for place in seen.places]
    axes = [
        window(axis, 1, step, -start, 1)
        for axis, (start, step) in zip(seen.field, steps, strict=True)
    ]
    sizes = tuple(row.output_shape[place] for place in seen.places)
    return Seen(tuple(axes), seen.places, sizes)


def padded(row: Row, inputs: list[Seen]) -> Seen | None:
    seen = inputs[0]  # two numbers an axis, the last axis first
    before = [(*row.reads, *[0] * 20)[-2 * (place + 1)] for place in seen.places]
    if len(set(seen.places)) < len(seen.places):
        return None
    axes = [window(axis, 1, 1, n, 1) for axis, n in zip(seen.field, before, strict=True)]
    sizes = tuple(row.output_shape[place] for place in seen.places)
    return Seen(tuple(axes), seen.places, sizes)


def _works_on(row: Row, seen: Seen) -> bool:
    """Whether an op works along one of the image's axes."""
    count = len(row.input_shape)
    return any(axis - count in seen.places for axis in row.reads)


def along(row: Row, inputs: list[Seen]) -> Seen | None:
    """An op along axes that are not the map's leaves every unit at its place."""
    return None if _works_on(row, inputs[0]) else same(row, inputs)


def normalised(row: Row, inputs: list[Seen]) -> Seen | None:
    return WHOLE if _works_on(row, inputs[0]) else same(row, inputs)


def reduced(row: Row, inputs: list[Seen]) -> Seen | None:
    seen, before, after = inputs[0], len(row.input_shape), len(row.output_shape)
    if not row.reads:
        return same(row, inputs)
    if _works_on(row, seen) or len(inputs) > 1:
        return WHOLE if len(inputs) == 1 else None
    if before == after:
        return same(row, inputs)
    # the axes behind a place are fewer by those that are gone
    gone = [axis - before for axis in row.reads]
    places = tuple(place + sum(axis > place for axis in gone) for place in seen.places)
    return seen._replace(places=places)


def mixed(row: Row, inputs: list[Seen]) -> Seen | None:
    """A linear layer: over the last axis."""
    return WHOLE if -1 in inputs[0].places else same(row, inputs)


def product(row: Row, inputs: list[Seen]) -> Seen | None:
    """A product with a constant, over the last axis or, from the left, over the one before."""
    if row.reads == ("right",):
        return WHOLE if -2 in inputs[0].places else same(row, inputs)
    return mixed(row, inputs) if row.reads == ("left",) else None


def moved(row: Row, inputs: list[Seen]) -> Seen | None:
    """Axes in another order; `reads` says which comes from where."""
    seen, count = inputs[0], len(row.output_shape)
    if len(row.reads) != count:
        return None
    return seen._replace(places=tuple(row.reads.index(p + count) - count for p in seen.places))


def reshaped(row: Row, inputs: list[Seen]) -> Seen | None:
    """Rows of numbers in the same order: an axis is where as many come before and as many are."""
    seen, shape, out = inputs[0], row.input_shape, row.output_shape
    starts = []  # how many numbers come before each of the image's axes, an outer index counted
    for number, place in enumerate(seen.places):
        same = [n for n in range(number) if seen.places[n] == place]
        starts.append(prod(shape[:place]) * prod(seen.sizes[n] for n in same))
    befores = [prod(out[:axis]) for axis in range(len(out))]
    axes = _placed(seen.sizes, starts, befores, out)
    if axes is None:
        return WHOLE if len(out) <= 2 else None
    return Seen(seen.field, tuple(axis - len(out) for axis in axes), seen.sizes)


def _placed(
    sizes: Sequence[int], starts: Sequence[int], befores: Sequence[int], out: Sequence[int]
) -> list[int] | None:
    """The axis of the output on which each axis of a map is; several may have become one.

    From the last one on, so that those of 1×1 maps, which look alike, keep their order.
    """
    if not sizes:
        return []
    for first in reversed(range(len(sizes))):
        for axis in reversed(range(len(out))):
            if befores[axis] == starts[first] and out[axis] == prod(sizes[first:]):
                others = _placed(sizes[:first], starts[:first], befores[:axis], out[:axis])
                if others is not None:
                    return [*others, *[axis] * (len(sizes) - first)]
    return None


def whole(row: Row, inputs: list[Seen]) -> Seen:
    return WHOLE

"""How each op changes what the units of a map see.

A rule gets the row and what its inputs see, and says what its outputs see: `WHOLE`, an empty field,
where a unit sees the whole of an axis; None where that is not known.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from cnnviz.analysis.receptive.axis import Axis, resized, sampled, spread, window

if TYPE_CHECKING:
    from cnnviz.analysis.report import Layer


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


WHOLE = Seen((), (), ())
ReachRule = Callable[["Layer", list[Seen]], Seen | None]


def same(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """Each unit reads the units at its own place: the maps have one size, and it is kept."""
    first, out = inputs[0], layer.output_shape
    for place in first.places:
        if len(out) <= -place - 1 or any(
            len(shape) < -place or shape[place] != out[place] for shape in layer.input_shapes
        ):
            return None
    if any(other.places != first.places for other in inputs):
        return None
    joined = [reduce(_joined, along) for along in zip(*(x.field for x in inputs), strict=True)]
    if any(axis is None for axis in joined):
        return None
    return Seen(tuple(axis for axis in joined if axis), first.places, first.sizes)


def _joined(one: Axis | None, other: Axis) -> Axis | None:
    return one if one is None or one == other else one.joined(other)


def _map_of(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """The one map that a convolution, a pooling or a resizing reads."""
    seen = inputs[0]
    fits = len(inputs) == 1 and seen.is_map
    return seen if fits and len(layer.output_shape) == len(seen.field) + 2 else None


def _map(layer: "Layer", seen: Seen, axes: Sequence[Axis]) -> Seen:
    return Seen(tuple(axes), seen.places, layer.output_shape[-len(seen.places) :])


def windows(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """A convolution or a pooling."""
    return _windows(layer, inputs, window)


def transposed_windows(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """A transposed convolution."""
    return _windows(layer, inputs, spread)


def _windows(layer: "Layer", inputs: list[Seen], along: Callable[..., Axis]) -> Seen | None:
    if (seen := _map_of(layer, inputs)) is None:
        return None
    settings, count = dict(layer.attributes), len(seen.field)
    kernel, stride = (_each(settings[name], count) for name in ("kernel", "stride"))
    dilation = _each(settings.get("dilation", (1,)), count)
    padding = settings["padding"]
    if isinstance(padding, str):  # "same" puts the odd one at the end
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=False)]
        padding = [side // 2 * (padding == "same") for side in total]
    padding = _each(padding, count)
    if len(kernel) != count:
        return None
    return _map(layer, seen, list(map(along, seen.field, kernel, stride, padding, dilation)))


def _each(values: Sequence[int], count: int) -> tuple[int, ...]:
    return tuple(values) * (count if len(values) == 1 else 1)


def adaptive(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    if (seen := _map_of(layer, inputs)) is None:
        return None
    outs = layer.output_shape[-len(seen.field) :]
    if 1 in outs:
        return WHOLE
    return _map(layer, seen, list(map(resized, seen.field, layer.input_shape[2:], outs)))


def interpolated(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """Nearest or linear between units; `reads` says how, and whether sizes alone tell the scale."""
    if (seen := _map_of(layer, inputs)) is None or not layer.reads:
        return None
    mode, corners = layer.reads
    sizes = zip(layer.input_shape[2:], layer.output_shape[2:], strict=True)
    if mode == "area":
        return adaptive(layer, inputs)
    axes = [
        sampled(axis, size, out, mode=mode, corners=corners)
        for axis, (size, out) in zip(seen.field, sizes, strict=True)
    ]
    return _map(layer, seen, axes)


def shuffled(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """Channels become pixels: each unit r times along each axis."""
    if (seen := _map_of(layer, inputs)) is None:
        return None
    (factor,) = layer.reads
    axes = [axis.read(lambda out: (out // factor,), units=factor, by=1) for axis in seen.field]
    return _map(layer, seen, axes)


def unshuffled(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """Pixels become channels: each unit reads r by r."""
    if (seen := _map_of(layer, inputs)) is None:
        return None
    (factor,) = layer.reads
    return _map(layer, seen, [window(axis, factor, factor, 0, 1) for axis in seen.field])


def sliced(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    seen = inputs[0]
    if not layer.reads or len(set(seen.places)) < len(seen.places):
        return None
    steps = [layer.reads[place] for place in seen.places]
    axes = [
        window(axis, 1, step, -start, 1)
        for axis, (start, step) in zip(seen.field, steps, strict=True)
    ]
    sizes = tuple(layer.output_shape[place] for place in seen.places)
    return Seen(tuple(axes), seen.places, sizes)


def padded(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    seen = inputs[0]  # two numbers an axis, the last axis first
    before = [(*layer.reads, *[0] * 20)[-2 * (place + 1)] for place in seen.places]
    if len(set(seen.places)) < len(seen.places):
        return None
    axes = [window(axis, 1, 1, n, 1) for axis, n in zip(seen.field, before, strict=True)]
    sizes = tuple(layer.output_shape[place] for place in seen.places)
    return Seen(tuple(axes), seen.places, sizes)


def _works_on(layer: "Layer", seen: Seen) -> bool:
    """Whether an op works along one of the image's axes."""
    count = len(layer.input_shape)
    return any(axis - count in seen.places for axis in layer.reads)


def along(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """An op along axes that are not the map's leaves every unit at its place."""
    return None if _works_on(layer, inputs[0]) else same(layer, inputs)


def normalised(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    return WHOLE if _works_on(layer, inputs[0]) else same(layer, inputs)


def reduced(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    seen, before, after = inputs[0], len(layer.input_shape), len(layer.output_shape)
    if not layer.reads:
        return same(layer, inputs)
    if _works_on(layer, seen) or len(inputs) > 1:
        return WHOLE if len(inputs) == 1 else None
    if before == after:
        return same(layer, inputs)
    # the axes behind a place are fewer by those that are gone
    gone = [axis - before for axis in layer.reads]
    places = tuple(place + sum(axis > place for axis in gone) for place in seen.places)
    return seen._replace(places=places)


def mixed(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """A linear layer: over the last axis."""
    return WHOLE if -1 in inputs[0].places else same(layer, inputs)


def product(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """A product with a constant, over the last axis or, from the left, over the one before."""
    if layer.reads == ("right",):
        return WHOLE if -2 in inputs[0].places else same(layer, inputs)
    return mixed(layer, inputs) if layer.reads == ("left",) else None


def moved(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """Axes in another order; `reads` says which comes from where."""
    seen, count = inputs[0], len(layer.output_shape)
    if len(layer.reads) != count:
        return None
    return seen._replace(places=tuple(layer.reads.index(p + count) - count for p in seen.places))


def reshaped(layer: "Layer", inputs: list[Seen]) -> Seen | None:
    """Rows of numbers in the same order: an axis is where as many come before and as many are."""
    seen, shape, out = inputs[0], layer.input_shape, layer.output_shape
    starts = []  # how many numbers come before each of the image's axes, an outer index counted
    for number, place in enumerate(seen.places):
        same = [n for n in range(number) if seen.places[n] == place]
        starts.append(prod(shape[:place]) * prod(seen.sizes[n] for n in same))
    befores = [prod(out[:axis]) for axis in range(len(out))]
    places: list[int] = []
    while len(places) < len(starts):
        run = _run(seen.sizes, starts, len(places), befores, out)
        if not run:
            return WHOLE if len(out) <= 2 else None
        places += run
    return Seen(seen.field, tuple(places), seen.sizes)


def _run(
    sizes: Sequence[int],
    starts: Sequence[int],
    first: int,
    befores: Sequence[int],
    out: Sequence[int],
) -> list[int]:
    """The places of one axis, or of several that have become one, from the `first` on."""
    for end in range(first + 1, len(sizes) + 1):
        for axis in reversed(range(len(out))):
            if befores[axis] == starts[first] and out[axis] == prod(sizes[first:end]):
                return [axis - len(out)] * (end - first)
    return []


def whole(layer: "Layer", inputs: list[Seen]) -> Seen:
    return WHOLE

"""What beside its shapes and settings decides which units an op reads."""

from typing import Any

from cnnviz.analysis.ops.call import Call


def dims(call: Call) -> tuple[int, ...]:
    """The axes that an op works along, from 0; all where it names none."""
    position, name = _PLACE_OF_DIMS.get(call.name, (1, "dim"))
    dims = call.argument(position, name, call.kwargs.get("axis", call.kwargs.get("dims")))
    if dims is None and call.name in _USUAL_DIM:
        dims = _USUAL_DIM[call.name]
    count = len(call.shape(0, "input"))
    if not isinstance(dims, int | tuple | list | None):
        return ()  # the larger of two tensors
    if dims is None or dims == ():
        return tuple(range(count))
    return tuple(dim % count for dim in ((dims,) if isinstance(dims, int) else dims))


def new_axis(call: Call) -> tuple[int]:
    """Where the output has one axis more, from 0."""
    return (call.argument(1, "dim", 0) % call.output.ndim,)


def normalised(call: Call) -> tuple[int, ...]:
    """The last axes, as many as the shape that is normalised over has."""
    count = len(call.shape(0, "input"))
    return tuple(range(count - len(call.argument(1, "normalized_shape")), count))


def order(call: Call) -> tuple[int, ...]:
    """Which axis comes to each place."""
    count = len(call.shape(0, "input"))
    axes = list(range(count))
    if call.name == "permute":
        given = call.args[1:]
        given = given if given and isinstance(given[0], int) else call.argument(1, "dims")
        return tuple(axis % count for axis in given)
    first, second = call.args[1:] or list(call.kwargs.values())[-2:]
    if call.name.startswith("move"):
        pairs = [(first, second)] if isinstance(first, int) else zip(first, second, strict=True)
        moved = {target % count: source % count for source, target in pairs}
        rest = iter([axis for axis in axes if axis not in moved.values()])
        return tuple(moved[place] if place in moved else next(rest) for place in axes)
    axes[first], axes[second] = axes[second], axes[first]
    return tuple(axes)


def slices(call: Call) -> tuple[Any, ...]:
    """The first unit and the step along each axis; nothing where an index is more than slices."""
    index, shape = call.argument(1, "index"), call.shape(0, "input")
    index = index if isinstance(index, tuple) else (index,)
    dots = [at for at, part in enumerate(index) if part is Ellipsis]
    for at in dots:
        full = (slice(None),) * (len(shape) - len(index) + 1)
        index = index[:at] + full + index[at + 1 :]
    if not all(isinstance(part, slice) for part in index):
        return ()
    index += (slice(None),) * (len(shape) - len(index))
    return tuple(part.indices(size)[::2] for part, size in zip(index, shape, strict=True))


def side(call: Call) -> tuple[str, ...]:
    """On which side of a product the map is; nothing where both factors are activations."""
    factors = (*call.args, *call.kwargs.values())[:2]
    sides = zip(("left", "right"), factors, strict=False)
    found = [side for side, factor in sides if hasattr(factor, "_produced_by")]
    return tuple(found) if len(found) == 1 else ()


def sampling(call: Call) -> tuple[Any, ...]:
    """Mode and corners; nothing where the scale is not that of the sizes, or smoothed."""
    mode, corners = call.argument(3, "mode", "nearest"), bool(call.argument(4, "align_corners"))
    scale = call.argument(2, "scale_factor")
    sizes = call.shape(0, "input")[2:]
    factors = scale if isinstance(scale, tuple | list) else (scale,) * len(sizes)
    exact = all(
        factor is None or size * factor == out
        for size, factor, out in zip(sizes, factors, call.output.shape[2:], strict=True)
    )
    return (mode, corners) if exact and not call.argument(6, "antialias", False) else ()


def padding(call: Call) -> tuple[int, ...]:
    """Two numbers an axis, the last axis first."""
    return tuple(call.argument(1, "pad"))


def factor(call: Call) -> tuple[int]:
    """How many pixels a channel becomes, or the other way round, along each axis."""
    name = "upscale_factor" if call.name == "pixel_shuffle" else "downscale_factor"
    return (call.argument(1, name),)


_PLACE_OF_DIMS = {"flip": (1, "dims"), "normalize": (2, "dim"), "norm": (2, "dim")}
_USUAL_DIM = {"normalize": 1, "glu": -1}

"""The theoretical receptive field of every op: the input pixels that a unit of its output sees.

The box is exact and not clipped to the image. Branches give the least box that holds all of theirs.
A unit that sees the whole of an axis (behind global pooling, a fully connected layer, a gate, a
normalisation over the map) has none. Nor has one behind an op whose reach is not known, such as an
interpolation; those ops are named.

Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill 2019.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import cached_property, reduce
from typing import TYPE_CHECKING, Any

from cnnviz.analysis.ops import Call, Shape
from cnnviz.analysis.receptive.axis import PIXELS, Axis, resized, spread, window

if TYPE_CHECKING:
    from cnnviz.analysis.report import Layer

Field = tuple[Axis, ...]  # one for each axis of the map, height first


class No(Enum):
    """Why there is no field."""

    WHOLE = "a unit sees the whole of an axis, or there is no map any more"
    UNKNOWN = "an op's reach is not known"


class Fields:
    """The fields of the rows of one trace, computed at the first request.

    The rows are dropped then, to break the reference cycle between rows and fields.

    Args:
        layers: the rows; the list may be filled later.
    """

    def __init__(self, input_shape: Shape, layers: Sequence["Layer"]):
        self._image: Field = (PIXELS,) * (len(input_shape) - 2)
        self._layers = layers

    def __getitem__(self, position: int) -> Field | No:
        return self._found[position]

    @cached_property
    def _found(self) -> dict[int, Field | No]:
        found: dict[int, Field | No] = {-1: self._image or No.WHOLE}
        for position, layer in enumerate(self._layers):
            inputs = [found[source] for source in layer.inputs]
            fields = [field for field in inputs if not isinstance(field, No)]
            missing = next((no for no in No if no in inputs), None)
            found[position] = missing or _follow(layer, fields)
        self._layers = ()
        return found


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


def _dims(call: Call) -> tuple[int, ...]:
    """The axes that an op works along, from 0; all where it names none."""
    dims = call.argument(1, "dim", call.kwargs.get("axis"))
    count = len(call.shape(0, "input"))
    if dims is None or dims == ():
        return tuple(range(count))
    return tuple(dim % count for dim in ((dims,) if isinstance(dims, int) else dims))


def _moved(call: Call) -> tuple[int, ...]:
    """The axes that have another place afterwards."""
    count = len(call.shape(0, "input"))
    if call.name == "permute":
        order = call.args[1:]
        order = order if order and isinstance(order[0], int) else call.argument(1, "dims")
        return tuple(axis for axis, source in enumerate(order) if source % count != axis)
    first, second = (call.argument(at, f"dim{at - 1}") for at in (1, 2))
    return first % count, second % count


def _slices(call: Call) -> tuple[Any, ...]:
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


# Arguments that change an op's reach, beside its shapes and attributes.
READS: dict[str, Callable[[Call], tuple[Any, ...]]] = {
    **dict.fromkeys(("mean", "sum", "amax", "softmax", "log_softmax", "index_select"), _dims),
    **dict.fromkeys(("transpose", "permute"), _moved),
    "getitem": _slices,
    "pad": lambda call: tuple(call.argument(1, "pad")),
}


def _follow(layer: "Layer", inputs: list[Field]) -> Field | No:
    rule = _RULES.get(layer.operation) or _RULES_OF_KINDS.get(layer.kind)
    return (rule and rule(layer, inputs)) or No.UNKNOWN


def _same(layer: "Layer", inputs: list[Field]) -> Field | None:
    """Each unit reads the units at its own place: the maps have one size, and it is kept."""
    axes = len(inputs[0])
    size = layer.output_shape[-axes:]
    if len(layer.output_shape) <= axes or any(s[-axes:] != size for s in layer.input_shapes):
        return None
    joined = [reduce(_joined, along) for along in zip(*inputs, strict=True)]
    return None if None in joined else tuple(joined)


def _joined(one: Axis | None, other: Axis) -> Axis | None:
    return one if one is None or one == other else one.joined(other)


def _windows(layer: "Layer", inputs: list[Field]) -> Field | None:
    """A convolution or a pooling; transposed, if its name says so."""
    settings, field = dict(layer.attributes), inputs[0]
    count = len(field)
    kernel, stride = (_each(settings[name], count) for name in ("kernel", "stride"))
    dilation = _each(settings.get("dilation", (1,)), count)
    padding = settings["padding"]
    if isinstance(padding, str):  # "same" puts the odd one at the end
        total = [d * (k - 1) for d, k in zip(dilation, kernel, strict=False)]
        padding = [side // 2 * (padding == "same") for side in total]
    padding = _each(padding, count)
    if len(inputs) > 1 or {len(kernel), len(layer.output_shape) - 2} != {count}:
        return None
    along = spread if "transpose" in layer.operation else window
    return tuple(map(along, field, kernel, stride, padding, dilation))


def _each(values: Sequence[int], count: int) -> tuple[int, ...]:
    return tuple(values) * (count if len(values) == 1 else 1)


def _adaptive(layer: "Layer", inputs: list[Field]) -> Field | No | None:
    (field, *others), count = inputs, len(inputs[0])
    sizes, outs = layer.input_shape[-count:], layer.output_shape[-count:]
    if others or len(layer.input_shape) != count + 2:
        return None
    return No.WHOLE if 1 in outs else tuple(map(resized, field, sizes, outs))


def _sliced(layer: "Layer", inputs: list[Field]) -> Field | None:
    field = inputs[0]
    steps = layer.reads[-len(field) :]
    if not steps or len(layer.output_shape) != len(layer.input_shape):
        return None
    return tuple(
        window(axis, 1, step, -start, 1) for axis, (start, step) in zip(field, steps, strict=True)
    )


def _padded(layer: "Layer", inputs: list[Field]) -> Field:
    # two numbers an axis, the last axis first
    field = inputs[0]
    before = (*layer.reads[::2], *[0] * len(field))[: len(field)][::-1]
    return tuple(window(axis, 1, 1, amount, 1) for axis, amount in zip(field, before, strict=True))


def _along(layer: "Layer", inputs: list[Field]) -> Field | None:
    """An op along axes that are not the map's leaves every unit at its place."""
    first = len(layer.input_shape) - len(inputs[0])
    return None if any(axis >= first for axis in layer.reads) else _same(layer, inputs)


def _reduced(layer: "Layer", inputs: list[Field]) -> Field | No | None:
    first = len(layer.input_shape) - len(inputs[0])
    whole = any(axis >= first for axis in layer.reads)
    return No.WHOLE if whole else _same(layer, inputs)


def _reshaped(layer: "Layer", inputs: list[Field]) -> Field | No | None:
    """Rows of numbers in the same order: where the last axes stay the map's, so do the places."""
    return No.WHOLE if len(layer.output_shape) <= 2 else _same(layer, inputs)


def _whole(layer: "Layer", inputs: list[Field]) -> No:
    return No.WHOLE


_UNIT_BY_UNIT = (
    "cat concat concatenate add sub mul div true_divide neg pow square sqrt rsqrt exp log addcmul "
    "addcdiv maximum minimum batch_norm local_response_norm chunk split tensor_split contiguous "
    "clone to float half type type_as detach channel_shuffle unsqueeze"
)
Rule = Callable[["Layer", list[Field]], Field | No | None]
_RULES: dict[str, Rule] = {
    **{f"conv{kind}{n}d": _windows for kind in ("", "_transpose") for n in (1, 2, 3)},
    **{f"{kind}_pool{n}d": _windows for kind in ("max", "avg") for n in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{n}d": _adaptive for kind in ("max", "avg") for n in (1, 2, 3)},
    **dict.fromkeys(("mean", "sum", "amax"), _reduced),
    **dict.fromkeys(("softmax", "log_softmax", "index_select", "transpose", "permute"), _along),
    **dict.fromkeys(
        ("flatten", "unflatten", "view", "view_as", "reshape", "reshape_as", "squeeze"), _reshaped
    ),
    **dict.fromkeys(("group_norm", "layer_norm", "rms_norm"), _whole),
    **dict.fromkeys(_UNIT_BY_UNIT.split(), _same),
    "getitem": _sliced,
    "pad": _padded,
}
_RULES_OF_KINDS: dict[str, Rule] = {"activation": _same, "other": _same}

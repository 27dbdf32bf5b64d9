"""The facts of each torch function: its kind, cost formula and settings worth showing.

Supporting a new op is one line here. A function that is not here is reported as unknown, never
counted as zero. Costs are multiply-accumulates of convolutions, linear layers and matrix products
for the whole batch, without bias.
"""

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

from torch import Tensor

Shape = tuple[int, ...]
Attributes = tuple[tuple[str, Any], ...]

if TYPE_CHECKING:

    class Traced(Tensor):
        """A tensor with what the trace knows of it.

        Attributes:
            _produced_by: position of the op that made an activation.
            _made_from: ids of the parameters behind a prepared weight.
        """

        _produced_by: int
        _made_from: set[int]

else:
    Traced = Tensor


class Call:
    """One call of a torch function: look its arguments up by name or position."""

    def __init__(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], output: Tensor):
        self.name, self.args, self.kwargs, self.output = name, args, kwargs, output
        if name == "hardtanh" and self._bounds() == (0, 6):
            self.name = "relu6"  # torch.nn.ReLU6 calls it so

    def argument(self, position: int, name: str, default: Any = None) -> Any:
        if name in self.kwargs:
            return self.kwargs[name]
        return self.args[position] if position < len(self.args) else default

    def shape(self, position: int, name: str) -> Shape:
        return tuple(self.argument(position, name).shape)

    def _bounds(self) -> tuple[float, float]:
        return self.argument(1, "min_val", -1.0), self.argument(2, "max_val", 1.0)


def _conv(call: Call) -> int:
    # every output element is a sum over (C / groups) · kernel
    return call.output.numel() * prod(call.shape(1, "weight")[1:])


def _conv_transpose(call: Call) -> int:
    # every input element is spread over (C' / groups) · kernel
    return prod(call.shape(0, "input")) * prod(call.shape(1, "weight")[1:])


def _product(call: Call) -> int:
    # every output element is a sum over the last axis of the input
    return call.output.numel() * call.shape(0, "input")[-1]


def _addmm(call: Call) -> int:
    return call.output.numel() * call.shape(1, "mat1")[-1]


def _attention(call: Call) -> int:
    query, key, value = (
        call.shape(index, name) for index, name in enumerate(("query", "key", "value"))
    )
    rows = prod(query[:-1])
    return rows * key[-2] * (query[-1] + value[-1])


_WEIGHTED: dict[str, tuple[str, Callable[[Call], int]]] = {
    **{f"conv{n}d": ("convolution", _conv) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": ("convolution", _conv_transpose) for n in (1, 2, 3)},
    **dict.fromkeys(("linear", "matmul", "mm", "bmm"), ("linear", _product)),
    **dict.fromkeys(("addmm", "baddbmm"), ("linear", _addmm)),
    "scaled_dot_product_attention": ("linear", _attention),
}

# The third argument of these is a bias: one for each output element.
_BIASED = frozenset(name for name in _WEIGHTED if name.startswith("conv")) | {"linear"}

_FREE = {
    "normalisation": "batch_norm layer_norm group_norm instance_norm local_response_norm rms_norm "
    "normalize",
    "activation": "relu relu6 leaky_relu prelu rrelu elu selu celu gelu silu mish sigmoid tanh "
    "hardtanh hardsigmoid hardswish softmax log_softmax logsigmoid softplus softsign threshold "
    "clamp",
    "pooling": "max_pool1d max_pool2d max_pool3d avg_pool1d avg_pool2d avg_pool3d lp_pool2d "
    "adaptive_max_pool1d adaptive_max_pool2d adaptive_avg_pool1d adaptive_avg_pool2d "
    "adaptive_avg_pool3d fractional_max_pool2d mean amax",
    "merge": "cat concat concatenate stack add sum sub mul div true_divide neg pow square "
    "sqrt rsqrt exp log addcmul addcdiv maximum minimum setitem",
    "reshape": "flatten unflatten view view_as reshape reshape_as permute transpose t swapaxes "
    "movedim squeeze unsqueeze expand expand_as repeat contiguous chunk split tensor_split unbind "
    "getitem index_select select narrow gather pad clone to float half type type_as detach "
    "channel_shuffle pixel_shuffle pixel_unshuffle upsample interpolate roll flip",
    "other": "dropout dropout1d dropout2d dropout3d alpha_dropout feature_dropout",
}
# The output has the shape of the input.
SAME_SHAPE = frozenset(
    [
        "batch_norm",
        "local_response_norm",
        "relu",
        "relu6",
        "leaky_relu",
        "elu",
        "selu",
        "gelu",
        "silu",
        "mish",
        "sigmoid",
        "tanh",
        "hardsigmoid",
        "hardswish",
        "hardtanh",
        "dropout",
        "dropout2d",
        "neg",
        "square",
    ]
)

_KINDS = {name: kind for kind, names in _FREE.items() for name in names.split()}


def canonical_name(function: Any) -> str:
    """conv2d for `F.conv2d` and `torch.conv2d`, add for `Tensor.add_`, `__iadd__` and `+`."""
    name = getattr(function, "__name__", str(function)).strip("_")
    for prefix in ("i", "r"):
        if name.startswith(prefix) and name[1:] in ("add", "sub", "mul", "truediv", "matmul"):
            name = name[1:]
    return {"truediv": "div", "negative": "neg", "absolute": "abs"}.get(name, name)


def kind_and_macs(call: Call) -> tuple[str, int | None]:
    """The op's kind and its multiply-accumulates; ("unknown", None) where no formula is known."""
    if call.name not in _WEIGHTED:
        kind = _KINDS.get(call.name, "unknown")
        return kind, None if kind == "unknown" else 0
    kind, formula = _WEIGHTED[call.name]
    if kind == "convolution" and _groups(call) > 1:
        kind = "grouped convolution"
    return kind, formula(call)


def connections(call: Call, macs: int | None, *, parameters: int, window: int) -> int | None:
    """LeNet's count for the whole batch: every use of a weight and of a bias; None if unknown.

    Args:
        macs: the op's multiply-accumulates; each uses a weight.
        parameters: how many parameters an op that has no MACs reads; an output uses each once.
        window: how many numbers were summed into one of the input. A weight on the sum of n numbers
            is used n times: w·(a + b) = w·a + w·b.
    """
    if macs is None:
        return None
    if call.name in _WEIGHTED:
        biased = call.name in _BIASED and call.argument(2, "bias") is not None
        return macs + call.output.numel() * biased
    multiplies = parameters and call.name in ("mul", "addcmul")
    return call.output.numel() * (parameters + (window - 1 if multiplies else 0))


def attributes(call: Call) -> Attributes:
    """The settings that tell two ops of one name apart: kernel, stride, padding, groups, factor.

    Dilation and ceil_mode are added where they are not the usual ones.
    """
    found: dict[str, Any] = {}
    ceil_mode = False
    if call.name.startswith("conv"):
        found["kernel"] = call.shape(1, "weight")[2:]
        found["stride"] = call.argument(3, "stride", 1)
        found["padding"] = call.argument(4, "padding", 0)
        found["groups"] = _groups(call)
        found |= _dilation(call.argument(7 if "transpose" in call.name else 5, "dilation", 1))
    elif call.name.startswith(("max_pool", "avg_pool")):
        found["kernel"] = call.argument(1, "kernel_size")
        found["stride"] = call.argument(2, "stride") or found["kernel"]
        found["padding"] = call.argument(3, "padding", 0)
        if call.name.startswith("max"):
            found |= _dilation(call.argument(4, "dilation", 1))
            ceil_mode = call.argument(5, "ceil_mode", False)
        else:
            ceil_mode = call.argument(4, "ceil_mode", False)
    elif call.name == "channel_shuffle":
        found["groups"] = call.argument(1, "groups")
    elif call.name == "mul" and isinstance(factor := call.argument(1, "other"), float):
        found["factor"] = factor
    axes = 2 if call.name.endswith("2d") else 1
    settings = tuple(
        (name, (value,) * axes if isinstance(value, int) and name != "groups" else value)
        for name, value in found.items()
    )
    return (*settings, ("ceil_mode", True)) if ceil_mode else settings


def _dilation(steps: int | Shape) -> dict[str, int | Shape]:
    """The steps between a kernel's taps, where they are not neighbours."""
    return {} if steps in (1, (1,), (1, 1), (1, 1, 1)) else {"dilation": steps}


def _groups(call: Call) -> int:
    return int(call.argument(6, "groups", 1))  # the seventh argument, transposed or not

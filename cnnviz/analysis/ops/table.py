"""All records, and what they say of a call.

Costs are multiply-accumulates of convolutions, linear layers and matrix products for the whole
batch, without bias.
"""

from typing import Any

from cnnviz.analysis.ops import (
    activation,
    convolution,
    elementwise,
    normalisation,
    pooling,
    products,
    reshape,
)
from cnnviz.analysis.ops.call import Attributes, Call
from cnnviz.analysis.ops.record import CONVOLUTION, Op
from cnnviz.text import Text

_OF_AXES = ("kernel", "stride", "padding", "dilation")
_FILES = (convolution, products, normalisation, activation, pooling, elementwise, reshape)
OPS: dict[str, Op] = {op.name: op for file in _FILES for op in file.OPS}
WORDS = {name: op.word for name, op in OPS.items()} | products.TAKEN_APART


def word(name: str) -> Text:
    """What a function is called; one without a record by its own name."""
    own = name.replace("_", " ")
    return WORDS.get(name) or Text(own, own)


def map_axes(name: str) -> int:
    """Axes of the maps that a convolution or a pooling works on; 0 for other functions."""
    op = OPS.get(name)
    return op.axes if op else 0


def kind_and_macs(call: Call) -> tuple[str, int | None]:
    """The op's kind and its multiply-accumulates; ("unknown", None) where there is no record."""
    op = OPS.get(call.name)
    if op is None:
        return "unknown", None
    if op.macs is None:
        return op.kind, 0
    grouped = op.kind == CONVOLUTION and int(call.argument(6, "groups", 1)) > 1
    return f"grouped {op.kind}" if grouped else op.kind, op.macs(call)


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
    op = OPS.get(call.name)
    if op is None or op.macs:
        biased = op is not None and op.biased and call.argument(2, "bias") is not None
        return macs + call.output.numel() * biased
    multiplies = parameters and call.name in ("mul", "addcmul")
    return call.output.numel() * (parameters + (window - 1 if multiplies else 0))


def attributes(call: Call) -> Attributes:
    """The settings that tell two ops of one name apart: kernel, stride, padding, groups, factor.

    Dilation and ceil_mode are added where they are not the usual ones.
    """
    op = OPS.get(call.name)
    if op is None or op.settings is None:
        return ()
    return tuple(
        (name, _by_axis(value, op.axes) if name in _OF_AXES else value)
        for name, value in op.settings(call).items()
    )


def _by_axis(value: Any, axes: int) -> Any:
    """A number for each axis, where one is given for all."""
    if isinstance(value, int):
        return (value,) * max(1, axes)
    return tuple(value) if isinstance(value, list) else value

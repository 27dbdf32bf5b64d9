"""Why a module was not analysed, where no op is to blame: a sentence with the way out."""

import re
from collections.abc import Sequence
from typing import Any

from cnnviz.analysis.constants import WITHOUT_VALUES
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.ops.record import CONVOLUTION
from cnnviz.analysis.ops.table import OPS, map_axes
from cnnviz.analysis.recorder import INPUT
from cnnviz.text import ExplainedError, Text

_OF_FAKES = re.compile(r"fake ?tensor|tensor subclass|meta tensor|data pointer", re.IGNORECASE)
_NEEDS_VALUES = Text(
    "{where} needs the values of a tensor, which a pass of shapes alone does not have; "
    'analyze(…, device="cpu") computes them. torch says: {reason}',
    "{where}需要张量的具体数值，而仅推导形状的前向没有数值；"
    'analyze(…, device="cpu") 会真正计算。torch 的报错：{reason}',
)
_OF_WHOLE_NUMBERS = re.compile(r"scalar types: Long, Int")
_NEEDS_WHOLE_NUMBERS = Text(
    "{where} reads whole numbers, such as the indices of words; give "
    "inputs=torch.zeros({shape}, dtype=torch.long) in place of the shape.",
    "{where}读取整数（如词的索引）；请用 inputs=torch.zeros({shape}, dtype=torch.long) 代替形状。",
)
_NETWORK = Text("The network", "该网络")
_GOT_AXES = re.compile(r"got (\d)D input", re.IGNORECASE)
_AXES = {1: "(N, C)", 2: "(N, C, L)", 3: "(N, C, H, W)", 4: "(N, C, D, H, W)"}
_NO_BATCH = Text(
    "The shape {shape} lacks the batch, N; write it as {axes}, such as {example}.",
    "形状 {shape} 缺少批量维 N；请写成 {axes}，例如 {example}。",
)


class NeedsValues(ExplainedError, NotImplementedError, ValueError):
    """A network that decides by the values of its tensors, or whose ops have no shapes alone."""


class NeedsWholeNumbers(ExplainedError, ValueError):
    """A network that reads indices, of which no more than the shape was given."""


class NoBatch(ExplainedError, ValueError):
    """A shape without N."""


def needs_values(error: Exception, where: str) -> NeedsValues | None:
    """The sentence for a pass without values that ended for want of them; else None."""
    of_fakes = isinstance(error, RuntimeError | TypeError) and _OF_FAKES.search(str(error))
    if not of_fakes and not isinstance(error, WITHOUT_VALUES):
        return None
    reason = (str(error) or type(error).__name__).strip().partition("\n")[0]
    return NeedsValues(_NEEDS_VALUES.format(where=_named(where), reason=reason))


def needs_whole_numbers(error: Exception, where: str, shape: Shape) -> NeedsWholeNumbers | None:
    """The sentence for a network of indices that was given an image of that shape; else None."""
    if not _OF_WHOLE_NUMBERS.search(str(error)):
        return None
    return NeedsWholeNumbers(_NEEDS_WHOLE_NUMBERS.format(where=_named(where), shape=shape))


def _named(where: str) -> Any:
    return Text(where, where) if where else _NETWORK


def no_batch(
    input_shape: Shape, calls: Sequence[tuple[str, Shape, tuple[int, ...]]]
) -> NoBatch | None:
    """The sentence for an image without N; else None.

    A convolution takes a map without N, too, also behind ops that do not ask for it, such as a
    padding. So does one over a row of numbers, which may be meant, unless it is the input itself.

    Args:
        calls: of each op, the function, the shape of what it reads first, and the positions of all.
    """
    axes = len(input_shape) - 1
    for name, shape, inputs in calls:
        is_map = axes and map_axes(name) == axes and len(shape) == len(input_shape)
        if is_map and (INPUT in inputs or (axes > 1 and OPS[name].kind == CONVOLUTION)):
            return without_batch(input_shape)
        if name == "linear" and INPUT in inputs and not axes:
            return without_batch(input_shape)
    return None


def lacks_batch(error: Exception, input_shape: Shape) -> NoBatch | None:
    """The sentence for an image that a module of torch's has refused for want of N; else None."""
    found = _GOT_AXES.search(str(error))
    got = len(input_shape)
    if found and int(found[1]) == got and got in _AXES and f"{got + 1}D" in str(error):
        return without_batch(input_shape)
    return None


def without_batch(shape: Shape) -> NoBatch:
    """The sentence for a shape that lacks its first axis."""
    return NoBatch(_NO_BATCH.format(shape=shape, axes=_AXES[len(shape)], example=(1, *shape)))

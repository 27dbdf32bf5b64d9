"""The usual mistakes in what `analyze` is given, each with a sentence that says the way out."""

import re
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from cnnviz.analysis.ops import Shape
from cnnviz.analysis.report import Report

_WINDOWED = re.compile(r"(?:conv|conv_transpose|\w+_pool)([123])d")


def no_network(given: object) -> TypeError:
    """The error for what is neither a spec nor a module."""
    if isinstance(given, type):
        name = given.__name__
        return TypeError(f"analyze takes a network, not the class {name}; make one: {name}(…).")
    kind = type(given).__name__
    return TypeError(f"analyze takes a spec or a torch.nn.Module, not {kind}.")


def checked_shape(given: Any, axes: int | None = None) -> Shape:
    """The shape of an input as a tuple of whole numbers.

    Args:
        axes: how many there must be, N included, if that is known.

    Raises:
        TypeError: it is no sequence of numbers.
        ValueError: an axis is not a whole number of at least 1; every such axis is named. Or there
            are too few or too many.
    """
    if isinstance(given, Tensor):
        raise TypeError(f"input_shape is a tensor; give its shape, {tuple(given.shape)}.")
    if isinstance(given, str) or not isinstance(given, Sequence):
        size = given if isinstance(given, int) and given > 0 else 224
        raise TypeError(
            f"input_shape is {given!r}; give a number an axis, (N, C, H, W), such as "
            f"(1, 3, {size}, {size}) for one colour image of {size} px."
        )
    wrong = [
        f"axis {axis} is {side!r}"
        for axis, side in enumerate(given)
        if isinstance(side, bool) or not isinstance(side, Integral) or side < 1
    ]
    if wrong or not given:
        raise ValueError(
            f"input_shape is {tuple(given)}; {', '.join(wrong) or 'it has no axis'}, and each axis "
            "must be a whole number of at least 1."
        )
    shape = tuple(map(int, given))
    if axes is not None and len(shape) == axes - 1:
        raise _no_batch(shape)
    if axes is not None and len(shape) != axes:
        raise ValueError(f"input_shape is {shape}; this network reads {axes} axes, (N, C, H, W).")
    return shape


def with_batch(trace: Callable[[], Report], module: nn.Module, input_shape: Shape) -> Report:
    """The report of a pass, or the sentence that its input lacks the batch.

    Raises:
        ValueError: the first convolution or pooling read an image alone, whose first axis would
            count as the batch; or the pass failed, and the module's first convolution would have.
    """
    try:
        report = trace()
    except (RuntimeError, ValueError) as error:
        first = next((part for part in module.modules() if isinstance(part, _ConvNd)), None)
        if first is not None and len(input_shape) == len(first.kernel_size) + 1:
            raise _no_batch(input_shape) from error
        raise
    for layer in report.layers:
        if windowed := _WINDOWED.fullmatch(layer.operation):
            if len(layer.input_shape) == int(windowed[1]) + 1 and layer.inputs == (-1,):
                raise _no_batch(input_shape)
            break
    return report


def _no_batch(shape: Shape) -> ValueError:
    return ValueError(
        f"input_shape is {shape} and lacks the batch, N; for one image give {(1, *shape)}."
    )

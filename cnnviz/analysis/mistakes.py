"""The usual mistakes in what `analyze` is given, each with a sentence that says the way out."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import torch
from torch import Tensor

from cnnviz.analysis.ops import Shape
from cnnviz.analysis.refusals import without_batch


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
        raise without_batch(shape)
    if axes is not None and len(shape) != axes:
        raise ValueError(f"input_shape is {shape}; this network reads {axes} axes, (N, C, H, W).")
    return shape


def checked_device(given: Any) -> torch.device:
    """The device that is meant.

    Raises:
        ValueError: torch does not know it, or it is not here.
    """
    try:
        device = torch.device(given)
        if device.type != "meta":
            torch.empty(0, device=device)
    except (RuntimeError, TypeError, AssertionError, NotImplementedError) as error:
        raise ValueError(
            f'device is {given!r}, which torch does not have here; "meta" computes shapes only, '
            '"cpu" computes values.'
        ) from error
    return device


def checked_count(name: str, given: Any) -> int:
    """A number to count with.

    Raises:
        ValueError: it is no whole number of at least 1.
    """
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise ValueError(f"{name} is {given!r}; it must be a whole number of at least 1.")
    return given

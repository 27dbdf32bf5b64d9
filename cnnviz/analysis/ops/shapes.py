"""The shape of an op's output, without the meta device's slow decompositions in Python.

A shortcut takes the torch function and its arguments. Where torch would refuse these, the shortcut
calls the function, for torch's own error message.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor


def like_input(function: Callable[..., Tensor], input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    name = function.__name__  # relu_ works in place, __neg__ does not
    in_place = kwargs.get("inplace") or (name.endswith("_") and not name.endswith("__"))
    return input if in_place else torch.empty_like(input)


def normalised(function: Callable[..., Tensor], input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    statistics = args[0] if args else None  # or the weight, in torch's own batch_norm
    if statistics is not None and statistics.shape[0] != input.shape[1]:
        return function(input, *args, **kwargs)
    return torch.empty_like(input)


def linear(
    function: Callable[..., Tensor], input: Tensor, weight: Tensor, bias: Tensor | None = None
) -> Tensor:
    if input.shape[-1] != weight.shape[-1]:
        return function(input, weight, bias)
    return input.new_empty((*input.shape[:-1], weight.shape[0]))


def concatenated(
    function: Callable[..., Tensor],
    tensors: Sequence[Tensor],
    dim: int = 0,
    axis: int = 0,
    **others: Any,
) -> Tensor:
    dim = dim or axis
    if others:
        return function(tensors, dim, **others)
    shapes = [list(tensor.shape) for tensor in tensors]
    joined = shapes[0].copy()
    joined[dim] = sum(shape.pop(dim) for shape in shapes)
    if any(shape != shapes[0] for shape in shapes):
        return function(tensors, dim)
    return tensors[0].new_empty(joined)

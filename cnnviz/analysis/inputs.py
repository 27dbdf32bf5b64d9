"""What a module is called with, and what it returns."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from types import FunctionType, ModuleType
from typing import Any, cast

import torch
from torch import Tensor, nn

from cnnviz.analysis.copying import Copier
from cnnviz.analysis.mistakes import checked_shape
from cnnviz.analysis.operators import World
from cnnviz.analysis.ops import Shape, Traced
from cnnviz.analysis.recorder import INPUT


class Inputs:
    """The arguments of a module's forward pass.

    Attributes:
        dtype: the precision of the module.
        is_shape: whether no more than a shape is given.

    Args:
        tensors: the module's parameters and buffers.
        input_shape: of the one tensor it reads, (N, …).
        inputs: a tensor, a tuple of positional or a dictionary of keyword arguments instead.

    Raises:
        ValueError: neither is given, or both, or there is no image in them.
        TypeError: of another type.
    """

    def __init__(self, tensors: Iterable[Tensor], input_shape: Shape | None, inputs: Any):
        if (input_shape is None) == (inputs is None):
            raise ValueError(
                "analyze needs input_shape=(N, C, H, W) for a module, or inputs= with a tensor, a "
                "tuple or a dictionary of what it is called with; one of the two."
            )
        self.dtype = _dtype(tensors)
        self._given, self.is_shape = inputs, inputs is None
        shapes = [checked_shape(input_shape)] if inputs is None else _shapes(inputs)
        self.shape = shapes[0]
        self.image = _image(shapes)
        if self.shape and self.shape[0] < 1:
            raise ValueError(f"The batch of {self.shape} is empty; N has to be 1 or more.")

    def arguments(self, world: World) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The positional and the keyword arguments, their tensors marked as the input."""
        if self._given is None:
            given: Any = world.zeros(self.shape, self.dtype)
        else:
            given = Copier(world.stand_in)(self._given)
        for tensor in tensors_of(given):
            cast(Traced, tensor)._produced_by = INPUT
        if isinstance(given, Mapping):
            return (), dict(given)
        return (given if isinstance(given, tuple) else (given,)), {}


def _image(shapes: list[Shape]) -> Shape:
    """The shape of the images; of those of several sizes, without the sizes."""
    sizes = {shape[2:] for shape in shapes if len(shape) > 2}
    return (*shapes[0][:2], *(sizes.pop() if len(sizes) == 1 else ()))


def _shapes(inputs: Any) -> list[Shape]:
    if not isinstance(inputs, Tensor | tuple | list | Mapping):
        kind = type(inputs).__name__
        raise TypeError(f"inputs takes a tensor, a tuple or a dictionary of arguments, not {kind}.")
    tensors = list(tensors_of(inputs))
    if not tensors:
        raise ValueError("inputs holds no tensor.")
    return [tuple(tensor.shape) for tensor in tensors]


def _dtype(tensors: Iterable[Tensor]) -> torch.dtype:
    """The precision of the module's weights, in which it expects its image."""
    for tensor in tensors:
        if tensor.is_floating_point():
            return tensor.dtype
    return torch.get_default_dtype()


def tensors_of(value: Any, above: frozenset[int] = frozenset()) -> Iterator[Tensor]:
    """The tensors in what a module takes or returns: also in dataclasses and other objects."""
    if isinstance(value, Tensor):
        yield value
    elif not isinstance(value, _NO_NEST) and id(value) not in above:
        above |= {id(value)}
        if isinstance(value, Mapping):
            inside = list(value.values())
        elif isinstance(value, tuple | list | set):
            inside = list(value)
        elif is_dataclass(value):
            inside = [getattr(value, column.name) for column in fields(value)]
        else:
            inside = list(getattr(value, "__dict__", {}).values())
        for item in inside:
            yield from tensors_of(item, above)


_NO_NEST = (type(None), bool, int, float, str, bytes, type, ModuleType, FunctionType, nn.Module)

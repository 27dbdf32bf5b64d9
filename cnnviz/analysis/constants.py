"""The values of what does not hang on the input, in a world without values.

A mask, a grid or a list of lengths that a network makes of numbers alone has values, and it may
decide by them. They are computed on the CPU beside the tensors that stand for them, as long as they
are small. So are those of the module's buffers of whole numbers, such as a switch.
"""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensor,
    UnsupportedFakeTensorException,
    UnsupportedOperatorException,
)
from torch.utils._mode_utils import no_dispatch

# Of an operator that has no shapes alone.
WITHOUT_VALUES = (
    DataDependentOutputException,
    DynamicOutputShapeException,
    UnsupportedFakeTensorException,
    UnsupportedOperatorException,
)
MOST = 2**18  # numbers in a tensor whose values are kept: a mask of 512 × 512
_CPU = torch.device("cpu")
# What they make has the shape of a tensor, not its values.
_FILLS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("zeros_like", "new_zeros"), lambda args: 0),
    **dict.fromkeys(("ones_like", "new_ones"), lambda args: 1),
    "full_like": lambda args: args[1],
    "new_full": lambda args: args[2],
}


class Constants:
    """Follows the operators of a pass, and says what an operator on constants gives."""

    def __init__(self) -> None:
        self._spoiled: dict[int, torch.UntypedStorage] = {}  # by addresses, which stay theirs

    def keep(self, made: Tensor, tensor: Tensor) -> None:
        """A stand-in for a small tensor of whole numbers has its values."""
        whole = not (tensor.is_floating_point() or tensor.is_complex())
        if whole and tensor.device.type != "meta" and tensor.numel() <= MOST:
            made._value = tensor.detach().to(_CPU, copy=True)  # type: ignore[attr-defined]

    def follow(self, operator: Any, args: Any, kwargs: Any, result: Any) -> None:
        """An operator has run on stand-ins: do the same to the values, where all are known."""
        first = args[0] if args else None
        if isinstance(first, FakeTensor) and not hasattr(first, "_value"):
            name = operator._schema.name.partition("::")[2]
            if name in _FILLS and result.numel() <= MOST:
                fill = _FILLS[name](args)
                result._value = torch.full(result.shape, fill, dtype=result.dtype)
            return
        made = [tensor for tensor in _tensors(result) if isinstance(tensor, FakeTensor)]
        if not made or any(tensor.numel() > MOST for tensor in made) or _is_new(operator):
            values = None
        else:
            values = self._real(operator, args, kwargs)
        if values is None:
            self._spoil(operator, args)
            return
        for tensor, value in zip(made, _tensors(values), strict=False):
            if tensor.shape == value.shape:
                tensor._value = value  # type: ignore[attr-defined]

    def result(self, operator: Any, args: Any, kwargs: Any) -> Any:
        """What an operator without shapes alone gives; None where it reads no constants."""
        if operator._schema.is_mutable or _is_new(operator):
            return None
        return self._real(operator, args, kwargs)

    def _real(self, operator: Any, args: Any, kwargs: Any) -> Any:
        values: list[Any] = []
        for value in args:
            tensors = [self._value(tensor) for tensor in _tensors(value)]
            if any(tensor is None for tensor in tensors):
                return None
            values.append(tensors if isinstance(value, list | tuple) and tensors else value)
            if isinstance(value, Tensor):
                values[-1] = tensors[0]
        if any(isinstance(value, Tensor) for value in kwargs.values()):
            return None
        if operator._schema.is_mutable and not isinstance(args[0], FakeTensor):
            return None
        if kwargs.get("device") is not None:
            kwargs = {**kwargs, "device": _CPU}
        try:
            with no_dispatch():
                return operator(*values, **kwargs)
        except Exception:  # one that the CPU lacks, or that torch refuses
            return None

    def _value(self, tensor: Tensor) -> Tensor | None:
        if not isinstance(tensor, FakeTensor):
            known = type(tensor) is Tensor and tensor.device == _CPU and tensor.numel() <= MOST
            return tensor.detach() if known else None
        value: Tensor | None = getattr(tensor, "_value", None)
        if value is None or value.untyped_storage()._cdata in self._spoiled:
            return None
        return value

    def _spoil(self, operator: Any, args: Any) -> None:
        """Forget the values of a tensor, and of its views, into which something else is written."""
        if not operator._schema.is_mutable:
            return
        for tensor in _tensors(args):
            value: Tensor | None = getattr(tensor, "_value", None)
            if value is not None:
                storage = value.untyped_storage()
                self._spoiled[storage._cdata] = storage


def _is_new(operator: Any) -> bool:
    """Whether what an operator makes has no values to speak of: random, or not yet written."""
    if not isinstance(operator, torch._ops.OpOverload):
        return True
    name = operator._schema.name.partition("::")[2]
    return torch.Tag.nondeterministic_seeded in operator.tags or name.startswith(
        ("empty", "new_empty")
    )


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)

"""A copy of somebody's module, so that nothing that a trace does can reach the original.

`copy.deepcopy` would do, but it copies weights, which a trace of shapes does not need, refuses
tensors with a history, and takes longer than the trace. Here tensors become stand-ins, and what
shares memory in the original shares it in the copy.
"""

import copy
import weakref
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn

_AS_IT_IS = (
    *(type(None), bool, int, float, complex, str, bytes, type, range, slice, type(Ellipsis)),
    *(torch.dtype, torch.device, torch.Size, torch.memory_format, torch.layout, ModuleType),
    *(torch.fx.Graph, torch.Generator),
)
_PLAIN = frozenset((type(None), bool, int, float, str))
# What a function may close over and change.
_CHANGEABLE = (Tensor, nn.Module, dict, list, set)
# A class that copies itself in its own way has one of these.
_OWN_WAYS = ("__deepcopy__", "__copy__", "__reduce__", "__reduce_ex__", "__getstate__", "__slots__")


class Wrapper(nn.Module):
    """A module that only calls another one: a compiled, scripted or distributed module's copy."""

    def __init__(self, name: str, inner: Any):
        super().__init__()
        self._inner = name
        setattr(self, name, inner)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(self, self._inner)(*args, **kwargs)


class Scripted(nn.Module):
    """A scripted or traced module, which runs outside of Python, behind a module of ours.

    Attributes:
        name: its class, before it was scripted.
        weights: its parameters by name.
    """

    _script: Any

    def __init__(self, module: Any):
        super().__init__()
        self._script = (module,)  # in a tuple, so that it is no child
        self.name: str = getattr(module, "original_name", type(module).__name__)
        self.weights: dict[str, Tensor] = dict(module.named_parameters())

    def train(self, mode: bool = True) -> "Scripted":
        self._script[0].train(mode)
        return super().train(mode)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self._script[0](*args, **kwargs)


class Copier:
    """Copy modules, and all that they hold, once each.

    Args:
        stand_in: what takes a tensor's place.
    """

    def __init__(self, stand_in: Callable[[Tensor], Tensor]):
        self._stand_in = stand_in
        self._memo: dict[int, Any] = {}  # copies by the ids of their originals, as deepcopy's
        self._ways: dict[type, Callable[[Any], Any]] = {
            dict: self._dictionary,
            OrderedDict: self._dictionary,
            list: self._list,
            **dict.fromkeys((tuple, set, frozenset), lambda value: type(value)(map(self, value))),
            FunctionType: self._function,
            MethodType: lambda method: MethodType(method.__func__, self(method.__self__)),
            partial: lambda call: partial(self(call.func), *self(call.args), **self(call.keywords)),
            weakref.ref: lambda ref: ref if ref() is None else weakref.ref(self(ref())),
        }

    def __call__(self, value: Any) -> Any:
        if type(value) in _PLAIN or isinstance(value, _AS_IT_IS):
            return value
        known = self._memo.get(id(value))
        if known is None:
            known = self._memo[id(value)] = self._copy(value)
        return known

    def _copy(self, value: Any) -> Any:
        if way := self._ways.get(type(value)):
            return way(value)
        if isinstance(value, Tensor):
            return self._stand_in(value)
        if isinstance(value, nn.Module):
            return self._module(value)
        if _is_plain(type(value)):
            return self._object(value)
        try:
            return copy.deepcopy(value, self._memo)
        except Exception:  # a lock, a file, a stream: nothing that a forward pass changes
            return value

    def _list(self, value: list[Any]) -> list[Any]:
        made: list[Any] = []
        self._memo[id(value)] = made
        made.extend(map(self, value))
        return made

    def _dictionary(self, value: dict[Any, Any]) -> dict[Any, Any]:
        made = type(value)()
        self._memo[id(value)] = made
        if value:
            for key, item in value.items():
                made[key] = self(item)
        return made

    def _object(self, value: Any) -> Any:
        kind: Any = type(value)
        made = kind.__new__(kind)
        self._memo[id(value)] = made
        made.__dict__.update({name: self(item) for name, item in vars(value).items()})
        return made

    def _module(self, module: nn.Module) -> Any:
        name = type(module).__name__
        if isinstance(module, torch.jit.ScriptModule):
            return Scripted(copy.deepcopy(module))
        for inner in ("_orig_mod", "module"):  # of a compiled and of a distributed module
            if name in _WRAPPERS.get(inner, ()):
                return type(name, (Wrapper,), {})(inner, self(module._modules[inner]))
        made = self._object(module)
        made.__dict__["_compiled_call_impl"] = None  # compiled in place
        return made

    def _function(self, function: FunctionType) -> FunctionType:
        """The function, with copies of what it closes over and may change."""
        cells = function.__closure__ or ()
        inside = [_content(cell) for cell in cells]
        if not any(isinstance(content, _CHANGEABLE) for content in inside):
            return function
        closure = tuple(
            CellType(self(content)) if isinstance(content, _CHANGEABLE) else cell
            for cell, content in zip(cells, inside, strict=True)
        )
        made = FunctionType(
            function.__code__,
            function.__globals__,
            function.__name__,
            function.__defaults__,
            closure,
        )
        made.__kwdefaults__ = function.__kwdefaults__
        made.__dict__.update(function.__dict__)
        return made


_WRAPPERS = {
    "_orig_mod": ("OptimizedModule",),
    "module": ("DataParallel", "DistributedDataParallel"),
}


def _is_plain(kind: type) -> bool:
    """Whether an object of the class is all in its `__dict__`."""
    return kind.__dictoffset__ != 0 and not any(
        getattr(kind, way, None) is not getattr(object, way, None) for way in _OWN_WAYS
    )


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet filled
        return None

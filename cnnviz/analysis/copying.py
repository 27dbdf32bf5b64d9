"""A copy of somebody's module, so that nothing that a trace does can reach the original.

`copy.deepcopy` would do, but it copies weights, which a trace of shapes does not need, refuses
tensors with a history, and takes longer than the trace. Here tensors become stand-ins, and what
shares memory in the original shares it in the copy.
"""

import copy
import copyreg
import weakref
from ast import literal_eval
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from itertools import count
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

import torch
from torch import Tensor, nn

_AS_IT_IS = (
    *(type(None), bool, int, float, complex, str, bytes, type, range, slice, type(Ellipsis)),
    *(torch.dtype, torch.device, torch.Size, torch.memory_format, torch.layout, ModuleType),
    torch.fx.Graph,
)
_PLAIN = frozenset((type(None), bool, int, float, str, torch.Size))
# What a function may close over and change, or reach something through that may be changed.
_CHANGEABLE = (Tensor, nn.Module, dict, list, set, FunctionType, MethodType, partial)
# A class that copies itself in its own way has one of these.
_OWN_WAYS = ("__deepcopy__", "__copy__", "__reduce__", "__reduce_ex__", "__getstate__", "__slots__")
_NO_ITEMS = iter(())


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

    def __getattr__(self, name: str) -> Any:
        """Its parts and methods, which may be called from outside."""
        return getattr(self.__dict__["_script"][0], name)


class Copier:
    """Copy modules, and all that they hold, once each.

    Args:
        stand_in: what takes a tensor's place.
    """

    def __init__(self, stand_in: Callable[[Tensor], Tensor]):
        self._stand_in = stand_in
        self._memo: dict[int, Any] = {}  # copies by the ids of their originals, as deepcopy's
        self._alive: list[Any] = []  # what was made on the way, so that no other gets its id
        self._ways: dict[type, Callable[[Any], Any]] = {
            dict: self._dictionary,
            OrderedDict: self._dictionary,
            list: self._list,
            **dict.fromkeys((tuple, set, frozenset), lambda value: type(value)(map(self, value))),
            FunctionType: self._function,
            MethodType: lambda method: MethodType(self(method.__func__), self(method.__self__)),
            partial: lambda call: partial(self(call.func), *self(call.args), **self(call.keywords)),
            weakref.ref: lambda ref: ref if ref() is None else weakref.ref(self(ref())),
            torch.Generator: torch.Generator.clone_state,
            count: _counter,
            **dict.fromkeys((Tensor, nn.Parameter), stand_in),
        }

    def __call__(self, value: Any) -> Any:
        kind = type(value)
        if kind in _PLAIN:
            return value
        known = self._memo.get(id(value))
        if known is None:
            way = self._ways.get(kind)
            if way is None and isinstance(value, _AS_IT_IS):
                return value
            known = self._memo[id(value)] = way(value) if way else self._copy(value)
        return known

    def _copy(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            return self._stand_in(value)
        if isinstance(value, nn.Module):
            return self._module(value)
        if _is_plain(type(value)):
            return self._object(value)
        try:
            if hasattr(type(value), "__deepcopy__"):
                return copy.deepcopy(value, self._memo)
            return self._rebuilt(value, value.__reduce_ex__(4))
        except Exception:  # a lock, a file, a stream: nothing that a forward pass changes
            return value

    def _rebuilt(self, value: Any, recipe: Any) -> Any:
        """As `copy.deepcopy` does it: a container with a class of its own, a counter, slots."""
        if isinstance(recipe, str):
            return value  # a name: there is only one
        self._alive.append(recipe)
        make, args, state, items, pairs = (*recipe, None, None, None)[:5]
        made = self._memo[id(value)] = make(*map(self, args))
        for item in items or _NO_ITEMS:
            made.append(self(item))
        for key, item in pairs or _NO_ITEMS:
            made[self(key)] = self(item)
        if state is not None and hasattr(type(made), "__setstate__"):
            made.__setstate__(self(state))
        elif state is not None:
            attributes, slots = state if isinstance(state, tuple) else (state, None)
            for name, item in ((attributes or {}) | (slots or {})).items():
                setattr(made, name, self(item))
        return made

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
        made = object.__new__(type(value))
        self._memo[id(value)] = made
        inside = made.__dict__
        for name, item in vars(value).items():
            inside[name] = item if type(item) in _PLAIN else self(item)
        return made

    def _module(self, module: nn.Module) -> Any:
        name = type(module).__name__
        if isinstance(module, torch.jit.ScriptModule):
            return Scripted(copy.deepcopy(module))
        for inner in ("_orig_mod", "module"):  # of a compiled and of a distributed module
            if name in _WRAPPERS.get(inner, ()):
                return type(name, (Wrapper,), {})(inner, self(module._modules[inner]))
        made = self._object(module)
        for slot in copyreg._slotnames(type(module)):  # type: ignore[attr-defined]
            if hasattr(module, slot):
                object.__setattr__(made, slot, self(getattr(module, slot)))
        made.__dict__["_compiled_call_impl"] = None  # compiled in place
        return made

    def _function(self, function: FunctionType) -> FunctionType:
        """The function, with copies of what it closes over and may change."""
        cells = function.__closure__ or ()
        inside = [content_of(cell) for cell in cells]
        if not any(isinstance(content, _CHANGEABLE) for content in inside):
            return function
        closure = tuple(
            CellType() if isinstance(content, _CHANGEABLE) else cell
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
        self._memo[id(function)] = made  # which it may close over itself
        for cell, content in zip(closure, inside, strict=True):
            if isinstance(content, _CHANGEABLE):
                cell.cell_contents = self(content)
        return made


_WRAPPERS = {
    "_orig_mod": ("OptimizedModule",),
    "module": ("DataParallel", "DistributedDataParallel"),
}


def _is_plain(kind: type) -> bool:
    """Whether an object of the class is all in its `__dict__`."""
    if kind.__dictoffset__ == 0 or any(
        getattr(kind, way, None) is not getattr(object, way, None) for way in _OWN_WAYS
    ):
        return False
    try:
        object.__new__(kind)
    except TypeError:  # a dictionary, a list or another of Python's own is inside
        return False
    return True


def content_of(cell: CellType) -> Any:
    """What a function closes over; None for what is not there yet."""
    try:
        return cell.cell_contents
    except ValueError:  # not yet filled
        return None


def _counter(value: Any) -> Any:
    """A counter at the same number: Python 3.14 copies none, and 3.12 warns of it."""
    try:
        shown = literal_eval(repr(value).removeprefix("count"))
    except ValueError:  # of fractions, say
        return value
    return count(*shown) if isinstance(shown, tuple) else count(shown)

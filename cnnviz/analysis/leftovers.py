"""Tensors that a pass leaves where no copy of a module can keep them: in its class or its file.

Some modules keep what they have computed once in a class attribute, in a cached function, or in a
dictionary or an object of their file or of one that it uses. After a pass without values, tensors
without values would be there.
"""

import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

from torch import Tensor, nn

from cnnviz.analysis.copying import content_of

_CONTAINERS = (dict, list, set)
_LARGEST = 10_000  # entries of a container that is looked into
_OTHERS = sys.stdlib_module_names | {"torch", "numpy"}  # packages that keep nothing of a pass
_Cached = type(functools.lru_cache(lambda: None))


@contextmanager
def taken_away(module: nn.Module) -> Iterator[None]:
    """Put classes and files of a module's parts back, where a pass has left tensors in them."""
    places = list(_places(module))
    before = [(place, dict(vars(place)), _inside(place)) for place in places]
    sizes = [(cached, cached.cache_info()) for place in places for cached in _caches(place)]
    try:
        yield
    finally:
        for place, names, inside in before:
            _put_back(place, names)
            for container, content in inside:
                _refill(container, content)
        for cached, info in sizes:
            if cached.cache_info().misses != info.misses:
                cached.cache_clear()


def _places(module: nn.Module) -> Iterator[Any]:
    """The classes of the parts, the files in which they and their functions are written, and more.

    That is the files of the functions and classes that are used there, and the objects of all.
    """
    classes = {base for part in module.modules() for base in type(part).__mro__}
    own = {base for base in classes if _is_own(base.__module__)}
    yield from own
    held = (value for part in module.modules() for value in vars(part).values())
    files = {value.__module__ for value in held if type(value) is FunctionType}
    files |= {base.__module__ for base in own}
    for file in _loaded(filter(_is_own, files)):
        for value in list(vars(file).values()):
            if isinstance(value, ModuleType):
                files.add(value.__name__)
            elif isinstance(value, FunctionType | _Cached | type):
                files.add(value.__module__)
    objects = {}
    for file in _loaded(filter(_is_own, files)):
        yield file
        for value in list(vars(file).values()):
            if type(value).__module__ in files and hasattr(value, "__dict__"):
                objects[id(value)] = value
    yield from objects.values()


def _is_own(file: str) -> bool:
    """Whether a file may keep something of a pass: those of Python and torch do not."""
    return file.partition(".")[0] not in _OTHERS


def _loaded(names: Iterable[str]) -> list[ModuleType]:
    return [sys.modules[name] for name in names if name in sys.modules]


def _caches(place: Any) -> Iterator[Any]:
    return (value for value in vars(place).values() if isinstance(value, _Cached))


def _inside(place: Any) -> list[tuple[Any, Any]]:
    """The containers of a class or a file and of the functions there, each with its content."""
    held = [value for name, value in vars(place).items() if not name.startswith("__")]
    for value in vars(place).values():
        if isinstance(value, FunctionType):
            held += _kept_by(value)
    return [
        (value, value.copy())
        for value in held
        if type(value) in _CONTAINERS and len(value) < _LARGEST
    ]


def _kept_by(function: FunctionType) -> Iterator[Any]:
    """What a function keeps from call to call: defaults, attributes, what it closes over."""
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    yield from vars(function).values()
    yield from map(content_of, function.__closure__ or ())


def _put_back(place: Any, names: dict[str, Any]) -> None:
    for name, value in list(vars(place).items()):
        if value is not names.get(name) and _holds_tensor(value):
            if name in names:
                setattr(place, name, names[name])
            else:
                delattr(place, name)


def _refill(container: Any, content: Any) -> None:
    if len(container) != len(content) or _changed(container, content):
        values = container.values() if isinstance(container, dict) else container
        if any(map(_holds_tensor, list(values))):
            container.clear()
            fill: Callable[[Any], None] = getattr(container, "extend", None) or container.update
            fill(content)


def _changed(container: Any, content: Any) -> bool:
    """Whether there is something else at a place that was there before."""
    if isinstance(container, dict):
        return any(container.get(name) is not value for name, value in content.items())
    return isinstance(container, list) and any(
        one is not other for one, other in zip(container, content, strict=True)
    )


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_tensor, list(value.values())))
    if isinstance(value, tuple | list | set):
        return any(map(_holds_tensor, list(value)))
    return isinstance(value, Tensor)

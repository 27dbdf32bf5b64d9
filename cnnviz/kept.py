"""Results computed once and shared by all sessions: reports, foldings, drawings, tables.

One limit in bytes holds for all of them together, and the least recently used are dropped. A
hundred large networks take as much as a thousand small ones.
"""

import math
import sys
from collections.abc import Callable, Hashable
from functools import partial
from threading import Condition
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

Arguments = ParamSpec("Arguments")
Result_co = TypeVar("Result_co", covariant=True)

MOST = 200_000_000  # bytes, unless a program sets another limit


def nbytes(result: object) -> int:
    """Return the bytes of a result by its class's `__sizeof__`, of a tuple those of its parts."""
    return sum(map(nbytes, result)) if isinstance(result, tuple) else sys.getsizeof(result)


class Kept(LRUCache[Any, Any]):
    """Results by the arguments of their functions."""

    def __init__(self) -> None:
        super().__init__(math.inf, getsizeof=nbytes)
        self.most = MOST

    def __setitem__(self, key: Any, value: Any) -> None:
        if nbytes(value) > self.most:
            return  # larger than the limit: it would drop everything else
        super().__setitem__(key, value)
        while self.currsize > self.most:
            self.popitem()


results = Kept()
_changed = Condition()


class KeptFunction(Protocol[Arguments, Result_co]):
    """A function that keeps its results in `cache`, under the `cache_key` of its arguments."""

    cache: Kept
    cache_lock: Condition

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result_co: ...

    def cache_key(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Hashable: ...


def kept(function: Callable[Arguments, Result_co]) -> KeptFunction[Arguments, Result_co]:
    """Keep the results of a pure function; concurrent callers share one pass."""
    key = partial(hashkey, f"{function.__module__}.{function.__qualname__}")
    made = cached(results, key=key, condition=_changed)(function)
    return cast(KeptFunction[Arguments, Result_co], made)


def limit(most: int) -> None:
    """Keep at most that many bytes from now on."""
    with _changed:
        results.most = most
        while results.currsize > most:
            results.popitem()

"""What is made once and kept for all sessions: reports, foldings, drawings, tables.

All of it is limited together, by the bytes that it holds: what was used longest ago is dropped. A
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

MOST = 200_000_000  # bytes, where a program sets no other limit


def nbytes(result: object) -> int:
    """Bytes that a result holds, as its class says by `__sizeof__`; of a tuple, its parts'."""
    return sum(map(nbytes, result)) if isinstance(result, tuple) else sys.getsizeof(result)


class Kept(LRUCache[Any, Any]):
    """Results by what they were made of."""

    def __init__(self) -> None:
        super().__init__(math.inf, getsizeof=nbytes)
        self.most = MOST

    def __setitem__(self, key: Any, value: Any) -> None:
        if nbytes(value) > self.most:
            return  # it would drop all else
        super().__setitem__(key, value)
        while self.currsize > self.most:
            self.popitem()


results = Kept()
_changed = Condition()


class KeptFunction(Protocol[Arguments, Result_co]):
    """A function whose results are kept in `cache`, by what `cache_key` makes of its arguments."""

    cache: Kept
    cache_lock: Condition

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result_co: ...

    def cache_key(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Hashable: ...


def kept(function: Callable[Arguments, Result_co]) -> KeptFunction[Arguments, Result_co]:
    """Keep what a pure function makes; concurrent callers share one pass."""
    key = partial(hashkey, f"{function.__module__}.{function.__qualname__}")
    made = cached(results, key=key, condition=_changed)(function)
    return cast(KeptFunction[Arguments, Result_co], made)


def limit(most: int) -> None:
    """Keep at most that many bytes from now on."""
    with _changed:
        results.most = most
        while results.currsize > most:
            results.popitem()

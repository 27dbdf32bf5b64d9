"""What is made once and kept for all sessions: reports, foldings, drawings, tables.

All of it is limited together, by the bytes that it holds: what was used longest ago is dropped. A
hundred large networks take as much as a thousand small ones.
"""

import math
import sys
from collections.abc import Callable
from functools import partial
from threading import Condition

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

MOST = 200_000_000  # bytes, where a program sets no other limit


def nbytes(result: object) -> int:
    """Bytes that a result holds, as its class says by `__sizeof__`; of a tuple, its parts'."""
    return sum(map(nbytes, result)) if isinstance(result, tuple) else sys.getsizeof(result)


class Kept(LRUCache):
    """Results by what they were made of."""

    def __init__(self):
        super().__init__(math.inf, getsizeof=nbytes)
        self.most = MOST

    def __setitem__(self, key, value):
        if nbytes(value) > self.most:
            return  # it would drop all else
        super().__setitem__(key, value)
        while self.currsize > self.most:
            self.popitem()


results = Kept()
_changed = Condition()


def kept(function: Callable) -> Callable:
    """Keep what a pure function makes; who asks at the same time waits for the one pass.

    Its `cache_key(…)` is where the result of a call is in `results`.
    """
    key = partial(hashkey, f"{function.__module__}.{function.__qualname__}")
    return cached(results, key=key, condition=_changed)(function)


def limit(most: int) -> None:
    """Keep at most that many bytes from now on."""
    with _changed:
        results.most = most
        while results.currsize > most:
            results.popitem()

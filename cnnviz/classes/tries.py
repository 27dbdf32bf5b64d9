"""A limit on what one computer does in a while: codes that it tries, classes that it opens."""

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

_MOST_ADDRESSES = 10_000


class Tries:
    """What was done of late, by the computer that it came from.

    Args:
        most: of one computer, or one network behind one address.
        seconds: for which it counts.
    """

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = monotonic):
        self._most, self._seconds, self._clock = most, seconds, clock
        self._lock = threading.Lock()
        self._done: dict[str, deque[float]] = {}

    def may(self, address: str) -> bool:
        """Whether it may be done once more."""
        with self._lock:
            return len(self._recent(address)) < self._most

    def note(self, address: str) -> None:
        """Count it."""
        with self._lock:
            if len(self._done) >= _MOST_ADDRESSES:
                self._done = {one: self._recent(one) for one in self._done if self._recent(one)}
            self._done.setdefault(address, deque()).append(self._clock())

    def _recent(self, address: str) -> deque[float]:
        times, since = self._done.get(address, deque()), self._clock() - self._seconds
        while times and times[0] <= since:
            times.popleft()
        return times

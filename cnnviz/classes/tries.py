"""A limit on codes that are tried, so that nobody finds a class by guessing."""

import threading
from collections import deque
from collections.abc import Callable
from time import monotonic

SECONDS = 60.0
_MOST_ADDRESSES = 10_000


class Tries:
    """Wrong codes of the last minute, by the computer that they come from.

    Args:
        most: of one computer, or one network behind one address.
    """

    def __init__(self, most: int, clock: Callable[[], float] = monotonic):
        self._most, self._clock = most, clock
        self._lock = threading.Lock()
        self._wrong: dict[str, deque[float]] = {}

    def may(self, address: str) -> bool:
        """Whether another code may be tried."""
        with self._lock:
            return len(self._recent(address)) < self._most

    def note_wrong(self, address: str) -> None:
        """Count a wrong code."""
        with self._lock:
            if len(self._wrong) >= _MOST_ADDRESSES:
                self._wrong = {one: self._recent(one) for one in self._wrong if self._recent(one)}
            self._wrong.setdefault(address, deque()).append(self._clock())

    def _recent(self, address: str) -> deque[float]:
        times, since = self._wrong.get(address, deque()), self._clock() - SECONDS
        while times and times[0] <= since:
            times.popleft()
        return times

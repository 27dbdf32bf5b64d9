"""The processor's cores that jobs may compute with: those that nothing else keeps busy.

The threads of a computation wait for one another at each op. If one of them is on a core that pages
keep busy, and pages go first, all wait for it: on two cores of which one is busy, LeNet trains
eight times as fast with one thread as with two.
"""

import math
import time
from collections.abc import Callable

import psutil

LOOK = 1.0  # seconds between two looks
HARDLY = 0.3  # of the time: a core that others use no more counts as free


class FreeCores:
    """How many cores are free, looked at no more than once a second.

    Args:
        most: cores that this process and its jobs may use.
    """

    def __init__(self, most: int) -> None:
        self._most = self._free = most
        self._looked = self._own = 0.0

    def count(self, own_seconds: Callable[[], float]) -> int:
        """Return the number of cores that others left free since the last look, at least 1.

        Args:
            own_seconds: tells the CPU seconds of the running jobs until now, which are not others'.
        """
        now = time.monotonic()
        if now - self._looked >= LOOK:
            busy, own = psutil.cpu_percent(percpu=True), own_seconds()
            ours = max(0.0, own - self._own) / (now - self._looked)
            free = math.floor(len(busy) - (sum(busy) / 100 - ours) + HARDLY)
            self._free = max(1, min(self._most, free))
            self._looked, self._own = now, own
        return self._free

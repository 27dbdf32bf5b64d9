"""Python's garbage collector, which stands still during an analysis.

An analysis makes tens of thousands of objects that all live to its end. The collector counts them,
and looks through everything that the process holds, once or more in nearly every analysis, for
nothing.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_inside = 0  # analyses under way, in all threads
_was_enabled = False


@contextmanager
def paused() -> Iterator[None]:
    """Keep the collector still until the last of the threads that are in here has left.

    The collector is then as it was before the first of them came, whatever was raised.
    """
    global _inside, _was_enabled  # noqa: PLW0603 (the collector is the process's, too)
    with _lock:
        if not _inside:
            _was_enabled = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside and _was_enabled:
                gc.enable()

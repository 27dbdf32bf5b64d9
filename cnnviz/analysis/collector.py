"""Pause Python's garbage collector during an analysis.

An analysis makes tens of thousands of objects that all live to its end. Their number triggers a
full collection in nearly every analysis, which visits all objects of the process and frees none.
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
    """Pause the collector until the last thread has left this context.

    The collector is then as it was before the first thread entered, also after an exception.
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

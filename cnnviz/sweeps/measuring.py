"""Measure many networks at once: here, and where it is worth their start, in processes beside.

Measuring keeps Python busy; a second process halves the time on two cores.
"""

import gc
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait

from loky import BrokenProcessPool, ProcessPoolExecutor, cpu_count

from cnnviz.families import Spec
from cnnviz.live import pool
from cnnviz.sweeps.figures import Outcome, measured

_MOST = 4  # processes, this one included
_TRIED = 3  # networks that say how long one takes; the first also pays for torch's start
_WORTH = 4.0  # seconds of work that are worth the start of processes
_AHEAD = 3  # networks that a process has before it, so that it never waits for this one

Numbered = tuple[int, Outcome]


def outcomes(specs: Sequence[Spec]) -> Iterator[Numbered]:
    """The outcome of every spec with its position, as they come."""
    todo = deque(enumerate(specs))
    seconds = float("inf")
    for _ in range(min(_TRIED, len(todo))):
        begun = time.perf_counter()
        yield _next(todo)
        seconds = min(seconds, time.perf_counter() - begun)
    beside = min(_MOST, cpu_count()) - 1
    if beside and len(todo) * seconds > _WORTH:
        yield from _shared(todo, beside)
    while todo:
        yield _next(todo)


def _next(todo: deque[tuple[int, Spec]]) -> Numbered:
    number, spec = todo.popleft()
    return number, measured(spec)


def _shared(todo: deque[tuple[int, Spec]], processes: int) -> Iterator[Numbered]:
    """Measure from the left here and from the right in other processes, until they meet.

    Networks of a process that is lost are left to be done.
    """
    executor = ProcessPoolExecutor(processes, initializer=begin, initargs=(os.getpid(),))
    given: dict[Future[Outcome], tuple[int, Spec]] = {}
    try:
        while todo or given:
            while todo and len(given) < _AHEAD * processes:
                given[executor.submit(measured, todo[-1][1])] = todo[-1]
                todo.pop()
            if todo:
                yield _next(todo)
            else:
                wait(given, return_when=FIRST_COMPLETED)
            for future in [one for one in given if one.done()]:
                outcome = future.result()
                number, _ = given.pop(future)
                yield number, outcome
    except BrokenProcessPool:
        todo.extend(given.values())
    finally:
        executor.shutdown(kill_workers=True)


def begin(server: int) -> None:
    """Prepare a process that measures; it ends with the one that has started it."""
    pool.begin(server)
    gc.freeze()  # no collection visits what torch has imported

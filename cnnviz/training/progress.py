"""Reports of gradual work as phase events."""

import time
from collections.abc import Generator

from cnnviz.gradual import Gradual, Result
from cnnviz.training.events import Phase

REPORT_SECONDS = 0.25


def reported(name: str, work: Gradual[Result]) -> Generator[Phase, None, Result]:
    """Do the work and yield a phase event at its beginning, then at most four a second."""
    due = 0.0
    while True:
        try:
            done, total = next(work)
        except StopIteration as end:
            result: Result = end.value
            return result
        if time.perf_counter() >= due:
            yield Phase(phase=name, done=done, total=total)
            due = time.perf_counter() + REPORT_SECONDS

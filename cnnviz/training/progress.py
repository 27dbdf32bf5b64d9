"""Work that tells how far it is: a generator of (done, total) whose return value is its result."""

import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

REPORT_SECONDS = 0.25

Event = dict[str, Any]
Result = TypeVar("Result")
Gradual = Generator[tuple[int, int], None, Result]  # (done, total), and what it makes


def at_once(act: Callable[..., Result], *arguments: Any) -> Gradual[Result]:
    """Work too short to tell anything but that it begins."""
    yield 0, 1
    return act(*arguments)


def finish(work: Gradual[Result]) -> Result:
    """Do all of it, whoever wants to know."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def phase(name: str, done: int = 0, total: int = 1) -> Event:
    """What a job does while it does not train: "data", "network", "evaluation" and so on."""
    return {"kind": "phase", "phase": name, "done": done, "total": total}


def reported(name: str, work: Gradual[Result]) -> Generator[Event, None, Result]:
    """Do the work and yield a phase event at its beginning, then at most four a second."""
    due = 0.0
    while True:
        try:
            done, total = next(work)
        except StopIteration as end:
            return end.value
        if time.perf_counter() >= due:
            yield phase(name, done, total)
            due = time.perf_counter() + REPORT_SECONDS

"""Work that reports progress: a generator of (done, total) that returns the result."""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")
Gradual = Generator[tuple[int, int], None, Result]  # (done, total), and the result at the end


def at_once(act: Callable[..., Result], *arguments: Any) -> Gradual[Result]:
    """Work too short to report more than its beginning."""
    yield 0, 1
    return act(*arguments)


def finish(work: Gradual[Result]) -> Result:
    """Do all of the work and return its result; progress is ignored."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result

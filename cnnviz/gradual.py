"""Work that tells how far it is: a generator of (done, total) whose return value is its result."""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

Result = TypeVar("Result")
Gradual = Generator[tuple[int, int], None, Result]  # (done, total), and the result at the end


def at_once(act: Callable[..., Result], *arguments: Any) -> Gradual[Result]:
    """Work too short to tell anything but its beginning."""
    yield 0, 1
    return act(*arguments)


def finish(work: Gradual[Result]) -> Result:
    """Do all of the work, without a report, and give its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result

"""Many tabs at once, and what they measure."""

import asyncio
import itertools
import random
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tab import Broken, Tab, tab


@dataclass
class Tally:
    """Latencies in seconds, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        ranked = sorted(self.seconds)
        return ranked[min(len(ranked) - 1, len(ranked) * percent // 100)]

    def __str__(self) -> str:
        middle, most = self.percentile(50), self.percentile(95)
        return (
            f"{len(self.seconds):5} changes, p50 {middle:6.3f} s, p95 {most:6.3f} s, "
            f"slowest {max(self.seconds):6.3f} s, {len(self.errors)} errors"
        )

    async def take(self, waiting) -> None:
        """Await a latency and note it, or why there is none."""
        try:
            self.seconds.append(await waiting)
        except (Broken, TimeoutError) as error:
            self.errors.append(f"{type(error).__name__}: {error}")


@dataclass
class Student:
    """Who turns one knob of one network again and again.

    Args:
        path: of the page, such as "?preset=densenet-121".
        values: of the knob, one after the other.
        options: of the connection.
    """

    path: str
    knob: str
    values: Iterator[float]
    options: dict = field(default_factory=dict)


async def opened(
    stack: AsyncExitStack, url: str, paths: list[str], tally: Tally, options: list[dict] = ()
) -> list[Tab]:
    """Tabs with their pages, all asked for at once, as long as the stack is there."""
    tabs = [
        await stack.enter_async_context(tab(url, path, **extra))
        for path, extra in itertools.zip_longest(paths, options, fillvalue={})
    ]
    await asyncio.gather(*(tally.take(one.open()) for one in tabs))
    return tabs


async def lesson(url: str, students: list[Student], *, every: float, lasts: float) -> Tally:
    """Each student turns a knob every so many seconds, each at a time of their own.

    Who still waits when it is time for the next change makes it at the time after.
    """
    arrivals, changes = Tally(), Tally()
    async with AsyncExitStack() as stack:
        paths = [student.path for student in students]
        options = [student.options for student in students]
        tabs = await opened(stack, url, paths, arrivals, options)
        begin = asyncio.get_running_loop().time()
        await asyncio.gather(
            *(
                _turn_again_and_again(one, student, changes, (begin, every, lasts))
                for one, student in zip(tabs, students, strict=True)
            )
        )
    changes.errors += arrivals.errors
    return changes


async def _turn_again_and_again(
    one: Tab, student: Student, tally: Tally, times: tuple[float, float, float]
) -> None:
    begin, every, lasts = times
    clock = asyncio.get_running_loop().time
    due = begin + random.uniform(0, every)
    while due < begin + lasts:
        await asyncio.sleep(due - clock())
        await tally.take(one.turn(student.knob, next(student.values)))
        while due < clock():
            due += every

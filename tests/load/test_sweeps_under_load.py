"""A class that turns knobs while others sweep: how long a change takes with and without them."""

import asyncio
import itertools
from contextlib import AsyncExitStack

import pytest
from crowd import Student, Tally, lesson
from servers import Server, in_a_loop_of_its_own
from tab import tab

STUDENTS = 10
EVERY = 5.0  # seconds between two changes of one student
LASTS = 40.0  # seconds
SLOWER = 1.25  # times as long, beside the sweeps, as without them
SWEEPS = [
    f"sweeps?preset=densenet-{depth}&x=growth_rate:4:42:2&y=compression:0.24:1:0.04"
    for depth in (121, 169, 201)
]


def students(first: int) -> list[Student]:
    """No two look at the same network, and no one twice."""
    return [
        Student(
            f"?preset=densenet-121&num_classes={first + number}",
            "growth_rate",
            itertools.chain(range(4, 32), range(33, 65)),
        )
        for number in range(STUDENTS)
    ]


async def beside_sweeps(url: str) -> Tally:
    """The lesson while three sessions each sweep four hundred networks."""
    async with AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(tab(url, path)) for path in SWEEPS]
        await asyncio.gather(*(one.open() for one in tabs))
        return await lesson(url, students(2001), every=EVERY, lasts=LASTS)


@pytest.mark.load
def test_a_knob_is_as_quick_beside_sweeps(capsys):
    with Server() as app:
        in_a_loop_of_its_own(lesson(app.address, students(501), every=EVERY, lasts=10.0))
        alone = in_a_loop_of_its_own(lesson(app.address, students(1001), every=EVERY, lasts=LASTS))
        beside = in_a_loop_of_its_own(beside_sweeps(app.address))
    with capsys.disabled():
        print(f"\nalone          {alone}\nbeside sweeps  {beside}")
    assert not beside.errors
    assert beside.percentile(95) < max(0.5, SLOWER * alone.percentile(95))

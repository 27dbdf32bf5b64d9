"""Whose turn it is: a class takes turns, and nobody is kept out by somebody's twenty jobs."""

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence

from cnnviz.training.job import QUEUED, RUNNING, Job


def in_turn(jobs: Iterable[Job], now: float) -> list[Job]:
    """The waiting jobs among `jobs` in the order in which they will begin.

    First whose owner has fewest jobs running or waiting before them, then whose owner has used
    least computing time among `jobs`, then who came first.

    Args:
        jobs: those that wait, run, or ended lately, oldest first.
        now: seconds since 1970.
    """
    jobs = list(jobs)
    before = Counter(job.owner for job in jobs if job.state == RUNNING)
    seconds: Counter[str] = Counter()
    for job in jobs:
        if job.started:
            seconds[job.owner] += (job.ended or now) - job.started
    places = {}
    for job in jobs:
        if job.state == QUEUED:
            places[job.id] = (before[job.owner], seconds[job.owner], job.sequence)
            before[job.owner] += 1
    waiting = [job for job in jobs if job.id in places]
    return sorted(waiting, key=lambda job: places[job.id])


def expected_wait(running: Sequence[float], waiting_before: Iterable[float], slots: int) -> float:
    """Seconds until the next job begins after those that run and those that wait before it.

    Args:
        running: seconds that each running job still takes.
        waiting_before: seconds that each job will take that waits before it, in their order.
        slots: jobs that run at one time, at least 1.
    """
    idle = [0.0] * (slots - len(running))
    # where more run than there are slots, those that end first leave no room
    free = sorted([*running, *idle])[-slots:]  # sorted, so a heap
    for seconds in waiting_before:
        heapq.heapreplace(free, free[0] + seconds)
    return free[0]

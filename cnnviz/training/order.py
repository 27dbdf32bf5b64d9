"""Whose turn it is: a class takes turns, and nobody is kept out by somebody's twenty jobs."""

from collections import Counter
from collections.abc import Iterable

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

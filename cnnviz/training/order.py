"""The order of waiting jobs: owners take turns, so that one owner's twenty jobs block nobody."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from cnnviz.training.job import Job
from cnnviz.training.state import JobState


def in_turn(jobs: Iterable[Job], now: float) -> list[Job]:
    """The waiting jobs among `jobs` in the order in which they will begin.

    Computers take turns and, on each, owners. A job goes first whose owner has fewest jobs running
    or waiting before it, then whose owner has used least computing time among `jobs`, then the
    oldest. For example, Ada submits A1 A2 A3 and then Bob B1: the order is A1 B1 A2 A3. An owner
    on an unknown computer counts as alone on one.

    Args:
        jobs: those that wait, run, or ended lately, oldest first.
        now: seconds since 1970.
    """
    jobs = list(jobs)
    before = Counter(job.owner for job in jobs if job.state == JobState.RUNNING)
    running = Counter(_computer(job) for job in jobs if job.state == JobState.RUNNING)
    seconds: defaultdict[str, float] = defaultdict(float)
    for job in jobs:
        if job.started:
            seconds[job.owner] += (job.ended or now) - job.started
    waiting = []
    for job in jobs:
        if job.state == JobState.QUEUED:
            waiting.append((before[job.owner], seconds[job.owner], job.sequence, job))
            before[job.owner] += 1
    turns = []
    for own, used, sequence, job in sorted(waiting, key=lambda entry: entry[:3]):
        turns.append((running[_computer(job)], own, used, sequence, job))
        running[_computer(job)] += 1
    return [job for *_, job in sorted(turns, key=lambda entry: entry[:4])]


def _computer(job: Job) -> str:
    return job.address or f"of {job.owner}"


def expected_wait(running: Sequence[float], waiting_before: Iterable[float], slots: int) -> float:
    """Seconds until the next job begins after those that run and those that wait before it.

    Args:
        running: seconds that each running job still takes.
        waiting_before: seconds that each job will take that waits before it, in their order.
        slots: jobs that run at one time, at least 1.
    """
    idle = [0.0] * (slots - len(running))
    # of more jobs than slots, those that end first leave no room
    free = sorted([*running, *idle])[-slots:]  # sorted, so a heap
    for seconds in waiting_before:
        heapq.heapreplace(free, free[0] + seconds)
    return free[0]

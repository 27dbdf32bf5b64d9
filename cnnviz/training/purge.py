"""Deleting old and unreadable runs with their files."""

import shutil
import time

from cnnviz.training.files import folder
from cnnviz.training.job import Job
from cnnviz.training.store import Store

DAY = 86_400  # seconds


def too_old(store: Store, days: float, *, most: int = -1) -> list[Job]:
    """The runs that ended more than so many days ago, newest first.

    Args:
        most: how many; -1 for all.
    """
    return store.jobs(ended_before=time.time() - days * DAY, most=most)


def purge(store: Store, days: float, *, most: int = -1) -> int:
    """Forget the runs that `too_old` names, and say how many there were.

    Raises:
        TrainingError: the store cannot be written.
    """
    return _forget(store, too_old(store, days, most=most))


def purge_unreadable(store: Store) -> int:
    """Forget the runs that cannot be read, and say how many there were.

    Raises:
        TrainingError: the store cannot be written.
    """
    return _forget(store, store.close_unreadable())


def _forget(store: Store, jobs: list[Job]) -> int:
    """Delete files first: a run without files can be purged again, files without a run cannot."""
    for job in jobs:
        shutil.rmtree(folder(job.id), ignore_errors=True)
        store.delete(job.id, owner=job.owner)
    return len(jobs)

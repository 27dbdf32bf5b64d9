"""Old runs go, with their files."""

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

    The files go first: a run without them can be purged again, files without a run never.

    Raises:
        TrainingError: the store cannot be written.
    """
    gone = too_old(store, days, most=most)
    for job in gone:
        shutil.rmtree(folder(job.id), ignore_errors=True)
        store.delete(job.id, owner=job.owner)
    return len(gone)

"""A waiting run's place in the queue and its expected wait; and when a full queue has room."""

from cnnviz.training.cluster import sharing, slots
from cnnviz.training.job import Job
from cnnviz.training.order import expected_wait
from cnnviz.training.state import JobState
from cnnviz.ui.kit.words import t
from cnnviz.ui.training import runs


def place(job: Job) -> str:
    """Return a waiting run's place in the queue and, where known, its wait."""
    store = runs.store()
    queue = store.queue()
    ids = [waiting.id for waiting in queue]
    before = queue[: ids.index(job.id)] if job.id in ids else []
    number = len(before) + 1
    if store.paused_by() is not None:
        return t("runs.place_paused", place=number)
    running = store.jobs(states=[JobState.RUNNING])
    wait = _wait(running, before)
    if wait is None:
        return t("runs.place", place=number, running=len(running))
    return t("runs.place_and_wait", place=number, running=len(running), seconds=f"{wait:.0f}")


def seconds_until_room(over: int) -> float | None:
    """Seconds until a queue that is too long by so many jobs has room; None if not known."""
    store = runs.store()
    if store.paused_by() is not None:
        return None
    return _wait(store.jobs(states=[JobState.RUNNING]), store.queue()[: over - 1])


def _wait(running: list[Job], before: list[Job]) -> float | None:
    """Seconds until a run begins; None while a job before it says nothing and none ended yet."""
    left = [seconds for job in running if (seconds := _seconds_left(job)) is not None]
    each = [seconds for job in before if (seconds := _whole(job)) is not None]
    if len(left) < len(running) or len(each) < len(before):
        return None
    return expected_wait(left, each, slots())


def _whole(job: Job) -> float | None:
    """Predict a job's seconds beside the jobs that share its device; else use recent runs."""
    if job.predicted is None:
        return runs.store().seconds_a_job()
    return job.predicted * sharing(slots())


def _seconds_left(job: Job) -> float | None:
    """Return a running job's own estimate, else a prediction; at most its time limit."""
    passed = job.seconds_running
    step, whole = runs.history(job.id).now, _whole(job)
    if step:
        left = step.seconds_left
    elif whole is None:
        return None
    else:
        left = whole - passed
    return max(0.0, min(left, job.asked.recipe.time_limit - passed))

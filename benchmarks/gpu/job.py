"""A job in a process of its own, as the dispatcher starts it, and what it says."""

import tempfile
import time
from pathlib import Path

from benchmarks.gpu.section import NotAsExpectedError
from cnnviz.training.events import Event
from cnnviz.training.local import LocalBackend
from cnnviz.training.request import Request
from cnnviz.training.worker import RunJob, run_job


def events(
    request: Request, seconds: float, job: RunJob = run_job, *, kill: bool = False
) -> list[Event]:
    """The events, one at least, of a job that is killed after its first if that is asked.

    Raises:
        NotAsExpectedError: it does not end within so many seconds, or says nothing.
    """
    backend = LocalBackend(threads=1, job=job)
    seen: list[Event] = []
    with tempfile.TemporaryDirectory() as folder:
        handle = backend.start(request, Path(folder))
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            new, status = backend.poll(handle)
            seen += new
            if new and kill:
                backend.kill(handle)
            if status is not None and seen:
                return seen
            if status is not None:
                raise NotAsExpectedError(f"the job ended with code {status} and said nothing")
            time.sleep(0.05)
        backend.kill(handle)
    raise NotAsExpectedError(f"the job did not end within {seconds} s")

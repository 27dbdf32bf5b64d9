"""A dispatcher with real processes, whose jobs do what a test says, and a place without any."""

import time
from itertools import count

import pytest
from training_requests import request

from cnnviz.config import Config
from cnnviz.training.backend import Backend, Capacity
from cnnviz.training.dispatcher import Dispatcher
from cnnviz.training.limits import Limits
from cnnviz.training.local import LocalBackend
from cnnviz.training.store import Store

AT_MOST = 180  # seconds that anything here may take on a busy machine
OWNER = "ada"


class Lab:
    """A store and a dispatcher whose jobs do what the test says."""

    def __init__(self, path, backend, **limits):
        self.store = Store(path / "jobs.db", Limits(per_owner=1000, in_all=1000))
        self.limits = Config(**{"slots": 2, "heartbeat": AT_MOST, **limits})
        self.backend = backend
        self.keys = count()
        self.dispatcher = Dispatcher(self.store, self.backend, self.limits)

    def submit(self, owner=OWNER, **asked):
        key = f"{owner}{next(self.keys)}"
        return self.store.submit(request(**asked), key=key, owner=owner).id

    def job(self, job_id):
        return self.store.job(job_id)

    def until(self, condition):
        """Let the dispatcher work until the condition holds."""
        deadline = time.monotonic() + AT_MOST
        while not condition():
            assert time.monotonic() < deadline, [(job.state, job.code) for job in self.store.jobs()]
            self.dispatcher.step()

    def until_ended(self, *job_ids):
        self.until(lambda: not any(self.job(job_id).is_active for job_id in job_ids))
        return self.job(job_ids[0])

    def until_heard_of(self, job_id):
        self.until(lambda: self.store.events(job_id))

    def until_step(self, job_id):
        self.until(lambda: "step" in [event.kind for event in self.store.events(job_id)])

    def processes(self):
        return [run.handle.process.pid for run in self.dispatcher.runs.values()]


@pytest.fixture(params=["local"])
def lab(request, tmp_path, monkeypatch):
    """Make a Lab whose jobs are a function, on this machine or in the file's `ray_backend`."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    labs = []

    def make(job, **limits):
        if request.param == "ray":
            backend = request.getfixturevalue("ray_backend")
            backend._job = job
        else:
            backend = LocalBackend(threads=1, job=job)
        labs.append(Lab(tmp_path, backend, **limits))
        return labs[-1]

    yield make
    for one in labs:
        for run in one.dispatcher.runs.values():
            one.backend.kill(run.handle)
            if request.param == "local":
                run.handle.process.join(AT_MOST)


class Idle(Backend):
    """A place where nothing ever runs."""

    def __init__(self):
        self.started = []

    def look(self):
        return Capacity(gpus=0, jobs=2)

    def has_room(self, device, beside):
        return True

    def waits(self, handle):
        return False

    def start(self, request, folder):
        self.started.append(request)
        return object()

    def poll(self, handle):
        return [], None

    def memory_bytes(self, handle):
        return 0

    def total_bytes(self, handle):
        return 0

    def describe(self, handle):
        return {}

"""The dispatcher's own end, sudden or not, and a start that is refused."""

import fcntl
import os
import random
import signal
import subprocess
import sys
import time

import faulty_jobs
import psutil
import pytest
from dispatcher_lab import AT_MOST, OWNER, lab
from training_requests import request

from cnnviz.training import dispatcher as module
from cnnviz.training.events import Ended
from cnnviz.training.limits import Limits
from cnnviz.training.state import JobState
from cnnviz.training.store import Store

__all__ = ["lab"]  # the fixture


@pytest.mark.sweep
def test_after_a_dispatcher_that_was_killed(lab):
    """A new dispatcher ends what the old one left running, and both jobs are done."""
    here = lab(faulty_jobs.hang, slots=1)
    first, second = here.submit(), here.submit()
    here.until_heard_of(first)
    (left_over,) = here.processes()
    process = next(iter(here.dispatcher.runs.values())).handle.process

    after = lab(faulty_jobs.good, slots=1)
    after.dispatcher.recover()
    process.join(AT_MOST)
    assert not psutil.pid_exists(left_over)
    assert after.job(first).state == JobState.QUEUED
    assert after.until_ended(first, second).state == JobState.DONE
    assert after.job(second).state == JobState.DONE
    assert after.job(first).losses == 0, "the job was not to blame"
    here.dispatcher.runs.clear()


def test_a_cancelled_job_that_was_left_running_stays_cancelled(lab):
    here = lab(faulty_jobs.hang)
    job_id = here.submit()
    here.until_heard_of(job_id)
    here.store.cancel(job_id, owner=OWNER)
    after = lab(faulty_jobs.good)
    after.dispatcher.recover()
    assert after.job(job_id).state == JobState.CANCELLED
    here.dispatcher.runs.clear()


def test_a_pid_that_is_used_again_is_left_alone(lab):
    here = lab(faulty_jobs.good)
    here.backend.kill_left_over({"pid": os.getpid(), "born": 1.0})
    here.backend.kill_left_over({})


def test_stopping_gives_the_jobs_back(lab):
    here = lab(faulty_jobs.hang)
    job_id = here.submit()
    here.until_heard_of(job_id)
    (pid,) = here.processes()
    process = next(iter(here.dispatcher.runs.values())).handle.process
    here.dispatcher.stop()
    process.join(AT_MOST)
    assert not psutil.pid_exists(pid)
    assert here.job(job_id).state == JobState.QUEUED


@pytest.mark.load
def test_a_dispatcher_killed_many_times_loses_no_job(tmp_path):
    """`kill -9` in the middle of anything, 50 times; every job is done once at the end."""
    environment = {**os.environ, "CNNVIZ_DATA": str(tmp_path)}
    store = Store(tmp_path / "jobs.db", Limits(per_owner=1000))
    jobs = [store.submit(request(epochs=2), key=str(number), owner=OWNER).id for number in range(6)]
    chance = random.Random(0)
    for _ in range(50):
        process = subprocess.Popen(
            [sys.executable, "-m", "cnnviz.training.dispatcher"], env=environment
        )
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=chance.uniform(0.5, 8))
        process.send_signal(signal.SIGKILL)
        process.wait()
    process = subprocess.Popen(
        [sys.executable, "-m", "cnnviz.training.dispatcher"], env=environment
    )
    # one that this dispatcher alone can have begun, lest it be asked to end before it listens
    jobs.append(store.submit(request(epochs=1), key="last", owner=OWNER).id)
    deadline = time.monotonic() + 300
    while any(store.job(job_id).is_active for job_id in jobs):
        assert time.monotonic() < deadline
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
    process.terminate()
    assert process.wait(timeout=AT_MOST) == 0
    for job_id in jobs:
        job = store.job(job_id)
        assert job.state == JobState.DONE
        last = [e for e in store.events(job_id) if isinstance(e, Ended)]
        assert len(last) == 1


def test_a_second_dispatcher_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    with (tmp_path / module.LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(SystemExit, match="a dispatcher for this data directory already"):
            module.main()


def test_a_dispatcher_without_a_usable_store_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    (tmp_path / "jobs.db").write_bytes(b"this is no database, it is a letter" * 100)
    with pytest.raises(SystemExit, match=r"The store jobs\.db cannot be used"):
        module.main()

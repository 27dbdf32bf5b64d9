"""Nothing is left behind by a run that has ended, however it has, but what is asked for."""

import logging

import pytest
from dispatcher_lab import Idle
from training_requests import request

from cnnviz.config import Config
from cnnviz.text import Text
from cnnviz.training import dispatcher as module
from cnnviz.training.checkpoint import CHECKPOINT
from cnnviz.training.dispatcher import Dispatcher
from cnnviz.training.errors import TrainingError
from cnnviz.training.files import folder, open_store
from cnnviz.training.results import RESULTS
from cnnviz.training.state import JobState
from cnnviz.training.stopping import STOP
from cnnviz.training.tidying import tidy
from cnnviz.training.worker import WEIGHTS

KEPT = (WEIGHTS, RESULTS)
LEFT = (CHECKPOINT, f"{WEIGHTS}.new", f"{CHECKPOINT}.new", STOP)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return open_store()


def job_with_files(store, key="a"):
    """A running job whose folder holds 100 bytes in each file that there may be."""
    job = store.submit(request(), key=key, owner="ada")
    attempt = store.begin(job.id)
    folder(job.id).mkdir(parents=True)
    for name in (*KEPT, *LEFT):
        (folder(job.id) / name).write_bytes(b"." * 100)
    return job.id, attempt


def names(job_id):
    return sorted(path.name for path in folder(job_id).iterdir())


@pytest.mark.parametrize("state", [JobState.DONE, JobState.CANCELLED, JobState.FAILED])
def test_what_a_run_needs_no_more_goes_when_it_ends(store, state):
    job_id, attempt = job_with_files(store)
    tidy(store)
    assert len(names(job_id)) == 6, "it runs"
    store.requeue(job_id, attempt)
    tidy(store)
    assert len(names(job_id)) == 6, "it will go on"
    store.end(job_id, store.begin(job_id), state)
    assert tidy(store) == 400
    assert names(job_id) == sorted(KEPT)
    assert store.job(job_id).bytes == 200
    assert tidy(store) == 0


def test_a_job_that_is_stopped_while_it_waits_again_leaves_nothing(store):
    job_id, attempt = job_with_files(store)
    store.requeue(job_id, attempt)
    store.cancel(job_id, owner="ada")
    Dispatcher(store, Idle(), Config()).step()
    assert names(job_id) == sorted(KEPT)


def test_a_run_without_a_folder_holds_nothing(store):
    job = store.submit(request(), key="a", owner="ada")
    store.cancel(job.id, owner="ada")
    tidy(store)
    assert store.job(job.id).bytes == 0


def test_a_full_disk_heals_where_something_can_be_cleared(store, monkeypatch):
    job_id, attempt = job_with_files(store)
    store.end(job_id, attempt, JobState.FAILED, code="disk_full")
    waiting = store.submit(request(), key="b", owner="bob").id
    checkpoint = folder(job_id) / CHECKPOINT
    monkeypatch.setattr(module, "free_gigabytes", lambda: 0.0 if checkpoint.exists() else 9.0)
    dispatcher = Dispatcher(store, Idle(), Config())
    dispatcher.step()
    assert names(job_id) == sorted(KEPT)
    dispatcher.step()
    assert store.job(waiting).state == JobState.RUNNING


def test_a_full_disk_on_which_nothing_can_be_cleared_ends_nobody(store, monkeypatch):
    def full(*_):
        raise TrainingError(Text("The disk is full.", "磁盘已满。"), code="store")

    job_id, attempt = job_with_files(store)
    store.end(job_id, attempt, JobState.DONE)
    monkeypatch.setattr(store, "set_bytes", full)
    dispatcher = Dispatcher(store, Idle(), Config())
    monkeypatch.setattr(module, "free_gigabytes", lambda: 0.0)
    dispatcher.step()
    monkeypatch.setattr(module, "free_gigabytes", lambda: 9.0)
    dispatcher.next_round = 0
    with pytest.raises(TrainingError):  # of a store that is broken, not of a full disk
        dispatcher.step()


def test_what_is_cleared_is_said(store, caplog):
    job_id, attempt = job_with_files(store)
    (folder(job_id) / CHECKPOINT).write_bytes(b"." * 2_500_000)
    store.end(job_id, attempt, JobState.DONE)
    with caplog.at_level(logging.INFO):
        tidy(store)
    assert "2.5 MB of ended runs are cleared" in caplog.text

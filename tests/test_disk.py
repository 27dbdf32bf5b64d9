"""A disk that is full: no job is taken, one that runs ends by name, the store stays whole."""

import errno
from collections import namedtuple

import faulty_jobs
import numpy as np
import psutil
import pytest
import torch
from dispatcher_lab import Lab
from training_requests import request

from cnnviz.config import config
from cnnviz.text import Text
from cnnviz.training import disk
from cnnviz.training.errors import TrainingError
from cnnviz.training.local import LocalBackend
from cnnviz.training.state import JobState
from cnnviz.training.worker import CHECKPOINT, failure, run_job

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def free(monkeypatch):
    """Set the free bytes of every disk."""

    def leave(number):
        monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: Usage(10**12, 0, number))

    return leave


def test_a_job_is_refused_with_the_numbers(free):
    free(1_000_000_001)
    disk.check_disk()
    free(900_000_000)
    with pytest.raises(TrainingError) as refused:
        disk.check_disk()
    assert refused.value.code == "disk_full"
    for text in refused.value.message:
        assert "0.9 GB" in text
        assert "1 GB" in text


def test_zero_is_no_limit(free, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DISK_FREE", "0")
    free(0)
    disk.check_disk()


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("checkpoint", RuntimeError("PytorchStreamWriter failed writing file")),
        ("results", OSError(errno.ENOSPC, "No space left on device")),
    ],
    ids=["checkpoint", "results"],
)
def test_a_disk_that_fills_ends_the_job_by_name(tmp_path, monkeypatch, free, written, error):
    def full(*_, **__):
        free(0)
        raise error

    module, name = {"checkpoint": (torch, "save"), "results": (np, "savez_compressed")}[written]
    monkeypatch.setattr(module, name, full)
    with pytest.raises(TrainingError) as ended:
        list(run_job(request(epochs=2, batch_size=4096), tmp_path))
    assert failure(ended.value).code == "disk_full"
    assert not list(tmp_path.glob("*.new"))
    assert (tmp_path / CHECKPOINT).exists() == (written == "results"), "the last one is kept"


def test_an_error_on_a_disk_with_room_keeps_its_name(tmp_path):
    with pytest.raises(ZeroDivisionError), disk.naming_a_full_disk(tmp_path):
        raise ZeroDivisionError


@pytest.mark.sweep
def test_jobs_end_before_the_store_has_no_room(tmp_path, monkeypatch, free):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    here = Lab(tmp_path, LocalBackend(threads=1, job=faulty_jobs.as_asked))
    free(10**12)
    long = here.submit(epochs=200)
    here.until_heard_of(long)
    free(int(disk.RESERVE * config().disk_free * 1e9))
    job = here.until_ended(long)
    assert (job.state, job.code, job.attempt) == (JobState.FAILED, "disk_full", 1)
    free(10**12)
    assert here.until_ended(here.submit(epochs=1)).state == JobState.DONE


def test_a_store_that_has_no_room_hears_of_the_end_when_it_has(tmp_path, monkeypatch, free):
    """A disk may fill faster than the dispatcher looks; it goes on, and says it afterwards."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    here = Lab(tmp_path, LocalBackend(threads=1, job=faulty_jobs.chatter))
    free(10**12)
    job_id = here.submit()
    here.until_heard_of(job_id)

    def full(*_, **__):
        free(0)
        raise TrainingError(Text("database or disk is full", "磁盘已满"), code="store")

    with monkeypatch.context() as patch:
        patch.setattr(here.store, "write", full)
        patch.setattr(here.store, "end", full)
        (pid,) = here.processes()
        here.until(lambda: not psutil.pid_exists(pid))
        here.dispatcher.step()
        assert here.job(job_id).state == JobState.RUNNING
    free(10**12)
    job = here.until_ended(job_id)
    assert (job.state, job.code) == (JobState.FAILED, "disk_full")

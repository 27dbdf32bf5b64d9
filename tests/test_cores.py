"""How many cores others leave to jobs."""

import psutil
import pytest

from cnnviz.training import cores


@pytest.mark.parametrize(
    ("busy", "own", "free"),
    [
        ([0.0, 0.0], 0.0, 2),
        ([30.0, 0.0], 0.0, 2),  # a page that is looked at
        ([50.0, 0.0], 0.0, 1),
        ([100.0, 0.0], 0.0, 1),
        ([100.0, 100.0], 0.0, 1),  # a job has one whatever else runs
        ([100.0, 100.0], 2.0, 2),  # all of it is the jobs' own
        ([100.0, 100.0], 1.0, 1),
        ([25.0] * 8, 0.0, 6),
        ([25.0] * 64, 0.0, 32),  # no more than may be used
    ],
)
def test_cores_that_others_keep_busy_are_not_free(monkeypatch, busy, own, free):
    now = 100.0
    monkeypatch.setattr(cores.time, "monotonic", lambda: now)
    monkeypatch.setattr(psutil, "cpu_percent", lambda percpu: busy)
    here = cores.FreeCores(min(32, len(busy)))
    here.count(lambda: 7.0)
    now += 1.0
    assert here.count(lambda: 7.0 + own) == free


def test_a_look_is_taken_once_a_second(monkeypatch):
    looks = []
    monkeypatch.setattr(psutil, "cpu_percent", lambda percpu: looks.append(percpu) or [0.0, 0.0])
    here = cores.FreeCores(2)
    for now, taken in ((100.0, 1), (100.5, 1), (100.9, 1), (101.0, 2), (101.5, 2)):
        monkeypatch.setattr(cores.time, "monotonic", lambda now=now: now)
        here.count(lambda: 0.0)
        assert len(looks) == taken


def test_a_job_that_has_ended_takes_its_seconds_with_it(monkeypatch):
    """What all jobs together have computed is less than before, and nobody's cores are counted."""
    now = 100.0
    monkeypatch.setattr(cores.time, "monotonic", lambda: now)
    monkeypatch.setattr(psutil, "cpu_percent", lambda percpu: [100.0, 0.0])
    here = cores.FreeCores(2)
    here.count(lambda: 50.0)
    now += 1.0
    assert here.count(lambda: 1.0) == 1

"""What the dispatcher makes of its jobs: stopped, alive, with threads, in their turn; no Ray."""

import time
from pathlib import Path
from types import SimpleNamespace

import faulty_jobs
import psutil
import pytest
from dispatcher_lab import AT_MOST, OWNER, lab
from training_requests import request

from cnnviz.machine import NICE
from cnnviz.training import cores
from cnnviz.training import dispatcher as module
from cnnviz.training.events import Ended, Step
from cnnviz.training.files import folder
from cnnviz.training.run import Run, is_stuck
from cnnviz.training.state import JobState
from cnnviz.training.stopping import ask_to_stop

__all__ = ["lab"]  # the fixture


@pytest.mark.parametrize("twice", [True, False])
def test_the_evaluation_of_a_stopped_job_ends_when_asked_once_more_or_in_time(lab, twice):
    here = lab(faulty_jobs.evaluates_for_ever, evaluation=AT_MOST if twice else 0.1)
    job_id = here.submit()
    here.until_step(job_id)
    here.store.cancel(job_id, owner=OWNER)
    if twice:
        here.until(lambda: here.store.events(job_id)[-1].kind == "evaluating")
        for _ in range(20):
            here.dispatcher.step()
        assert here.job(job_id).is_active
        here.store.cancel(job_id, owner=OWNER)
    job = here.until_ended(job_id)
    assert (job.state, job.result) == (JobState.CANCELLED, {})
    assert not here.dispatcher.runs


@pytest.mark.parametrize(
    ("epochs", "by", "taken"),
    [(8, "epochs", 72), (6, "time_limit", 96), (0.5, "time_limit", None), (6, "stop", None)],
)
def test_a_run_corrects_the_forecast_though_its_time_limit_cut_it_off(
    lab, monkeypatch, epochs, by, taken
):
    learnt = []
    monkeypatch.setattr(module, "learn", lambda *_, taken, **__: learnt.append(taken))
    job = SimpleNamespace(predicted=45, asked=request(epochs=8))
    run = Run(job, 1, None, began=0, heard=0, has_learnt=True)
    end = Ended(total_seconds=72, epochs=epochs, ended_by=by)
    lab(faulty_jobs.good).dispatcher._learn(run, end)
    assert learnt == ([taken] if taken else [])


def test_a_wish_to_stop_is_forgotten_when_a_job_begins(lab):
    here = lab(faulty_jobs.obedient)
    job_id = here.submit()
    ask_to_stop(folder(job_id))
    here.until_step(job_id)
    for _ in range(20):
        here.dispatcher.step()
    assert [event.kind for event in here.store.events(job_id)] == ["step"]


def test_what_computes_is_alive_and_what_waits_is_not(lab):
    here = lab(faulty_jobs.long_step)
    here.until_heard_of(here.submit())
    (run,) = here.dispatcher.runs.values()
    before = here.backend.cpu_seconds(run.handle)
    here.until(lambda: here.backend.cpu_seconds(run.handle) > before)
    psutil.Process(run.handle.process.pid).suspend()
    here.until(lambda: psutil.Process(run.handle.process.pid).status() == psutil.STATUS_STOPPED)
    before = here.backend.cpu_seconds(run.handle)
    for _ in range(20):
        here.dispatcher.step()
    assert here.backend.cpu_seconds(run.handle) == before


@pytest.mark.parametrize(
    ("computed", "ended_after"),
    [
        (lambda now: now / 1000, None),  # little, on a busy machine
        (lambda now: min(now, 50), 50 + 100),
        (lambda now: 7.0, 100),
        (lambda now: None, 100),  # only its reports count
    ],
)
def test_a_long_step_is_no_death(lab, monkeypatch, computed, ended_after):
    """A job that reports nothing is ended a heartbeat after it has computed something last."""
    here = lab(faulty_jobs.good)
    run = Run(None, 1, None, began=0, heard=0, has_learnt=True)
    for now in range(1000):
        monkeypatch.setattr(here.backend, "cpu_seconds", lambda handle, at=now: computed(at))
        if is_stuck(run, now, backend=here.backend, heartbeat=100):
            assert ended_after <= now <= ended_after + 60
            return
    assert ended_after is None


def test_jobs_share_the_threads_of_the_cores_that_are_free(lab, monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.0)
    monkeypatch.setattr(cores, "LOOK", 0.0)
    here = lab(faulty_jobs.counts_threads)
    here.backend._cores = cores.FreeCores(6)
    monkeypatch.setattr(here.backend, "cpu_seconds", lambda handle: 0.0)
    busy = [0.0] * 8
    monkeypatch.setattr(psutil, "cpu_percent", lambda percpu: busy)

    def until_threads(job_id, count):
        here.until(lambda: here.store.events(job_id)[-1:] and threads(job_id) == count)

    def threads(job_id):
        return here.store.events(job_id)[-1].step

    first = here.submit()
    until_threads(first, 6)
    second = here.submit()
    until_threads(first, 3)
    until_threads(second, 3)
    here.store.cancel(first, owner=OWNER)
    until_threads(second, 6)
    busy[:4] = [100.0] * 4
    until_threads(second, 4)


def test_jobs_let_the_pages_go_first(lab):
    here = lab(faulty_jobs.hang)
    here.until_heard_of(here.submit())
    (pid,) = here.processes()
    most = 19  # that Linux knows
    assert psutil.Process(pid).nice() == min(most, psutil.Process().nice() + NICE)
    group = Path(f"/proc/{pid}/autogroup")
    assert not group.exists() or group.read_text(encoding="ascii").endswith(f"nice {NICE}\n")


def test_a_process_that_was_given_up_adds_nothing(lab):
    here = lab(faulty_jobs.chatter)
    job_id = here.submit()
    here.until_heard_of(job_id)
    (pid,) = here.processes()
    assert here.store.requeue(job_id, 1)
    assert here.store.begin(job_id) == 2
    before = len(here.store.events(job_id))
    here.until(lambda: not here.dispatcher.runs)
    assert len(here.store.events(job_id)) == before
    assert not here.store.write(job_id, 1, [Step()])
    assert here.store.write(job_id, 2, [Step()])
    here.until(lambda: not psutil.pid_exists(pid))


def test_the_clock_may_jump(lab, monkeypatch):
    """Limits are of the clock that only goes on; a jump of the wall clock ends no job."""
    here = lab(faulty_jobs.good, heartbeat=AT_MOST)
    jumps = iter([10**9, -(10**9)] * 10_000)
    real = time.time
    monkeypatch.setattr("cnnviz.training.store.time.time", lambda: real() + next(jumps))
    job_id = here.submit()
    assert here.until_ended(job_id).state == JobState.DONE
    assert here.store.queue() == []


def test_a_long_job_at_the_head_holds_up_nobody(lab):
    here = lab(faulty_jobs.as_asked, slots=2)
    long = here.submit(owner="bob", epochs=200)
    here.until_heard_of(long)
    short = [here.submit(owner=f"student {number}", epochs=1) for number in range(6)]
    here.until_ended(*short)
    assert {here.job(job_id).state for job_id in short} == {JobState.DONE}
    assert here.job(long).state == JobState.RUNNING


@pytest.mark.load
def test_a_hundred_jobs(lab):
    here = lab(faulty_jobs.good, slots=4)
    jobs = [here.submit(owner=f"student {number % 30}") for number in range(100)]
    here.until_ended(*jobs)
    assert {here.job(job_id).state for job_id in jobs} == {JobState.DONE}

"""Every way in which a job can end, in processes of this machine and in Ray."""

import os
import random
import subprocess
import sys

import faulty_jobs
import psutil
import pytest
from conftest import ROOT
from dispatcher_lab import AT_MOST, OWNER, lab

from cnnviz.training import dispatcher as module
from cnnviz.training.events import Ended
from cnnviz.training.local import LocalBackend
from cnnviz.training.state import JobState

__all__ = ["lab"]  # the fixture


@pytest.fixture(scope="session")
def ray_backend():
    """One Ray for all tests, since it takes seconds to start."""
    from cnnviz.training.ray_backend import RayBackend  # noqa: PLC0415 (takes a second)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'tests'}")
        patch.delenv("RAY_ADDRESS", raising=False)
        backend = RayBackend()
    yield backend
    backend.close()


both = pytest.mark.parametrize(
    "lab", ["local", pytest.param("ray", marks=pytest.mark.sweep)], indirect=True
)


@both
def test_a_job_that_goes_well(lab):
    here = lab(faulty_jobs.good)
    job = here.until_ended(here.submit())
    assert (job.state, job.attempt, job.code) == (JobState.DONE, 1, "")
    assert job.result["test_accuracy"] == 0.5
    kinds = [event.kind for event in here.store.events(job.id)]
    assert kinds == ["start", "step", "end"]
    assert job.started >= job.created
    assert job.ended >= job.started


@both
def test_a_crash_is_tried_once_more_and_then_named(lab):
    here = lab(faulty_jobs.segfault)
    job = here.until_ended(here.submit())
    assert (job.state, job.code, job.attempt) == (JobState.FAILED, "crashed", 2)
    assert "ended 2 times" in job.message.en
    if isinstance(here.backend, LocalBackend):
        assert "SIGSEGV" in job.message.en
        assert "SIGSEGV" in job.message.zh


@both
def test_an_odd_exit_once_loses_nothing(lab):
    here = lab(faulty_jobs.odd_exit_once)
    job = here.until_ended(here.submit())
    assert (job.state, job.attempt, job.losses) == (JobState.DONE, 2, 1)


@both
@pytest.mark.parametrize(
    ("fault", "limits", "recipe", "code"),
    [
        (faulty_jobs.hang, {"heartbeat": 0.3}, {}, "no_heartbeat"),
        (faulty_jobs.deaf, {"heartbeat": 0.3}, {}, "no_heartbeat"),
        (faulty_jobs.chatter, {"evaluation": 0.1}, {"time_limit": 1}, "time_limit"),
        (faulty_jobs.refused, {}, {}, "diverged"),
        (faulty_jobs.broken, {}, {}, "error"),
        (faulty_jobs.out_of_memory, {}, {}, "memory_limit"),
    ],
)
def test_what_fails_says_why_and_is_not_tried_again(lab, fault, limits, recipe, code):
    here = lab(fault, **limits)
    job = here.until_ended(here.submit(**recipe))
    assert (job.state, job.code, job.attempt) == (JobState.FAILED, code, 1)
    assert job.message.en
    assert job.message.zh
    assert not here.dispatcher.runs


@pytest.mark.sweep
@pytest.mark.parametrize("lab", ["ray"], indirect=True)
def test_ray_never_waits_for_a_machine_that_does_not_exist(lab):
    here = lab(faulty_jobs.good)
    job = here.until_ended(here.submit(device="cuda:H100"))
    assert (job.state, job.code, job.attempt) == (JobState.FAILED, "unplaceable", 1)
    assert "the device cuda:H100; what there is: cpu." in job.message.en
    assert "现有设备：cpu" in job.message.zh


@pytest.mark.sweep
@pytest.mark.parametrize("lab", ["ray"], indirect=True)
def test_a_job_sees_the_dispatchers_data_directory(lab, tmp_path):
    """Where it looks for data sets, whatever the machine that it is on was started with."""
    here = lab(faulty_jobs.whereabouts)
    assert here.until_ended(here.submit()).result["ended_by"] == str(tmp_path)


@pytest.mark.sweep
@pytest.mark.parametrize("lab", ["ray"], indirect=True)
def test_the_time_of_a_job_that_ray_keeps_waiting_has_not_begun(lab, tmp_path):
    """Somebody else has the whole cluster."""
    import ray  # noqa: PLC0415 (takes a second)

    here = lab(faulty_jobs.good)
    come, leave = tmp_path / "come", tmp_path / "leave"
    guest = ray.remote(num_cpus=ray.cluster_resources()["CPU"])(faulty_jobs.guest)
    staying = guest.remote(come, leave)
    here.until(come.exists)
    job_id = here.submit()
    here.until(lambda: here.dispatcher.runs)
    (run,) = here.dispatcher.runs.values()
    run.began = run.heard = -1e9  # seconds: long ago
    here.dispatcher.step()
    assert (here.job(job_id).state, run.reason) == (JobState.RUNNING, None)
    leave.touch()
    assert here.until_ended(job_id).state == JobState.DONE
    ray.get(staying)


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("token", "reason"),
    [({"RAY_AUTH_TOKEN": "another " * 8}, "Failed to connect"), ({}, "no authentication token")],
    ids=["wrong", "missing"],
)
def test_ray_without_the_token_of_the_cluster(ray_backend, tmp_path, token, reason):
    import ray  # noqa: PLC0415 (takes a second)

    address = ray.get_runtime_context().gcs_address
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("RAY_")}
    environment |= {"HOME": str(tmp_path), "CNNVIZ_DATA": str(tmp_path), "RAY_AUTH_MODE": "token"}
    environment |= {"CNNVIZ_BACKEND": "ray", "RAY_ADDRESS": address, **token}
    command = [sys.executable, "-m", "cnnviz.training.dispatcher"]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        timeout=AT_MOST,
        check=False,
    )
    assert ended.returncode == 1
    assert "Ray cannot be reached" in ended.stderr
    assert reason in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.sweep
@pytest.mark.parametrize("lab", ["ray"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "computes"), [(faulty_jobs.long_step, True), (faulty_jobs.hang, False)]
)
def test_the_signs_of_life_of_a_ray_task_are_those_of_its_job(lab, fault, computes):
    """And not those of Ray, which is busy in the same process."""
    here, signs = lab(fault), []
    here.until_heard_of(here.submit())
    (run,) = here.dispatcher.runs.values()

    def have_come():
        if not any(run.handle.sign is sign for sign in signs[-1:]):
            signs.append(run.handle.sign)
        return len(signs) == 4

    here.until(have_come)
    assert (here.backend.cpu_seconds(run.handle) > signs[1].cpu_seconds) == computes


@both
def test_a_memory_hog_is_ended(lab):
    here = lab(faulty_jobs.hog, job_memory=0.5)
    job = here.until_ended(here.submit())
    assert (job.state, job.code, job.attempt) == (JobState.FAILED, "memory_limit", 1)


@both
def test_the_memory_of_a_job_is_told_with_its_steps(lab):
    here = lab(faulty_jobs.chatter)
    job_id = here.submit()
    here.until_step(job_id)
    _, step, *_ = here.store.events(job_id)
    held = step.held_bytes
    assert 50_000_000 < held < 2_000_000_000


@both
def test_a_job_that_waits_is_cancelled_at_once(lab):
    here = lab(faulty_jobs.hang, slots=1)
    first, second = here.submit(), here.submit()
    here.until_heard_of(first)
    here.store.cancel(second, owner=OWNER)
    assert here.job(second).state == JobState.CANCELLED
    here.store.cancel(first, owner=OWNER)
    assert here.until_ended(first).state == JobState.CANCELLED
    here.store.cancel(first, owner=OWNER)
    assert here.job(first).state == JobState.CANCELLED


@both
@pytest.mark.parametrize("fault", [faulty_jobs.hang, faulty_jobs.deaf, faulty_jobs.chatter])
def test_a_running_job_is_cancelled_and_its_process_is_gone(lab, fault, monkeypatch):
    monkeypatch.setattr(module, "GRACE", 1.0)
    here = lab(fault)
    job_id = here.submit()
    here.until_heard_of(job_id)
    (start, *_) = here.store.events(job_id)
    assert psutil.pid_exists(start.params)
    here.store.cancel(job_id, owner=OWNER)
    job = here.until_ended(job_id)
    assert (job.state, job.result) == (JobState.CANCELLED, {})
    here.until(lambda: not psutil.pid_exists(start.params))


@both
def test_a_stopped_job_evaluates_what_it_has_learnt(lab):
    here = lab(faulty_jobs.obedient)
    job_id = here.submit()
    here.until_step(job_id)
    here.store.cancel(job_id, owner=OWNER)
    job = here.until_ended(job_id)
    assert job.state == JobState.CANCELLED
    found = (job.result["test_accuracy"], job.result["epochs"], job.result["ended_by"])
    assert found == (0.5, 0.1, "stop")
    again = here.submit()
    here.until_step(again)
    assert here.job(again).is_active, "the wish was that of another job"


@both
def test_a_finished_job_cannot_be_cancelled(lab):
    here = lab(faulty_jobs.good)
    job = here.until_ended(here.submit())
    here.store.cancel(job.id, owner=OWNER)
    assert here.job(job.id).state == JobState.DONE


@both
def test_cancelling_races_the_end(lab):
    race(lab(faulty_jobs.good, slots=8), 20)


def race(here, jobs):
    """Whoever wins, a job ends once, as done or as cancelled, and nothing is left behind."""
    chance = random.Random(0)
    waiting = [here.submit() for _ in range(jobs)]
    everything = list(waiting)
    while waiting:
        here.dispatcher.step()
        here.store.cancel(waiting.pop(chance.randrange(len(waiting))), owner=OWNER)
    here.until_ended(*everything)
    assert {here.job(job_id).state for job_id in everything} <= {JobState.DONE, JobState.CANCELLED}
    for job_id in everything:
        ends = [event for event in here.store.events(job_id) if isinstance(event, Ended)]
        assert len(ends) == (here.job(job_id).state == JobState.DONE)
    assert not here.dispatcher.runs


@both
def test_no_more_jobs_than_slots(lab):
    here = lab(faulty_jobs.hang, slots=2)
    jobs = [here.submit() for _ in range(5)]
    here.until(lambda: len(here.dispatcher.runs) == 2)
    for _ in range(20):
        here.dispatcher.step()
    states = [here.job(job_id).state for job_id in jobs]
    assert states == [
        JobState.RUNNING,
        JobState.RUNNING,
        JobState.QUEUED,
        JobState.QUEUED,
        JobState.QUEUED,
    ]


@pytest.mark.load
def test_cancelling_races_the_end_two_hundred_times(lab):
    race(lab(faulty_jobs.good, slots=8), 200)

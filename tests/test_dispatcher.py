"""The dispatcher with real processes: every way in which a job can end, and its own sudden end."""

import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import faulty_jobs
import psutil
import pytest
from conftest import ROOT
from training_requests import request

from cnnviz.config import Config
from cnnviz.machine import NICE
from cnnviz.training import dispatcher as module
from cnnviz.training.dispatcher import Dispatcher
from cnnviz.training.events import Ended, Step
from cnnviz.training.files import folder
from cnnviz.training.limits import Limits
from cnnviz.training.local import LocalBackend
from cnnviz.training.run import Run, is_stuck
from cnnviz.training.state import JobState
from cnnviz.training.stopping import ask_to_stop
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


@pytest.fixture(params=["local"])
def lab(request, tmp_path, monkeypatch):
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


def test_a_job_alone_has_all_threads_and_two_share_them(lab, monkeypatch):
    monkeypatch.setattr(module, "GRACE", 0.0)
    here = lab(faulty_jobs.counts_threads)
    here.backend._threads = 6

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


def test_jobs_let_the_pages_go_first(lab):
    here = lab(faulty_jobs.hang)
    here.until_heard_of(here.submit())
    (pid,) = here.processes()
    most = 19  # that Linux knows
    assert psutil.Process(pid).nice() == min(most, psutil.Process().nice() + NICE)
    group = Path(f"/proc/{pid}/autogroup")
    assert not group.exists() or group.read_text(encoding="ascii").endswith(f"nice {NICE}\n")


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


def test_the_clock_may_jump(lab, monkeypatch):
    """Limits are of the clock that only goes on; a jump of the wall clock ends no job."""
    here = lab(faulty_jobs.good, heartbeat=AT_MOST)
    jumps = iter([10**9, -(10**9)] * 10_000)
    real = time.time
    monkeypatch.setattr("cnnviz.training.store.time.time", lambda: real() + next(jumps))
    job_id = here.submit()
    assert here.until_ended(job_id).state == JobState.DONE
    assert here.store.queue() == []


@pytest.mark.load
def test_cancelling_races_the_end_two_hundred_times(lab):
    race(lab(faulty_jobs.good, slots=8), 200)


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

"""What a container does to its processes: stop, kill, start again, and no network at all."""

import os
import shutil
import signal
import subprocess
import sys
import time

import psutil
import pytest
from servers import ROOT, Server
from training_requests import request

from cnnviz import health
from cnnviz.training import dispatcher_process
from cnnviz.training.events import Epoch
from cnnviz.training.state import JobState
from cnnviz.training.store import Store

AT_MOST = 600  # seconds that anything here may take on a busy machine
RECOVERY = 60  # seconds


class Containers:
    """The two services of compose.yaml on one data directory, as plain processes."""

    def __init__(self, data):
        self.environment = {"CNNVIZ_DATA": str(data), "CNNVIZ_DISPATCHER": "separate"}
        self.store = Store(data / "jobs.db")
        self.web = Server(**self.environment)
        self.start_jobs()

    def start_jobs(self):
        self.jobs = subprocess.Popen(
            [sys.executable, "-m", "cnnviz.training.dispatcher"],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            start_new_session=True,
        )

    def end_jobs(self, number):
        """A signal to the dispatcher; SIGKILL to all of its container, as the kernel does it."""
        if number == signal.SIGKILL:
            os.killpg(self.jobs.pid, number)
        else:
            self.jobs.send_signal(number)
        return self.jobs.wait(AT_MOST)

    def until(self, condition):
        deadline = time.monotonic() + AT_MOST
        while not (found := condition()):
            assert time.monotonic() < deadline, [(job.state, job.code) for job in self.store.jobs()]
            assert self.jobs.poll() is None
            time.sleep(0.1)  # asking without a pause takes a core from the training
        return found

    def epochs(self, job_id):
        events = self.store.events(job_id)
        return [event.epoch for event in events if isinstance(event, Epoch)]

    def is_well(self):
        return all(check.well for check in health.check(health.PARTS))


@pytest.fixture
def containers(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    here = Containers(tmp_path)
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(here.web.port))
    yield here
    here.web.end()
    if here.jobs.poll() is None:
        here.end_jobs(signal.SIGTERM)


@pytest.mark.load
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stop", "kill"])
def test_both_containers_restart_and_nothing_is_lost(containers, number):
    done = containers.store.submit(request(epochs=1), key="1", owner="ada").id
    long = containers.store.submit(request(epochs=30), key="2", owner="ada").id
    containers.until(lambda: containers.store.job(done).state == JobState.DONE)
    containers.until(lambda: containers.epochs(long))
    began = time.monotonic()
    containers.web.end(number)
    status = containers.end_jobs(number)
    ended = time.monotonic()
    if number == signal.SIGTERM:
        assert status == 0
        assert containers.store.job(long).state == JobState.QUEUED
    before = containers.epochs(long)
    containers.web.start()
    containers.start_jobs()
    containers.until(containers.is_well)
    containers.until(lambda: len(containers.epochs(long)) > len(before))
    took = time.monotonic() - ended
    print(f"\nstopped in {ended - began:.1f} s, well and training again in {took:.1f} s")
    assert took < RECOVERY
    containers.until(lambda: containers.store.job(long).state == JobState.DONE)
    assert containers.epochs(long) == list(range(1, 31)), "no epoch is lost or made twice"
    assert containers.store.job(long).losses == 0
    assert containers.store.job(done).result["test_accuracy"] > 0


@pytest.mark.load
def test_one_process_is_killed_at_a_time(containers):
    job_id = containers.store.submit(request(epochs=60), key="1", owner="ada").id
    containers.until(lambda: containers.epochs(job_id))
    containers.web.end(signal.SIGKILL)
    containers.web.start()
    job = containers.store.job(job_id)
    assert (job.state, job.attempt) == (JobState.RUNNING, 1), "the web server has no part in it"
    os.kill(job.process["pid"], signal.SIGKILL)
    containers.until(lambda: containers.store.job(job_id).attempt == 2)
    containers.jobs.send_signal(signal.SIGKILL)
    containers.jobs.wait()
    containers.start_jobs()
    containers.until(lambda: containers.store.job(job_id).attempt == 3)
    containers.until(lambda: containers.store.job(job_id).state == JobState.DONE)
    assert containers.epochs(job_id) == list(range(1, 61))
    assert containers.store.job(job_id).losses == 1, "of the job's own process"


@pytest.mark.sweep
def test_a_dispatcher_that_is_stopped_gives_its_job_back(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    store = Store(tmp_path / "jobs.db")
    job_id = store.submit(request(epochs=200), key="1", owner="ada").id
    command = [sys.executable, "-m", "cnnviz.training.dispatcher"]
    process = subprocess.Popen(command, cwd=ROOT)
    deadline = time.monotonic() + AT_MOST
    while not store.events(job_id):
        assert time.monotonic() < deadline
        assert process.poll() is None
    assert dispatcher_process.is_running()
    assert dispatcher_process.seconds_silent() < dispatcher_process.SILENT
    assert dispatcher_process.seen().gpus == dispatcher_process.seen().first
    started = psutil.Process(process.pid).children(recursive=True)
    assert any("cnnviz.training.speed" in child.cmdline() for child in started)
    process.send_signal(signal.SIGTERM)
    assert process.wait(AT_MOST) == 0
    assert psutil.wait_procs(started, AT_MOST)[1] == [], "it leaves none of its own behind"
    assert not dispatcher_process.is_running()
    assert store.job(job_id).state == JobState.QUEUED


ALONE = """
import socket, subprocess, sys
from pathlib import Path

def asked_outside():
    names, values = Path("/proc/net/snmp").read_text().splitlines()[:2]
    return int(dict(zip(names.split(), values.split()))["OutNoRoutes"])

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
try:
    socket.create_connection(("192.0.2.1", 9), timeout=5)
except OSError:
    assert asked_outside() == 1, "what is asked of outside is counted"
sys.path.insert(0, "tests")
from servers import Server
from streamlit.testing.v1 import AppTest
with Server():
    app = AppTest.from_file("app.py", default_timeout=120).run()
    assert not app.exception and app.metric, app
train = "-m cnnviz train lenet-d2l --epochs 1 --recipe batch_size=4096 --json"
subprocess.run([sys.executable, *train.split()], check=True)
assert asked_outside() == 1
"""


@pytest.mark.sweep
@pytest.mark.skipif(not shutil.which("unshare") or os.getuid() != 0, reason="needs a namespace")
def test_without_a_network(tmp_path):
    """The server starts, a page opens and a network is trained; nothing outside is asked."""
    environment = {**os.environ, "CNNVIZ_DATA": str(tmp_path)}
    command = ["unshare", "--net", sys.executable, "-c", ALONE]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=AT_MOST,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert '"test_accuracy"' in ended.stdout

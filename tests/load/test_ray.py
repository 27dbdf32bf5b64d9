"""A Ray cluster of two machines on this one, started as docs/server.md says."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from servers import ROOT, free_port
from training_requests import request

from cnnviz.training.cluster import Cluster
from cnnviz.training.events import Epoch, Step
from cnnviz.training.files import open_store
from cnnviz.training.state import JobState

pytestmark = pytest.mark.load
AT_MOST = 300  # seconds that anything here may take on a busy machine
EPOCHS = 12


def recipe() -> list[str]:
    """The commands of docs/server.md."""
    chapter = (ROOT / "docs" / "server.md").read_text("utf-8").split("## Several machines")[1]
    return re.search(r"```sh\n(.*?)```", chapter, re.DOTALL)[1].splitlines()


def until(condition, *why):
    """What the condition gives, as soon as that is something."""
    deadline = time.monotonic() + AT_MOST
    while not (found := condition()):
        assert time.monotonic() < deadline, [show() for show in why]
        time.sleep(0.1)
    return found


class Command:
    """A line of the recipe at work, with all processes that it has left behind."""

    def __init__(self, line: str, environment: dict[str, str]):
        self.process = subprocess.Popen(
            ["bash", "-c", line],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
        )

    def processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(ProcessLookupError, psutil.Error):
                is_of_it = os.getsid(process.pid) == self.process.pid
                if is_of_it and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def jobs(self) -> list[psutil.Process]:
        """Those that are training jobs."""
        found = []
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                if "".join(process.cmdline()).startswith("ray::_task"):
                    found.append(process)
        return found

    def kill(self) -> None:
        """As a machine ends whose power fails."""
        while left := self.processes():
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(left, timeout=AT_MOST)
        self.process.wait(AT_MOST)


class Lab:
    """The machines and the dispatcher; nothing of it is left at the end."""

    def __init__(self, data: Path, short: Path):
        self.data, self.commands = data, []
        port = f"{free_port()}"
        self.lines = [
            line.replace("FIRST", "127.0.0.1")
            .replace("6379", port)
            .replace("/srv/cnnviz", f"{data}")
            for line in recipe()
        ]
        clean = {name: os.environ[name] for name in os.environ if not name.startswith("RAY_")}
        clean = {name: clean[name] for name in clean if not name.startswith("CNNVIZ_")}
        self.environment = {
            **clean,
            "HOME": f"{short}",
            "RAY_TMPDIR": f"{short}",  # the path of a socket may not be long
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def run(self, part: str, more: str = "", **environment: str) -> Command:
        """Run the line that holds `part`, after those that set variables."""
        exports = [line for line in self.lines if line.startswith("export")]
        (line,) = [line for line in self.lines if part in line]
        line = line.split("  #")[0] + more
        command = Command("\n".join([*exports, line]), {**self.environment, **environment})
        self.commands.append(command)
        return command

    def machine(self, part: str, more: str = "", **environment: str) -> Command:
        command = self.run(part, f" --num-cpus=1 {more}", **environment)
        assert command.process.wait(AT_MOST) == 0
        return command

    def dispatcher(self) -> Command:
        return self.run("python -m cnnviz.training.dispatcher")

    def submit(self, **asked):
        key = f"{len(self.store.jobs())}"
        return self.store.submit(request(**asked), key=key, owner="ada").id

    def job(self, job_id):
        return self.store.job(job_id)

    def epochs(self, job_id) -> list[int]:
        return [one.epoch for one in self.store.events(job_id) if isinstance(one, Epoch)]

    def until(self, condition):
        return until(condition, self.states)

    def states(self):
        return [(job.state, job.attempt, job.code, job.message.en) for job in self.store.jobs()]

    def until_ended(self, *job_ids):
        self.until(lambda: not any(self.job(job_id).is_active for job_id in job_ids))


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """The first machine of a cluster, with the token that the second will need."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    short = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))
    here = Lab(tmp_path, short)
    here.store = open_store()
    try:
        assert here.run("python -c").process.wait(AT_MOST) == 0
        here.head = here.machine("ray start --head", "--include-dashboard=false")
        yield here
    finally:
        for command in reversed(here.commands):
            command.kill()
        shutil.rmtree(short)


def test_a_job_of_a_machine_that_is_killed_goes_on_at_another(lab, capsys):
    second = lab.machine("ray start --address")
    lab.dispatcher()
    jobs = [lab.submit(epochs=EPOCHS), lab.submit(epochs=EPOCHS)]
    lab.until(lambda: len(lab.head.jobs()) == len(second.jobs()) == 1)
    lab.until(lambda: all(len(lab.epochs(job_id)) >= 2 for job_id in jobs))
    second.kill()
    before = {job_id: len(lab.epochs(job_id)) for job_id in jobs}
    lab.until_ended(*jobs)
    assert {lab.job(job_id).state for job_id in jobs} == {JobState.DONE}, lab.states()
    (moved,) = (job_id for job_id in jobs if lab.job(job_id).losses)
    (stayed,) = set(jobs) - {moved}
    assert lab.job(moved).attempt == 2
    epochs = lab.epochs(moved)
    again = epochs[before[moved] :]
    assert before[moved] <= again[0] <= before[moved] + 2, "from its last whole epoch"
    assert again[-1] == EPOCHS
    accuracy = {lab.job(job_id).result["test_accuracy"] for job_id in jobs}
    assert len(accuracy) == 1, "the same course"
    with capsys.disabled():
        print(f"\nkilled after epoch {before[moved]}, went on with {again[0]}: {accuracy}")
    held = [one.held_bytes for one in lab.store.events(stayed) if isinstance(one, Step)]
    assert max(held) > 100_000_000


def test_a_gpu_of_another_machine_can_be_asked_for(lab):
    """Ray and the driver speak of one that is not there: the job is the one to find out."""
    program = lab.data / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'NVIDIA H100 PCIe, 70000'\n", encoding="ascii")
    program.chmod(0o755)
    path = f"{program.parent}:{lab.environment['PATH']}"
    of_a_kind = """--num-gpus=1 --resources='{"accelerator_type:H100": 1}'"""
    lab.dispatcher()
    lab.until(lambda: Cluster.read() and Cluster.read().names() == {"cpu": "CPU"})
    assert Cluster.read().jobs == 2
    second = lab.machine("ray start --address", of_a_kind, PATH=path)
    both = {"cuda:H100": "NVIDIA H100 PCIe", "cpu": "CPU"}
    lab.until(lambda: Cluster.read().names() == both)
    assert Cluster.read().free_bytes("cuda:H100") == 70_000 * 2**20
    assert (Cluster.read().jobs, Cluster.read().gpus) == (4, 1)
    job_id = lab.submit(device="cuda:H100")
    lab.until_ended(job_id)
    job = lab.job(job_id)
    assert (job.state, job.code) == (JobState.FAILED, "device")
    assert "There is no device 'cuda:0' here" in job.message.en
    second.kill()
    lab.until(lambda: Cluster.read().names() == {"cpu": "CPU"})
    assert Cluster.read().jobs == 2
    job_id = lab.submit(device="cuda:H100")
    lab.until_ended(job_id)
    assert (lab.job(job_id).state, lab.job(job_id).code) == (JobState.FAILED, "unplaceable")


def test_what_a_killed_dispatcher_left_running_is_gone_before_it_begins_again(lab, capsys):
    second = lab.machine("ray start --address")
    first = lab.dispatcher()
    jobs = [lab.submit(epochs=EPOCHS), lab.submit(epochs=EPOCHS)]
    lab.until(lambda: all(len(lab.epochs(job_id)) >= 2 for job_id in jobs))
    left_over = lab.head.jobs() + second.jobs()
    assert len(left_over) == 2
    first.kill()
    began = time.monotonic()
    lab.dispatcher()
    _, alive = psutil.wait_procs(left_over, timeout=AT_MOST)
    gone = time.monotonic() - began
    assert not alive
    assert [lab.job(job_id).attempt for job_id in jobs] == [1, 1]
    lab.until_ended(*jobs)
    assert [(lab.job(one).state, lab.job(one).attempt, lab.job(one).losses) for one in jobs] == [
        (JobState.DONE, 2, 0)
    ] * 2, lab.states()
    with capsys.disabled():
        print(f"\nthe tasks of a killed dispatcher were gone {gone:.2f} s after the next began")
    for job_id in jobs:
        assert lab.epochs(job_id)[-1] == EPOCHS
        assert len(lab.epochs(job_id)) <= EPOCHS + 1

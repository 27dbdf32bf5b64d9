"""What a Ray cluster has, as pages read it: devices, and places for jobs. No Ray is started."""

import math
import subprocess
import sys

import pytest

from cnnviz.config import config
from cnnviz.machine import NoDeviceError
from cnnviz.training import dispatcher_process
from cnnviz.training.cluster import Cluster, Machine, forget, look, sharing

HEAD = Machine(cpus=4, gpus=0, kind="", free_bytes=8_000_000_000)
H100 = Machine(32, 1, "H100", "NVIDIA H100 80GB HBM3", 100_000_000_000, 70_000_000_000)
BUSY = Machine(32, 2, "H100", "NVIDIA H100 80GB HBM3", 100_000_000_000, 9_000_000_000)
UNKNOWN = Machine(8, 1, "", "GPU of nobody", 16_000_000_000, 6_000_000_000)
NO_DRIVER = Machine(8, 4, "A100", "", 16_000_000_000)
LAB = Cluster((HEAD, H100, BUSY, UNKNOWN, NO_DRIVER))


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))


def test_the_devices_are_those_of_all_machines_by_kind():
    assert LAB.names() == {
        "cuda:H100": "NVIDIA H100 80GB HBM3",
        "cuda": "GPU of nobody",
        "cpu": "CPU",
    }
    assert LAB.gpus == 8


def test_the_memory_is_that_of_the_machine_with_most_of_it():
    assert LAB.free_bytes("cuda:H100") == 70_000_000_000
    assert LAB.free_bytes("cuda") == 6_000_000_000
    assert LAB.free_bytes("cpu") == 100_000_000_000
    for device in ("cuda:A100", "cuda:B200", "abacus"):
        with pytest.raises(NoDeviceError, match=device):
            LAB.free_bytes(device)


def test_places_for_jobs():
    assert LAB.places("cuda:H100") == 6
    assert LAB.places("cuda") == LAB.places("cuda:0") == 16, "any GPU that Ray counts on"
    assert LAB.places("cuda:B200") == 0
    assert LAB.places("cpu") == math.inf


@pytest.mark.parametrize(
    ("cpus", "slots", "share"),
    [
        ((8, 8), None, 4),
        ((8, 8), 2, 8),
        ((8, 8), 1, 8),
        ((8, 8), 5, 2),  # three on one of them
        ((1, 1), None, 0.5),
        ((1, 1), 6, 0.333),
        ((3, 3), None, 1),
        ((16, 2), None, 1),  # each machine has a place for two
        ((4, 0), None, 2),  # on one without CPUs nothing runs
    ],
)
def test_every_job_finds_its_cpus(cpus, slots, share):
    cluster = Cluster(tuple(Machine(cpus=there, gpus=0, kind="") for there in cpus))
    jobs = slots or cluster.jobs
    assert cluster.cpus_a_job(jobs) == share
    assert sum(there // share for there in cpus) >= jobs


def test_what_the_dispatcher_writes_is_what_pages_read():
    assert Cluster.read() is None
    LAB.write()
    assert Cluster.read() == LAB
    forget()
    forget()
    assert Cluster.read() is None


@pytest.mark.parametrize(
    ("script", "seen"),
    [
        ("echo 'GPU A, 1000'; echo 'GPU A, 3000'", ("GPU A", 3000 * 2**20)),
        ("echo 'GPU, of a kind, 5'", ("GPU, of a kind", 5 * 2**20)),
        ("echo 'GPU A, [N/A]'", None),
        ("true", None),
        ("echo 'has failed because it could not communicate'; exit 9", None),
    ],
)
def test_a_look_at_a_machine(script, seen, tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    here = look()
    assert here.pop("free_bytes") > 0
    assert (here == {}) if seen is None else (tuple(here.values()) == seen)


def test_a_look_takes_no_torch():
    """It is taken on every machine every few seconds."""
    code = "import sys; from cnnviz.training import cluster; cluster.look(); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "torch" not in said.stdout.split()


@pytest.mark.parametrize(
    ("gpus", "slots", "jobs", "expected"),
    [(0, "", 1, 1), (0, "", 2, 2), (0, "", 9, 2), (4, "", 3, 1), (4, "", 9, 2), (1, "5", 4, 4)],
)
def test_how_many_jobs_share_a_device(monkeypatch, gpus, slots, jobs, expected):
    monkeypatch.setenv("CNNVIZ_SLOTS", slots)
    with (config().data / dispatcher_process.LOCK).open("w") as lock:
        dispatcher_process.beat(lock, gpus, gpus, 0)
    assert sharing(jobs) == expected
    Cluster((Machine(cpus=4, gpus=gpus, kind="H100"),)).write()
    assert sharing(jobs) == expected

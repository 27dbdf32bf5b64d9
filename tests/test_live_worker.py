"""The live worker and its client: queue, faults, restarts. Real processes, and no clock."""

import math
import os
import signal
import subprocess
import sys
from concurrent.futures import wait

import numpy as np
import psutil
import pytest
import torch
from conftest import ROOT
from faulty_tasks import Costly, Gated, Good, Hang, Lost, Pid, Raises, Refused

import cnnviz
from cnnviz.analysis.maps import feature_maps
from cnnviz.analysis.real_run import LiveError
from cnnviz.live import client as module
from cnnviz.live import worker
from cnnviz.live.client import Client, Status
from cnnviz.live.tasks import FeatureMaps, LiveRun, Picture, Untrained
from cnnviz.live.worker import KeptModels
from cnnviz.machine import NICE

AT_MOST = 120  # seconds that anything here may take on a busy machine


@pytest.fixture(scope="module")
def client():
    """One for all tests, as its worker takes seconds to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT / "tests"))
        client = Client(AT_MOST, 10**9)
        yield client
        client.close()


@pytest.fixture
def gate(tmp_path, client):
    """A worker that is busy until the gate is opened."""
    path = tmp_path / "gate"
    os.mkfifo(path)
    answer(client, Pid("cpu"))  # whatever was asked before is done
    busy = client.ask(Gated("cpu", path))
    with path.open("w") as pipe:  # returns when the worker is at it
        yield lambda: (pipe.write("open"), pipe.close())
    busy.result(AT_MOST)


def answer(client, task):
    return client.ask(task).result(AT_MOST)


def refusal(client, task):
    with pytest.raises(LiveError) as error:
        answer(client, task)
    assert error.value.message.zh != error.value.message.en
    return error.value.message.en


def test_the_network_is_run_elsewhere(client):
    spec = cnnviz.spec("lenet-5")
    live = answer(client, LiveRun("cpu", spec))
    assert live.params == cnnviz.analyze(spec).params
    assert live.differences == ()
    pid = answer(client, Pid("cpu"))
    assert pid == client.status().pid != os.getpid()
    assert psutil.Process(pid).nice() == min(19, psutil.Process().nice() + NICE)


def test_the_worker_computes_what_this_process_would(client):
    spec = cnnviz.spec("lenet-d2l")
    image = torch.randint(256, (1, 28, 28), dtype=torch.uint8)
    picture = Picture.of(image, torch.tensor([0.3]), torch.tensor([0.2]))
    found = answer(client, FeatureMaps("cpu", Untrained(spec), picture, "C3.conv"))
    torch.manual_seed(0)
    expected = feature_maps(spec.build(), picture.prepared(spec, "cpu"), "C3.conv")
    np.testing.assert_allclose(found.maps, expected.maps, rtol=1e-5, atol=1e-6)
    assert found.shape == expected.shape
    status = client.status()
    assert status.models == 1
    assert status.model_bytes == cnnviz.analyze(spec).weight_bytes


def test_equal_tasks_are_run_once(client, tmp_path, gate):
    log = tmp_path / "log"
    first, second = (client.ask(Good("cpu", 1, log), session) for session in "ab")
    assert first is second
    gate()
    assert first.result(AT_MOST) == 1
    assert client.ask(Good("cpu", 1, log), "c") is first
    assert log.read_text() == "1\n"


def test_the_newest_of_a_session_replaces_what_waits(client, tmp_path, gate):
    log = tmp_path / "log"
    old, new = (client.ask(Good("cpu", value, log), "a") for value in (1, 2))
    other_kind = client.ask(Refused("cpu"), "a")
    assert old.cancelled()
    for session in "bc":
        wanted = client.ask(Good("cpu", 3, log), session)
    newer = client.ask(Good("cpu", 4, log), "b")
    assert not wanted.cancelled(), "another session waits for it"
    assert client.status().queue == 4
    gate()
    wait([new, other_kind, wanted, newer], AT_MOST)
    assert log.read_text().split() == ["2", "3", "4"]
    assert other_kind.exception().message.en == "Too large by far."
    assert client.ask(Good("cpu", 1, log), "a").result(AT_MOST) == 1, "it can be asked again"


def test_what_is_true_for_a_moment_goes_first_and_is_not_kept(client, tmp_path, gate):
    order = []
    for task in (Good("cpu", "waits", tmp_path / "log"), Pid("cpu")):
        client.ask(task, type(task).__name__).add_done_callback(
            lambda future: order.append(future.result())
        )
    again = client.ask(Pid("cpu"))
    gate()
    again.result(AT_MOST)
    answer(client, Good("cpu", "waits", tmp_path / "log"))
    assert order == [client.status().pid, "waits"]
    assert client.ask(Pid("cpu")) is not again


def test_a_small_network_waits_for_one_large_one_at_most(client, tmp_path, gate):
    log = tmp_path / "log"
    large = [client.ask(Costly("cpu", f"large {n}", log, 10**10), f"s{n}") for n in range(10)]
    client._turn = 2  # the worst moment: the turn after the next is the oldest's
    small = [client.ask(Costly("cpu", f"small {n}", log, 10**6), f"t{n}") for n in range(2)]
    gate()
    wait([*large, *small], AT_MOST)
    assert log.read_text().splitlines()[:3] == ["small 0", "large 0", "small 1"]


def test_a_large_network_has_its_turn_however_many_small_ones_come(client, tmp_path, gate):
    log = tmp_path / "log"
    tasks = [client.ask(Costly("cpu", "large", log, 10**10), "a")]
    tasks += [client.ask(Costly("cpu", "small", log, 1 + n), f"s{n}") for n in range(20)]
    gate()
    wait(tasks, AT_MOST)
    assert log.read_text().splitlines().index("large") < module.OLDEST_EVERY


def test_what_a_network_costs_is_what_it_computes():
    spec = cnnviz.spec("lenet-5")
    picture = Picture(b"", (1, 28, 28), (0.0,), (1.0,))
    for task in (LiveRun("cpu", spec), FeatureMaps("cpu", Untrained(spec), picture, "C1")):
        assert task.cost == cnnviz.analyze(spec).macs
    broken = spec._unchecked(spec.values | {"image_size": 4})
    assert LiveRun("cpu", broken).cost == 0


def test_one_session_cannot_fill_the_queue(client, tmp_path, gate):
    for growth in range(100):
        client.ask(Costly("cpu", growth, macs=10**10 + growth), "greedy")
    assert client.status().queue == 1
    gate()


def test_a_refusal_leaves_the_worker_as_it_is(client):
    before = answer(client, Pid("cpu"))
    assert refusal(client, Refused("cpu")) == "Too large by far."
    gone = LiveRun("cuda:9", cnnviz.spec("lenet-5"))
    assert "no device 'cuda:9'" in refusal(client, gone)
    assert answer(client, Pid("cpu")) == before


def test_an_answer_that_is_too_large_is_not_kept(client, monkeypatch):
    monkeypatch.setattr(module, "ANSWERS", 1000)
    task = Good("cpu", "x" * 2000)
    assert client.ask(task).result(AT_MOST) == client.ask(task).result(AT_MOST)
    answer(client, Pid("cpu"))
    assert client._answers.get(task) is None


@pytest.mark.parametrize("how", ["assert", "memory", "cudnn", "bug"])
def test_what_nobody_foresaw_is_a_sentence_and_the_last_answer(how):
    reply = worker.answer(Raises("cuda:0", how), KeptModels(0))
    assert reply.is_last
    assert "cuda:0" in reply.refusal.en
    assert "cuda:0" in reply.refusal.zh
    assert ("is full" in reply.refusal.en) == (how == "memory")


@pytest.mark.sweep
def test_an_error_of_a_gpu_ends_the_worker_and_what_waits_goes_on(client):
    before, restarts = answer(client, Pid("cpu")), client.status().restarts
    waits = [client.ask(task) for task in (Raises("cuda:0", "assert"), Good("cpu", "waited"))]
    wait(waits, AT_MOST)
    assert "failed on cuda:0 (AcceleratorError)" in str(waits[0].exception())
    assert waits[1].result() == "waited"
    assert not psutil.pid_exists(before)
    status = client.status()
    assert (status.alive, status.restarts) == (True, restarts + 1)
    assert status.last_error == str(waits[0].exception())


def test_a_run_that_hangs_meets_the_deadline(client, monkeypatch):
    before = answer(client, Pid("cpu"))
    with monkeypatch.context() as patch:
        patch.setattr(client, "_deadline", 0.5)
        hangs = client.ask(Hang("cpu"))
        assert "longer than 0.5 s on CPU" in str(hangs.exception(AT_MOST))
    assert not psutil.pid_exists(before)
    assert "deadline (SIGKILL)" in client.status().last_error
    assert client.ask(Hang("cpu")) is hangs, "for some time, it is not tried again"
    assert answer(client, Good("cpu", "after the deadline")) == "after the deadline"


def test_a_worker_that_is_killed_loses_nothing(client, tmp_path):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    answer(client, Pid("cpu"))
    runs, waits = client.ask(Gated("cpu", gate)), client.ask(Good("cpu", "after the kill"))
    with gate.open("w"):  # returns when the worker is at it
        gate.unlink()
        gate.write_text("open")  # for the next worker
        os.kill(client.status().pid, signal.SIGKILL)
    assert runs.result(AT_MOST) == "open"
    assert waits.result(AT_MOST) == "after the kill"


@pytest.mark.load
def test_a_worker_that_is_killed_while_it_does_nothing_is_replaced(client):
    idle = answer(client, Pid("cpu"))
    os.kill(idle, signal.SIGKILL)
    assert answer(client, Pid("cpu")) != idle


@pytest.mark.load
def test_a_task_that_ends_workers_is_given_up(client, tmp_path):
    assert answer(client, Lost("cpu", tmp_path / "mark")) == "well", "once is bad luck"
    never, waits = client.ask(Lost("cpu")), client.ask(Good("cpu", "after two"))
    assert "ended 2 times while it ran this (SIGSEGV)" in str(never.exception(AT_MOST))
    assert waits.result(AT_MOST) == "after two"


@pytest.mark.sweep
def test_a_worker_that_cannot_start_is_a_sentence_and_no_endless_loop(tmp_path, monkeypatch):
    """As where the import of torch fails in it: a driver's library is gone, say."""
    (tmp_path / "torch.py").write_text("raise ImportError('libcudart.so: cannot open')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(Client, "_pause", staticmethod(lambda in_vain: math.inf))
    client = Client(AT_MOST, 10**9)
    try:
        assert "cannot be started (status 1)" in refusal(client, Good("cpu", 1))
        assert "cannot be started (status 1)" in refusal(client, Good("cpu", 2))
        assert client.status() == Status(False, 0, 0, 0, 0, 0, client.status().last_error)
        assert "could not be started (status 1)" in client.status().last_error
        monkeypatch.undo()
        client._next_start = 0.0
        with client._changed:
            while not client.status().alive or client._cannot_start:
                client._changed.wait(0.1)
        assert answer(client, LiveRun("cpu", cnnviz.spec("lenet-5"))).differences == ()
    finally:
        client.close()


def test_the_pauses_between_starts_grow():
    assert [Client._pause(n) for n in range(1, 11)] == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.load
def test_the_worker_ends_with_the_web_process():
    """Even where that one is killed while the worker computes."""
    code = """
import sys
from cnnviz.live import worker
from cnnviz.live.client import Client, Status
from faulty_tasks import Hang, Pid
client = Client(1000, 10**9)
print(client.ask(Pid("cpu")).result(), flush=True)
client.ask(Hang("cpu"))
sys.stdin.read()
"""
    web = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with web:
        worker = psutil.Process(int(web.stdout.readline()))
        web.kill()
    worker.wait(AT_MOST)


def test_models_are_kept_by_bytes():
    class Layer:
        built = 0

        def __init__(self, kilobytes):
            self.kilobytes = kilobytes

        def build(self):
            Layer.built += 1
            return torch.nn.Linear(250, self.kilobytes, bias=False)

    a, b, c, huge = Layer(40), Layer(40), Layer(40), Layer(200)
    models = KeptModels(100_000)
    for network in (a, b, a, c, a, huge):
        models(network, "cpu")
    assert {network for network, _ in models.modules} == {a, c}, "b was used longest ago"
    assert Layer.built == 4
    assert models.modules.currsize == 80_000
    models(b, "cpu")
    assert Layer.built == 5


def test_what_is_closed_answers_nobody(client):
    """The last of this file: it ends the worker of all."""
    pid = answer(client, Pid("cpu"))
    hangs, waits = client.ask(Hang("other")), client.ask(Good("cpu", "waits for ever"))
    client.close()
    assert hangs.exception() is not None
    assert "ended with the app" in str(waits.exception())
    assert not psutil.pid_exists(pid)
    assert not client.status().alive

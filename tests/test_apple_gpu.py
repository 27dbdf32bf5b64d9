"""An Apple GPU (mps), tried where there is none: torch's module for it is played."""

from types import SimpleNamespace

import faulty_jobs
import psutil
import pytest
import torch
from training_requests import request

import cnnviz
from cnnviz import gpus, health, machine
from cnnviz.analysis import real_run
from cnnviz.analysis.timing.setting import Setting, admit_timing
from cnnviz.live.tasks import Gpu, Gpus
from cnnviz.live.timing import MeasurePeak
from cnnviz.live.worker import KeptModels, answer
from cnnviz.training import gpu_check, local, worker
from cnnviz.training.admission import check
from cnnviz.training.evaluation import Totals
from cnnviz.training.loop import half_precision
from cnnviz.zoo import PRESETS

MPS = torch.device("mps")
# in PyTorch's words, as reports of users have them
NO_OP = (
    "The operator 'aten::_ctc_loss' is not currently implemented for the MPS device. If you want "
    "this op to be considered for addition please comment on an issue."
)
NO_DOUBLE = (
    "Cannot convert a MPS Tensor to float64 dtype as the MPS framework doesn't support float64. "
    "Please use float32 instead."
)
NO_POOL = (
    "Adaptive pool MPS: input sizes must be divisible by output sizes. Non-divisible input sizes "
    "are not implemented on MPS device yet."
)
FULL = (
    "MPS backend out of memory (MPS allocated: 10.20 GB, other allocations: 1.00 GB, max allowed: "
    "11.00 GB). Tried to allocate 1.00 GB on private pool."
)


@pytest.fixture
def apple(monkeypatch, tmp_path):
    """A Mac with 16 GB that may use 11 GB on its GPU and uses one."""
    done = []
    played = {
        "recommended_max_memory": lambda: 11_000_000_000,
        "driver_allocated_memory": lambda: 1_000_000_000,
        "synchronize": lambda: done.append("synchronize"),
        "empty_cache": lambda: done.append("empty_cache"),
        "set_per_process_memory_fraction": done.append,
    }
    for name, function in played.items():
        monkeypatch.setattr(torch.mps, name, function)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.mps, "get_name", lambda: "Apple M4", raising=False)
    memory = SimpleNamespace(available=16_000_000_000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return SimpleNamespace(done=done, memory=memory)


def test_it_is_a_device_with_a_name_and_memory(apple):
    assert real_run.devices() == {"mps": "Apple M4", "cpu": "CPU"}
    seen = answer(Gpus(), KeptModels(0)).answer
    assert seen == {"mps": Gpu("Apple M4", 10_000_000_000, 11_000_000_000)}
    assert machine.free_bytes("mps") == 10_000_000_000
    apple.memory.available = 3_000_000_000
    assert machine.free_bytes("mps") == 3_000_000_000, "it shares the main memory"


def test_a_torch_that_does_not_tell_the_name(apple, monkeypatch):
    monkeypatch.delattr(torch.backends.mps, "get_name")
    assert real_run.devices()["mps"] == "Apple GPU"


def test_elsewhere_it_is_no_device():
    with pytest.raises(machine.NoDeviceError, match="mps for Apple's"):
        machine.free_bytes("mps")


def test_it_is_waited_for_and_gives_memory_back(apple):
    gpus.wait(MPS)
    gpus.wait(torch.device("cpu"))
    gpus.give_back()
    assert apple.done == ["synchronize", "empty_cache"]


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (NO_OP, "cannot do this: aten::_ctc_loss. Take cpu"),
        (NO_DOUBLE, "doesn't support float64. Take cpu"),
        (NO_POOL, "Adaptive pool MPS: input sizes must be divisible by output sizes. Take cpu"),
    ],
)
def test_what_it_cannot_do_is_a_sentence_on_the_page_and_of_a_job(said, named):
    class Asked(Gpus):
        def run(self, models):
            raise NotImplementedError(said)

    reply = answer(Asked("mps"), KeptModels(0))
    assert named in reply.refusal.en
    assert "请使用 cpu" in reply.refusal.zh
    assert not reply.is_last, "the worker goes on"
    failed = worker.failure(RuntimeError(said))
    assert (failed.code, failed.message) == ("device", reply.refusal)


@pytest.mark.parametrize("said", ["", "CUDA error: not supported", "MPS is here", FULL])
def test_other_errors_are_not_taken_for_that(said):
    assert gpus.missing(RuntimeError(said)) is None


def test_full_memory_is_the_sentence_that_nvidias_has(apple, monkeypatch):
    assert worker.failure(RuntimeError(FULL)).code == "gpu_memory"
    full = RuntimeError(FULL)

    def run(*_):
        raise full

    monkeypatch.setattr(real_run, "_run", run)
    with pytest.raises(real_run.LiveError, match=r"where 10\.0 GB are free"):
        real_run.run_live(PRESETS["lenet-5"].spec, "mps")
    full = RuntimeError("anything else")
    with pytest.raises(RuntimeError, match="anything else"):
        real_run.run_live(PRESETS["lenet-5"].spec, "mps")


def test_it_is_not_timed(apple):
    report = cnnviz.analyze("lenet-5")
    with pytest.raises(real_run.LiveError, match="not on an Apple GPU"):
        admit_timing(report, Setting("mps"))
    assert "not on an Apple GPU" in answer(MeasurePeak("mps", "fp32"), KeptModels(0)).refusal.en


def test_its_training_has_32_bits(apple):
    """There are no 64-bit numbers there, and no mixed precision is offered for it."""
    assert gpus.sums(MPS) is torch.float32
    assert gpus.sums(torch.device("cpu")) is torch.float64
    assert half_precision(MPS) is None
    totals = Totals(torch.zeros(2, dtype=torch.float32))
    totals.add(torch.tensor(0.5), torch.eye(4), torch.tensor([0, 1, 2, 0]))
    assert totals.sums.dtype is torch.float32
    assert totals.mean() == (0.5, 0.75)
    plain = request("vgg-d", device="mps", batch_size=64)
    mixed = request("vgg-d", device="mps", batch_size=64, precision="mixed")
    free = 6_000_000_000
    for one in (plain, mixed):
        check(one, free_bytes=lambda _: 20 * free)
        with pytest.raises(Exception, match=r"on mps \(weights"):
            check(one, free_bytes=lambda _: free // 4)


def test_a_job_is_held_to_its_part_of_it(apple, monkeypatch):
    monkeypatch.setenv("CNNVIZ_JOB_GPU_MEMORY", "5.5")
    worker._limit_memory(MPS)
    worker._limit_memory(torch.device("cpu"))
    assert apple.done == [0.5]


def test_its_health_is_checked(apple, monkeypatch):
    def compute(gpu):
        raise RuntimeError("no Metal\nmore")

    monkeypatch.setattr(gpu_check, "_compute", compute)
    gpu_check.write()
    assert health.check(["device"])[0].says == (
        "mps: Apple M4 does not compute: RuntimeError: no Metal"
    )


@pytest.mark.sweep
def test_on_a_mac_jobs_are_not_forked(apple, monkeypatch, tmp_path):
    """They import torch each by themselves, which takes seconds."""
    monkeypatch.setattr(local.platform, "system", lambda: "Darwin")
    backend = local.LocalBackend(threads=1, job=faulty_jobs.good)
    assert backend._context.get_start_method() == "spawn"
    assert backend.look().gpus == 1
    handle = backend.start(request(), tmp_path / "job")
    handle.process.join(120)
    events, status = backend.poll(handle)
    assert status == 0
    assert [type(event).__name__ for event in events] == ["Started", "Step", "Ended"]

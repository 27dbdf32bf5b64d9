"""The live network: really built and run, and refused before anything large is allocated."""

import pytest
import torch

import cnnviz
from cnnviz.analysis import real_run
from cnnviz.analysis.real_run import LiveError, run_live


@pytest.mark.parametrize("name", ["lenet-5", "lenet-bn-d2l", "densenet-40-k12"])
def test_the_live_network_is_what_was_counted(name):
    spec = cnnviz.spec(name)
    result = run_live(spec, "cpu")
    report = cnnviz.analyze(spec)
    assert result.params == report.params
    assert result.output_shape == report.output_shape
    assert result.differences == ()
    assert result.seconds > 0
    assert result.peak_bytes > report.weight_bytes


def test_a_wrong_count_would_be_seen(monkeypatch):
    other = cnnviz.analyze(cnnviz.spec("lenet", padding=2))
    monkeypatch.setattr(real_run, "analyze", lambda spec: other)
    assert "C1.conv" in run_live(cnnviz.spec("lenet"), "cpu").differences


def test_peak_memory_is_what_is_alive_at_once():
    with real_run._PeakMemory() as memory:
        kept = torch.ones(1000)
        for _ in range(5):
            torch.ones(500)
        del kept
        torch.ones(100)
    assert memory.peak == 4 * (1000 + 500)


def must_not_be_built(spec, monkeypatch):
    """Others may be: the pages of tests before this one still have theirs in the queue."""
    real = real_run._run

    def run(given, *others):
        return pytest.fail("it was built") if given == spec else real(given, *others)

    monkeypatch.setattr(real_run, "_run", run)


def test_too_large_is_refused_before_it_is_built(monkeypatch):
    spec = cnnviz.spec("densenet", growth_rate=64, depths=(128,), compression=1, image_size=64)
    monkeypatch.setattr(real_run, "free_bytes", lambda device: 100_000_000)
    must_not_be_built(spec, monkeypatch)
    with pytest.raises(LiveError, match=r"about 0\.\d GB on CPU, where 0\.1 GB are free"):
        run_live(spec, "cpu")


def test_too_slow_for_a_cpu_is_refused(monkeypatch):
    spec = cnnviz.spec("densenet", image_size=1024, depths=(64, 64))
    must_not_be_built(spec, monkeypatch)
    with pytest.raises(LiveError, match="choose a GPU"):
        run_live(spec, "cpu")


def test_out_of_memory_is_a_sentence(monkeypatch):
    def full(*args):
        raise torch.OutOfMemoryError

    monkeypatch.setattr(real_run, "_run", full)
    with pytest.raises(LiveError, match="smaller"):
        run_live(cnnviz.spec("lenet"), "cpu")


def test_devices_end_with_the_cpu(monkeypatch):
    assert list(real_run.devices())[-1] == "cpu"
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda gpu: f"GPU of {gpu}")
    names = {"cuda:0": "GPU of cuda:0", "cuda:1": "GPU of cuda:1", "cpu": "CPU"}
    assert real_run.devices() == names

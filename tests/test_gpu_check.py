"""Whether GPUs compute, and what one job may hold of one: tried on GPUs that are not there."""

import json

import pytest
import torch
from training_requests import request

from cnnviz import health
from cnnviz.training import gpu_check, worker
from cnnviz.training.admission import TooLarge, check
from cnnviz.training.gpu_check import has_code, no_code

CUDA_13 = ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120"]


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def two_gpus(monkeypatch):
    """A V100, for which torch has no code, and an H100."""
    names = {"cuda:0": "Tesla V100", "cuda:1": "NVIDIA H100"}
    capabilities = {"cuda:0": (7, 0), "cuda:1": (9, 0)}
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", names.get)
    monkeypatch.setattr(torch.cuda, "get_device_capability", capabilities.get)
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: CUDA_13)

    def compute(gpu):
        if gpu == "cuda:0":
            raise torch.AcceleratorError("CUDA error: no kernel image is available\nmore")

    monkeypatch.setattr(gpu_check, "_compute", compute)


def test_a_card_without_code_is_named_with_the_way_out(two_gpus):
    gpu_check.write()
    ((part, well, says),) = health.check(["device"])
    assert (part, well) == ("device", False)
    assert says == (
        "cuda:0: Tesla V100: this build of torch has no code for Volta (sm_70); "
        "take TORCH_INDEX=https://download.pytorch.org/whl/cu126"
    )


def test_a_card_that_fails_otherwise_says_how(two_gpus, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: (8, 0))
    gpu_check.write()
    assert gpu_check.known_faults() == {
        "cuda:0": "Tesla V100 does not compute: AcceleratorError: "
        "CUDA error: no kernel image is available"
    }


def test_gpus_that_compute_are_well(two_gpus, monkeypatch):
    monkeypatch.setattr(gpu_check, "_compute", lambda gpu: None)
    gpu_check.write()
    assert gpu_check.known_faults() == {}
    assert health.check(["device"])[0].well


def test_a_wrong_product_is_a_fault():
    gpu_check._compute("cpu")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "ones", torch.zeros)
        with pytest.raises(RuntimeError, match="gave"):
            gpu_check._compute("cpu")


@pytest.mark.parametrize("text", ["", "[1]", "{", "null", "3"])
def test_a_broken_file_is_no_fault_of_a_gpu(data, text):
    (data / gpu_check.FILE).write_text(text)
    assert gpu_check.known_faults() == {}
    gpu_check.forget()
    assert not (data / gpu_check.FILE).exists()


# NVIDIA: binary code runs within its major capability and upwards, PTX on all later ones
@pytest.mark.parametrize(
    ("capability", "built_for", "runs"),
    [
        ((7, 0), CUDA_13, False),
        ((7, 5), CUDA_13, True),
        ((8, 9), CUDA_13, True),
        ((10, 3), CUDA_13, True),
        ((12, 1), CUDA_13, True),
        ((13, 0), CUDA_13, True),
        ((8, 0), ["sm_86"], False),
        ((9, 0), ["sm_80", "compute_80"], True),
        ((12, 0), ["sm_90"], False),
        ((12, 0), [], False),
    ],
)
def test_which_code_runs_where(capability, built_for, runs):
    assert has_code(capability, built_for) is runs


@pytest.mark.parametrize(
    ("capability", "said"),
    [
        ((6, 1), "for Pascal (sm_61); take TORCH_INDEX="),
        ((5, 2), "for Maxwell (sm_52); take TORCH_INDEX="),
        ((2, 0), "for a GPU (sm_20); take TORCH_INDEX="),
        ((13, 0), "for Blackwell (sm_130); take a newer torch"),
    ],
)
def test_generations_and_ways_out(capability, said):
    assert said in no_code(capability, ["sm_75", "sm_120"])


def test_a_job_is_held_to_its_part_of_a_gpu(monkeypatch):
    held = []
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (70e9, 80e9))
    monkeypatch.setattr(
        torch.cuda, "set_per_process_memory_fraction", lambda part, device: held.append(part)
    )
    gpu = torch.device("cuda:0")
    worker._limit_memory(gpu)
    assert held == [], "nobody has set anything"
    for most in ("20", "100"):
        monkeypatch.setenv("CNNVIZ_JOB_GPU_MEMORY", most)
        worker._limit_memory(gpu)
    worker._limit_memory(torch.device("cpu"))
    assert held == [0.25, 1.0]
    failed = worker.failure(torch.OutOfMemoryError("CUDA out of memory"))
    assert failed.code == "gpu_memory"
    assert "more than 100 GB of GPU memory" in failed.message.en
    assert "100 GB" in failed.message.zh


def test_a_job_that_would_need_more_than_its_part_is_refused(monkeypatch):
    asked = request("vgg-d", device="cuda:0", batch_size=64)
    check(asked, free_bytes=lambda _: 10**12)
    monkeypatch.setenv("CNNVIZ_JOB_GPU_MEMORY", "4")
    with pytest.raises(TooLarge, match=r"and 4\.0 GB may be used") as refused:
        check(asked, free_bytes=lambda _: 10**12)
    assert refused.value.largest.batch_size < 64
    on_cpu = request("vgg-d", device="cpu", batch_size=64)
    check(on_cpu, free_bytes=lambda _: 10**12)


def test_the_file_holds_only_sentences(two_gpus, data):
    gpu_check.write()
    assert set(json.loads((data / gpu_check.FILE).read_text())) == {"cuda:0"}

"""Refusals before anything is allocated, and the estimate against what autograd really keeps."""

import threading

import pytest
import torch
from test_memory import saved_by_autograd
from training_requests import request

import cnnviz
from cnnviz.data.dataset import sources
from cnnviz.knobs import SpecError
from cnnviz.training.admission import TooLarge, check, estimate_memory, training_spec
from cnnviz.training.errors import TrainingError


@pytest.mark.parametrize(
    ("name", "knobs"),
    [
        ("lenet-d2l", {}),
        ("lenet-5", {}),
        ("resnet-20", {}),
        ("densenet-40-k12", {}),
        ("googlenet-d2l", {"auxiliary_heads": True}),
        ("resnet-18", {"image_size": 64}),
    ],
)
def test_the_estimate_is_what_autograd_keeps(name, knobs):
    spec = cnnviz.spec(name, **knobs)
    estimate = estimate_memory(spec, "sgd")
    saved = saved_by_autograd(spec.build(), torch.randn(4, *spec.input_shape[1:]))
    assert estimate.statistics + estimate.activations * 4 == sum(saved.values())
    params = sum(x.numel() for x in spec.build().parameters())
    buffers = sum(x.numel() for x in spec.build().buffers())
    assert estimate.weights == 4 * (3 * params + buffers)
    assert estimate_memory(spec, "adam").weights == 4 * (4 * params + buffers)


def test_what_fits_passes():
    check(request())


def test_too_large_a_batch_is_refused_with_the_largest_that_fits():
    free = {"cpu": 3_000_000_000}.__getitem__
    asked = request("resnet-18", batch_size=2000)
    with pytest.raises(TooLarge, match="batch size is 2000: training would take about") as refusal:
        check(asked, free)
    largest = refusal.value.largest
    assert f"The largest batch that fits is {largest.batch_size}." in refusal.value.message.en
    assert str(largest.batch_size) in refusal.value.message.zh
    fits = request("resnet-18", batch_size=largest.batch_size)
    check(fits, free)
    with pytest.raises(TooLarge):
        check(request("resnet-18", batch_size=largest.batch_size + 1), free)
    assert largest == asked.recipe.turn(batch_size=largest.batch_size)


def test_a_network_that_fits_at_no_batch_has_no_largest():
    with pytest.raises(TooLarge, match="Make the network or the image smaller") as refusal:
        check(request("resnet-152"), {"cpu": 100_000_000}.__getitem__)
    assert refusal.value.largest is None


def test_nothing_is_allocated_for_a_refusal(monkeypatch):
    """Networks at the limits of their knobs are counted without a byte of their weights."""
    huge = {"depths": (64, 64, 64), "growth_rate": 64, "bottleneck_ratio": 4, "image_size": 1024}
    real = torch.empty
    sizes, here = [], threading.get_ident()  # pages of other tests may still run their networks

    def watched(*args, **kwargs):
        made = real(*args, **kwargs)
        if made.device.type != "meta" and threading.get_ident() == here:
            sizes.append(made.numel())
        return made

    monkeypatch.setattr(torch, "empty", watched)
    asked = request("densenet-121", knobs=huge, batch_size=256)
    with pytest.raises(TooLarge, match="GB"):
        check(asked, {"cpu": 8_000_000_000}.__getitem__)
    assert sum(sizes) < 1e6


def test_4096_times_264_is_refused_by_the_schema():
    with pytest.raises(SpecError, match="growth_rate is 4096"):
        request("densenet-264", knobs={"growth_rate": 4096, "depths": (264,)})


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"data": "../../etc"}, "data", "is not a data set here"),
        ({"data": "cifar-10"}, "data", "cifar-10"),
        ({"device": "cuda:7"}, "device", "no device 'cuda:7'"),
        ({"device": "abacus"}, "device", "no device 'abacus'"),
    ],
)
def test_what_is_not_there_is_named(change, code, words, tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATASETS", str(tmp_path))
    with pytest.raises(TrainingError, match=words) as refusal:
        check(request(**change))
    assert refusal.value.code == code
    assert refusal.value.message.zh


def test_the_head_is_sized_for_the_data():
    spec = cnnviz.spec("resnet-18")
    trained = training_spec(spec, sources()["fashion-mnist-6k"])
    assert trained == spec.turn(num_classes=10)

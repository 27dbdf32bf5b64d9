"""What weights start from."""

import math

import pytest
import torch

import cnnviz
from cnnviz.training.initialisation import initialise


def module(name: str):
    torch.manual_seed(0)
    built = cnnviz.spec("vgg-a", image_size=32).build()
    before = {key: value.clone() for key, value in built.state_dict().items()}
    initialise(built, name)
    return built, before


def test_default_leaves_everything():
    built, before = module("default")
    assert all(torch.equal(value, before[key]) for key, value in built.state_dict().items())


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        ("kaiming", lambda inputs, outputs: math.sqrt(2 / inputs)),
        ("xavier", lambda inputs, outputs: math.sqrt(2 / (inputs + outputs))),
        ("normal", lambda inputs, outputs: 0.01),
    ],
)
def test_deviation_and_biases(name, deviation):
    built, _ = module(name)
    weights = [weight for weight in built.parameters() if weight.numel() > 10_000]
    for weight in weights:
        window = math.prod(weight.shape[2:])
        wanted = deviation(weight.shape[1] * window, weight.shape[0] * window)
        assert weight.std().item() == pytest.approx(wanted, rel=0.03)
    biases = [value for key, value in built.named_parameters() if key.endswith("bias")]
    assert biases
    assert not any(bias.any() for bias in biases)


def test_kaiming_keeps_the_signal_that_the_default_loses():
    """The spread of VGG's logits: nearly none of it is left with PyTorch's own."""
    images = torch.randn(8, 3, 32, 32)
    spread = {}
    for name in ("default", "kaiming"):
        built, _ = module(name)
        with torch.inference_mode():
            spread[name] = built.eval()(images).std(dim=0).mean().item()
    assert spread["kaiming"] > 20 * spread["default"]

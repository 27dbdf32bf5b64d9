"""Other tools' counts: they are really run, and every difference from ours has a reason."""

import pytest
import torchinfo
from torch import nn

import cnnviz
from cnnviz.analysis import counters
from cnnviz.analysis.counters import torchinfo_summary


def test_torchinfo_agrees_but_for_what_is_explained(preset):
    report = cnnviz.analyze(preset.spec)
    summary = torchinfo_summary(preset.spec)
    assert summary.params == report.params
    assert summary.unexplained == 0
    assert summary.mult_adds == report.macs + summary.biases + summary.others
    assert f"{summary.params:,}" in summary.text


def test_the_reasons_are_the_right_ones():
    """VGG-like layers: one bias a pixel and channel; batch norm: two numbers a channel."""
    biased = torchinfo_summary(cnnviz.spec("googlenet"))
    report = cnnviz.analyze(cnnviz.spec("googlenet"))
    convolutions = [x for x in report.layers if x.kind == "convolution"]
    pixels = sum(x.output_shape[1] * x.output_shape[2] * x.output_shape[3] for x in convolutions)
    assert (biased.biases, biased.others) == (pixels + 1000, 0)
    normed = torchinfo_summary(cnnviz.spec("googlenet-torchvision"))
    module = cnnviz.spec("googlenet-torchvision").build()
    scales = sum(2 * x.num_features for x in module.modules() if isinstance(x, nn.BatchNorm2d))
    assert (normed.biases, normed.others) == (1000, scales)


def test_what_is_not_explained_is_said(monkeypatch):
    """A counter that counted something else would not be explained away."""
    real = torchinfo.summary

    def wrong(*args, **kwargs):
        seen = real(*args, **kwargs)
        seen.total_mult_adds += 7
        return seen

    monkeypatch.setattr(counters.torchinfo, "summary", wrong)
    assert torchinfo_summary.__wrapped__(cnnviz.spec("lenet-d2l")).unexplained == 7


@pytest.mark.parametrize("name", ["lenet-5", "densenet-40-k12"])
def test_the_module_is_the_one_that_is_built(name):
    spec = cnnviz.spec(name)
    plain = torchinfo.summary(spec.build(), input_size=spec.input_shape, verbose=0)
    assert plain.total_mult_adds == torchinfo_summary(spec).mult_adds

"""Other tools' counts: their rules give what the tools give, and every difference has a reason.

thop, ptflops and fvcore are in requirements-dev.txt. calflops is not, as it needs transformers and
accelerate: its numbers here were printed by calflops 0.3.2.
"""

import io
import warnings
from contextlib import redirect_stdout

import pytest
import torch
import torchinfo
from conftest import few
from test_zoo import smallest_image, turned
from torch import nn

import cnnviz
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.counting import other_tools as counters
from cnnviz.analysis.counting.other_tools import (
    COUNTERS,
    TORCH,
    TORCHINFO,
    measure,
    read_counters,
    reading,
)
from cnnviz.zoo import FAMILIES

BY_NAME = {counter.name: counter for counter in COUNTERS}
# At real size only these are quick enough for every run.
SMALL = ("lenet-5", "lenet-d2l", "lenet-bn-d2l", "resnet-20", "densenet-40-k12", "mobilenet-v2")
CALFLOPS = {
    "lenet-5": 663_968,
    "lenet-d2l": 845_648,
    "alexnet-2012": 1_452_565_384,
    "vgg-a-lrn": 15_252_207_616,
    "resnet-50": 7_747_105_792,
    "densenet-121": 5_716_881_152,
    "mobilenet-v2": 614_967_488,
    "shufflenet-v2-x1": 295_555_648,
}


def tool(name):
    """A counter that may not be installed; importing thop warns of distutils."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip(name)


def thop_count(spec):
    x = torch.zeros(spec.input_shape, device="meta")
    return tool("thop").profile(build_on_meta(spec), inputs=(x,), verbose=False)[0]


def fvcore_count(spec):
    analysis = tool("fvcore.nn").FlopCountAnalysis(
        spec.build().eval(), torch.zeros(spec.input_shape)
    )
    return analysis.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total()


def ptflops_count(spec, backend):
    """On the CPU: on the meta device torch's own decompositions would be counted, too."""
    count = tool("ptflops").get_model_complexity_info
    with torch.no_grad(), redirect_stdout(io.StringIO()):
        return count(
            spec.build(),
            spec.input_shape[1:],
            as_strings=False,
            print_per_layer_stat=False,
            backend=backend,
        )[0]


TOOLS = {
    "fvcore": fvcore_count,
    "thop": thop_count,
    "ptflops (pytorch)": lambda spec: ptflops_count(spec, "pytorch"),
    "ptflops (aten)": lambda spec: ptflops_count(spec, "aten"),
}


def assert_as_the_tools_count(spec):
    report = cnnviz.analyze(spec)
    for name, count in TOOLS.items():
        assert reading(BY_NAME[name], report).number == count(spec), name


@pytest.mark.parametrize("name", few(SMALL, {"lenet-5", "resnet-20"}))
def test_rules_are_those_of_the_tools(name):
    assert_as_the_tools_count(cnnviz.spec(name))


@pytest.mark.sweep
def test_rules_are_those_of_the_tools_on_every_preset(every_preset):
    assert_as_the_tools_count(every_preset.spec)


@pytest.mark.sweep
@pytest.mark.parametrize("family", FAMILIES)
def test_rules_are_those_of_the_tools_at_both_ends_of_every_knob(family):
    """Other activations, poolings and normalisations are among them."""
    spec, seen = cnnviz.spec(family), set()
    for knob in spec.knobs():
        for value in knob.choices or knob.extremes:
            end = turned(smallest_image(spec), knob, value)
            layers = cnnviz.analyze(end).layers if end else ()
            ops = frozenset((x.operation, x.attributes) for x in layers)
            if end and ops not in seen:
                seen.add(ops)
                assert_as_the_tools_count(end)


@pytest.mark.parametrize("name", CALFLOPS)
def test_calflops(name):
    assert reading(BY_NAME["calflops"], cnnviz.analyze(cnnviz.spec(name))).number == CALFLOPS[name]


@pytest.mark.parametrize(
    ("spec", "published"),
    [
        (
            cnnviz.spec("resnet-50", stride_on="3x3"),
            (8.178, 4.089, 4.112, 4.134, 4.132, 4.089, 8.211),
        ),
        (cnnviz.spec("densenet-121"), (5.668, 2.834, 2.866, 2.897, 2.900, 2.834, 5.717)),
        (cnnviz.spec("mobilenet-v2"), (0.602, 0.301, 0.314, 0.327, 0.320, 0.301, 0.615)),
    ],
    ids=["resnet-50", "densenet-121", "mobilenet-v2"],
)
def test_one_model_and_its_many_flops(spec, published):
    """Measured side by side on torchvision's models, whose last pooling thop does not see."""
    report = cnnviz.analyze(spec)
    for found, number in zip(read_counters(spec), published, strict=True):
        unseen = found.causes["pooling"] if "thop" in found.counter.name else 0
        assert (found.number - unseen) / 1e9 == pytest.approx(number, abs=0.0006)
        assert found.macs == found.counter.per_mac * report.macs
        assert found.unexplained == 0


def test_what_is_run_agrees_but_for_what_is_explained(preset):
    report = cnnviz.analyze(preset.spec)
    measured = measure(preset.spec)
    assert measured.params == report.params
    assert f"{measured.params:,}" in measured.text
    readings = {found.counter.name: found for found in read_counters(preset.spec)}
    assert readings[TORCH.name].number == measured.flops == report.flops
    assert readings[TORCHINFO.name].number == measured.mult_adds
    for found in readings.values():
        assert found.unexplained == 0
        assert found.number == found.macs + sum(found.causes.values())


def test_the_causes_are_the_right_ones():
    """GoogLeNet: one bias an output value; its batch norm: two numbers a channel in torchinfo."""
    report = cnnviz.analyze(cnnviz.spec("googlenet"))
    convolutions = [x for x in report.layers if x.kind == "convolution"]
    values = sum(x.output_shape[1] * x.output_shape[2] * x.output_shape[3] for x in convolutions)
    biased = reading(TORCHINFO, report)
    assert biased.causes == {
        "bias": values + 1000,
        "normalisation": 0,
        "activation": 0,
        "pooling": 0,
        "other": 0,
    }
    spec = cnnviz.spec("googlenet-torchvision")
    norms = [x for x in spec.build().modules() if isinstance(x, nn.BatchNorm2d)]
    normed = reading(TORCHINFO, cnnviz.analyze(spec))
    assert normed.causes["normalisation"] == sum(2 * x.num_features for x in norms)
    assert normed.causes["bias"] == 1000


def test_what_is_not_explained_is_said(monkeypatch):
    """A counter that counted something else would not be explained away."""
    real = torchinfo.summary

    def wrong(*args, **kwargs):
        seen = real(*args, **kwargs)
        seen.total_mult_adds += 7
        return seen

    monkeypatch.setattr(counters.torchinfo, "summary", wrong)
    monkeypatch.setattr(counters, "measure", measure.__wrapped__)
    unexplained = [found.unexplained for found in read_counters(cnnviz.spec("lenet-d2l"))]
    assert unexplained == [0, 7, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("name", ["lenet-5", "densenet-40-k12"])
def test_the_module_is_the_one_that_is_built(name):
    spec = cnnviz.spec(name)
    plain = torchinfo.summary(spec.build(), input_size=spec.input_shape, verbose=0)
    assert plain.total_mult_adds == measure(spec).mult_adds


def test_hooks_do_not_see_a_function_that_a_module_of_ones_own_calls():
    """LeNet-5's trainable pooling calls avg_pool2d: thop misses it, ptflops counts it once."""
    report = cnnviz.analyze(cnnviz.spec("lenet-5"))
    pools = [x for x in report.layers if x.operation == "avg_pool2d"]
    assert len(pools) == 2
    read = sum(x.input_shape[1] * x.input_shape[2] * x.input_shape[3] for x in pools)
    assert reading(BY_NAME["thop"], report).causes["pooling"] == 0
    assert reading(BY_NAME["ptflops (pytorch)"], report).causes["pooling"] == read == 6304

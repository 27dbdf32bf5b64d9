"""Times of ops, on a clock that moves for operators of torch and for nothing else."""

from types import SimpleNamespace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

import cnnviz
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.real_run import LiveError
from cnnviz.analysis.timing import measure, stopwatch
from cnnviz.analysis.timing.calls import Calls, owners, watched
from cnnviz.analysis.timing.measure import time_backward, time_forward
from cnnviz.analysis.timing.setting import PRECISIONS, Setting, admit_timing, precisions
from cnnviz.analysis.timing.stopwatch import lined_up, span
from cnnviz.machine import NoDeviceError
from cnnviz.text import ExplainedError

MILLISECOND = 1_000_000
TAKES = {  # operators, each with the milliseconds that it shall take
    # forward without gradients
    "conv2d": 50,
    "linear": 7,
    "batch_norm": 5,
    "relu": 1,
    "relu_": 1,
    # backward
    "convolution_backward": 110,
    "mm": 13,
    "threshold_backward": 2,
    "native_batch_norm_backward": 9,
}


class Operators(TorchDispatchMode):
    """Moves a clock at each operator."""

    now = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = function.overloadpacket.__name__
        self.now += MILLISECOND * TAKES.get(name.removeprefix("_"), 0)
        return function(*args, **(kwargs or {}))


@pytest.fixture
def clock(monkeypatch):
    """The clock, by which one pass is timed."""
    operators = Operators()
    monkeypatch.setattr(stopwatch, "time", SimpleNamespace(perf_counter_ns=lambda: operators.now))
    monkeypatch.setattr(measure, "overhead", lambda in_python: 0.0)
    monkeypatch.setattr(measure, "hook_overhead", lambda: 0.0)
    with operators:
        yield operators


def by_kind(report, found):
    """Of each kind of op with a time, the times of its ops."""
    times = {}
    for layer, row in zip(report.layers, found.rows, strict=True):
        if row.median:
            times.setdefault(layer.operation, set()).add(row.median)
    return times


def test_each_op_has_the_time_of_its_operators(clock):
    spec = cnnviz.spec("resnet-20")
    report, found = cnnviz.analyze(spec), time_forward(spec, Setting(), seconds=0, least=1)
    assert by_kind(report, found) == {
        "conv2d": {50.0},
        "linear": {7.0},
        "relu": {1.0},
        "batch_norm": {5.0},
    }
    # 19 convolutions, each with a batch norm, and an activation behind all of them
    assert found.total == 19 * 50 + 19 * 5 + 19 * 1 + 7
    assert found.whole == (found.total,) * 3
    assert (found.kernels, found.overhead, found.repeats) == ((), 0.0, 1)


def test_each_op_has_the_time_of_its_gradients(clock):
    spec = cnnviz.spec("resnet-20")
    report, found = cnnviz.analyze(spec), time_backward(spec, Setting(), seconds=0, least=1)
    assert by_kind(report, found) == {
        "conv2d": {110.0},
        "linear": {26.0},  # a product for its input and one for its weights
        "relu": {2.0},
        "batch_norm": {9.0},
    }
    assert found.total == found.whole.median


def test_what_the_stopwatch_takes_is_in_no_time(monkeypatch, clock):
    spec = cnnviz.spec("lenet-5")
    plain = time_forward(spec, Setting(), seconds=0, least=1)
    monkeypatch.setattr(measure, "overhead", lambda in_python: 3.0)
    less = time_forward(spec, Setting(), seconds=0, least=1)
    assert less.overhead >= 3.0 * len(less.rows)
    assert less.total < plain.total
    assert less.whole == plain.whole


def test_a_single_value_a_channel_is_no_obstacle(clock):
    spec = cnnviz.spec("resnet-18", image_size=32)
    report, found = cnnviz.analyze(spec), time_backward(spec, Setting(), seconds=0, least=1)
    norms = {
        row.median
        for layer, row in zip(report.layers, found.rows, strict=True)
        if layer.operation == "batch_norm"
    }
    assert report.layers[-4].output_shape[2:] == (1, 1)
    assert norms == {9.0}


def test_only_the_fastest_quarter_of_the_repeats_counts():
    slow = [[9.0, 9.0]] * 6
    found = measure._pass([*slow, [1.0, 2.0], [1.0, 4.0]], [], [3, 50, 40, 5, *[60] * 4], 0)
    assert [row.median for row in found.rows] == [1.0, 3.0]
    assert found.whole.median == 4.0
    assert found.repeats == 8


def rows(name):
    module = build_on_meta(cnnviz.spec(name)).eval()
    calls = Calls(owners(module))
    x = torch.zeros(cnnviz.spec(name).input_shape, device="meta")
    with torch.no_grad(), watched(module, x, calls):
        module(x)
    return [function for _, function in calls.places()]


@pytest.mark.parametrize(
    "name",
    [
        *("lenet-5", "googlenet-d2l", "se-resnet-50", "shufflenet-v1-g3", "mobilenet-v2"),
        *(pytest.param(name, marks=pytest.mark.sweep) for name in cnnviz.presets()),
    ],
)
def test_rows_are_those_of_the_report(name):
    layers = cnnviz.analyze(cnnviz.spec(name)).layers
    assert rows(name) == [layer.operation for layer in layers if layer.kind != "unused"]


def test_ops_wait_for_their_launch_and_for_one_another():
    # by hand: launched after 1, 2, 3 and 10 ms, through after 1.5, 5, 5.5 and 10.5 ms
    assert lined_up([1, 1, 1, 7], [0.5, 3, 0.5, 0.5]) == [1.5, 3.5, 0.5, 5.0]


def test_a_span_is_median_and_quartiles():
    assert span([4.0]) == (4.0, 4.0, 4.0)
    assert span([5.0, 1.0, 3.0, 2.0, 4.0]) == (3.0, 2.0, 4.0)


def test_what_cannot_be_timed_gets_a_sentence():
    report = cnnviz.analyze(cnnviz.spec("vgg-d"))
    with pytest.raises(NoDeviceError, match="no device 'cuda:7'"):
        admit_timing(report, Setting("cuda:7"))
    with pytest.raises(LiveError, match=r"GB are free.*take fewer images at once"):
        admit_timing(report, Setting(batch=1_000_000), backward=True)
    with pytest.raises(ExplainedError, match="MACs are more"):
        admit_timing(report, Setting(batch=4), passes=5)
    admit_timing(report, Setting(batch=4))


def test_a_cpu_has_single_precision():
    assert precisions("cpu")[0] == "fp32"
    assert precisions("cuda:0") == list(PRECISIONS)


TEN = (
    *("lenet-d2l", "alexnet-torchvision", "vgg-a", "googlenet", "resnet-18"),
    *("resnet-50", "densenet-121", "mobilenet-v2", "shufflenet-v2-x1", "xception"),
)


@pytest.mark.load
@pytest.mark.parametrize("name", TEN)
def test_ops_sum_to_the_whole_pass(name):
    found = time_forward(cnnviz.spec(name), Setting(), seconds=4)
    assert found.total == pytest.approx(found.whole.median, rel=0.15)

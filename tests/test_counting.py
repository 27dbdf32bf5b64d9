"""Our own ways to count: against counts by hand and by loops, and none that hides an op."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import cnnviz
from cnnviz.analysis.counting.conventions import (
    CONVENTIONS,
    node_operations,
    operations,
    total_operations,
)
from cnnviz.analysis.graph import find, fold, open_to_depth


def test_macs_and_flops_are_the_reports(preset):
    report = cnnviz.analyze(preset.spec)
    assert total_operations(report.layers, "macs") == report.macs
    assert total_operations(report.layers, "flops") == report.flops
    assert total_operations(report.layers, "all") > report.flops
    for depth in (1, 2, 99):
        nodes = fold(report, open_to_depth(report, depth)).nodes
        for counting in CONVENTIONS:
            parts = [node_operations(report, node, counting) for node in nodes]
            assert sum(parts) == total_operations(report.layers, counting)


def test_every_operation_of_lenet_by_hand():
    """d2l's LeNet: convolutions with bias, sigmoid, average pooling, three linear layers."""
    report = cnnviz.analyze(cnnviz.spec("lenet-d2l"))
    by_hand = {
        "C1.conv": 2 * 28 * 28 * 6 * 25 + 28 * 28 * 6,
        "C1.activation": 6 * 28 * 28,
        "S2": 4 * 6 * 14 * 14,
        "C3.conv": 2 * 10 * 10 * 16 * 25 * 6 + 10 * 10 * 16,
        "C3.activation": 16 * 10 * 10,
        "S4": 4 * 16 * 5 * 5,
        "flatten": 0,
        "C5.linear": 2 * 400 * 120 + 120,
        "C5.activation": 120,
        "F6.linear": 2 * 120 * 84 + 84,
        "F6.activation": 84,
        "output": 2 * 84 * 10 + 10,
    }
    assert {x.name: operations(x, "all") for x in report.layers} == by_hand


def module_of(function):
    class Module(nn.Module):
        forward = staticmethod(function)

    return Module()


@pytest.mark.parametrize(
    ("function", "count"),
    [
        (lambda x: F.batch_norm(x, torch.zeros(8), torch.ones(8)), 2 * 8 * 42),
        (lambda x: F.local_response_norm(x, 5), 9 * 8 * 42),
        (lambda x: F.group_norm(x, 2), 7 * 8 * 42),
        (F.relu, 8 * 42),
        (lambda x: F.max_pool2d(x, 3, 2, ceil_mode=True), 9 * 8 * 3 * 3),
        (lambda x: F.adaptive_avg_pool2d(x, 1), 8 * 42),
        (lambda x: x + x, 8 * 42),
        (lambda x: x.sum(dim=1), 8 * 42),
        (lambda x: torch.cat([x, x], 1), 0),
        (lambda x: x.flatten(1), 0),
        (lambda x: F.dropout(x, training=False), 0),
        (lambda x: torch.cumsum(x, 1), 8 * 42),
        (F.normalize, None),
    ],
)
def test_one_op(function, count):
    """On two images of 8×6×7; the count is of one."""
    report = cnnviz.analyze(module_of(function), (2, 8, 6, 7))
    layer = report.layers[-1]
    assert operations(layer, "all") == count
    assert node_operations(report, find(report, layer.name), "all") == count


@pytest.mark.parametrize(("size", "out"), [((6, 7), (1, 1)), ((6, 7), (4, 5)), ((5, 5), (5, 2))])
def test_adaptive_pooling_reads_what_its_windows_read(size, out):
    """The number of values behind each output, from the gradient of one output at a time."""
    x = torch.zeros(1, 3, *size, requires_grad=True)
    y = F.adaptive_avg_pool2d(x, out)
    read = 0
    for value in y.flatten():
        (gradient,) = torch.autograd.grad(value, x, retain_graph=True)
        read += int((gradient != 0).sum())
    report = cnnviz.analyze(nn.AdaptiveAvgPool2d(out), (1, 3, *size))
    assert operations(report.layers[0], "all") == read

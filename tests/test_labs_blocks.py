"""The labs of blocks (Inception, dense, stacks, attention) and of LeNet: modules and papers."""

import re

import numpy as np
import pytest
import torch
from labs_driver import count, tensor, told
from torch import nn
from torch.nn import functional as F

import cnnviz
from cnnviz.labs.channel_attention.gate import gate
from cnnviz.labs.dense.growth import read_by, weights
from cnnviz.labs.inception.blocks import naive, paths
from cnnviz.labs.lenet.codes import codes
from cnnviz.labs.lenet.tables import distances, layers, noisy
from cnnviz.labs.stacks.counts import fields, nin_block, shuffled
from cnnviz.zoo import PRESETS
from cnnviz.zoo.lenet import CONNECTIONS_C3

# inception, dense, stacks, channel attention


def test_googlenets_block_3a():
    """163,696 with biases, counted on layers of torch and on the network of the zoo."""
    split = (64, 96, 128, 16, 32, 32)
    ours = [conv.params for path in paths(192, split) for conv in path]
    sizes = [(192, 64, 1), (192, 96, 1), (96, 128, 3), (192, 16, 1), (16, 32, 5), (192, 32, 1)]
    assert ours == [count(nn.Conv2d(*size)) for size in sizes]
    report = cnnviz.analyze(PRESETS["googlenet"].spec)
    built = [layer for layer in report.layers if layer.name.startswith("inception_3a.")]
    assert sum(ours) == sum(layer.params for layer in built) == 163_696
    macs = sum(conv.macs(28) for path in paths(192, split) for conv in path)
    assert macs == sum(layer.macs for layer in built)
    assert "163,696" in told("inception")


def test_the_naive_block_is_that_of_the_zoo():
    spec = PRESETS["googlenet"].spec.turn(module="naive")
    layers_ = [x for x in cnnviz.analyze(spec).layers if x.name.startswith("inception_3a.")]
    ours = naive(192, (64, 96, 128, 16, 32, 32))
    assert sum(conv.params for conv in ours) == sum(layer.params for layer in layers_)
    assert layers_[-1].output_shape[1] == 64 + 128 + 32 + 192
    assert "| 416 |" in told("inception")


def test_factorised_kernels():
    text = told("inception", kernel=7)
    assert "49·64² = 200,704" in text
    assert "27·64² = 110,592" in text
    assert "14·64² = 57,344" in text


def test_the_dense_block_of_the_course():
    """3 + 2·10 = 23 channels; its 1×1 leaves 10, where θ = 0.5 would leave 11."""
    assert [read_by(3, 10, layer) for layer in (1, 2, 3)] == [3, 13, 23]
    assert "3 + 2·10 = 23 channels" in told("dense")
    assert "⌊0.5·23⌋ = 11" in told("dense")
    assert "5·6/2 = 15" in told("dense", layers=5)
    convs = [nn.Conv2d(read_by(64, 32, at), 32, 3, bias=False) for at in range(1, 7)]
    assert weights(64, 32, 6) == count(*convs)


def test_dense_channels_are_those_of_densenet_121():
    report = cnnviz.analyze(PRESETS["densenet-121"].spec)
    reads = [
        layer.input_shapes[0][1]
        for layer in report.layers
        if re.fullmatch(r"block1\.layer\d+\.norm1", layer.name)
    ]
    assert reads == [read_by(64, 32, layer) for layer in range(1, 7)]


def test_three_small_kernels_against_one_of_7():
    assert fields(3) == [1, 3, 5, 7]
    assert "27/49 = 55.1 %" in told("stacks")
    stack = nn.Sequential(*(nn.Conv2d(1, 1, 3, bias=False) for _ in range(3))).double()
    x = torch.zeros(1, 1, 7, 7, dtype=torch.float64, requires_grad=True)
    for conv in stack:
        conv.weight.data.fill_(1)
    (seen,) = torch.autograd.grad(stack(x).sum(), x)
    assert bool((seen != 0).all())
    assert stack(x).shape[-1] == 1


def test_nin_block_and_separable_convolution():
    convs = [nn.Conv2d(96, 256, 5), nn.Conv2d(256, 256, 1), nn.Conv2d(256, 256, 1)]
    assert nin_block(96, 256, 5) == tuple(count(conv) for conv in convs)
    depthwise, point = (
        nn.Conv2d(32, 32, 3, groups=32, bias=False),
        nn.Conv2d(32, 64, 1, bias=False),
    )
    assert f"together {count(depthwise, point):,}" in told("stacks")


@pytest.mark.parametrize(("total", "groups"), [(6, 3), (6, 2), (12, 4), (5, 1), (8, 8)])
def test_the_shuffle_is_that_of_torch(total, groups):
    x = torch.arange(float(total)).view(1, total, 1, 1)
    assert shuffled(total, groups) == nn.ChannelShuffle(groups)(x).ravel().tolist()


def test_the_gate_is_that_of_the_zoo():
    """Squeeze and excitation of the paper, as layers of torch on the same maps."""
    generator = np.random.default_rng(0)
    x, first, second = (generator.normal(size=size) for size in ((4, 5, 6), (2, 4), (4, 2)))
    z = F.adaptive_avg_pool2d(tensor(x)[None], 1)[0, :, 0, 0]
    theirs = torch.sigmoid(tensor(second) @ torch.relu(tensor(first) @ z))
    np.testing.assert_allclose(gate(x, first, second)[2], theirs)


# LeNet


def test_lenets_counts_are_those_of_the_paper():
    """60,000 parameters and 340,908 connections."""
    assert sum(row[2] for row in layers()) == 60_000
    assert sum(row[4] for row in layers()) == 340_908
    assert sum(map(len, CONNECTIONS_C3)) == 60
    assert "456 + 909 + 151 = 1,516" in told("lenet")
    spec = PRESETS["lenet-5"].spec
    report = cnnviz.analyze(spec)
    for name, params in ((row[0], row[2]) for row in layers()[:-1]):
        built = sum(x.params for x in report.layers if x.name.split(".")[0] == name)
        assert built == params, name


def test_codes_are_84_pixels_and_all_differ():
    every = codes()
    assert every.shape == (10, 12, 7)
    assert set(np.unique(every)) == {-1.0, 1.0}
    for digit in range(10):
        found = distances(every[digit])
        assert found[digit] == 0
        assert sorted(found)[1] >= 4
    assert distances(noisy(7, 84))[7] == 84 * 4


def test_a_flipped_code_is_as_far_as_it_has_flips():
    for flips in (0, 1, 10, 84):
        assert distances(noisy(3, flips))[3] == 4 * flips

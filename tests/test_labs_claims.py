"""Claims of the course that labs do with numbers: dense 1×1, mixed scales, pooling, reuse."""

import itertools
from collections import Counter

import numpy as np
import pytest
import torch
from labs_driver import tensor, told
from torch import nn
from torch.nn import functional as F

import cnnviz
from cnnviz.labs import LABS
from cnnviz.labs.inception.views import change, nudge, nudged, pooled, shares, ways
from cnnviz.labs.parts import Said, Table
from cnnviz.labs.pictures import drawn
from cnnviz.labs.stacks.counts import numbers_moved
from cnnviz.zoo import PRESETS


def test_a_1x1_of_nin_computes_less_with_a_number_than_its_5x5():
    """Held against the second block of the network in the zoo."""
    layers = {layer.name: layer for layer in cnnviz.analyze(PRESETS["nin-d2l"].spec).layers}
    text = told("stacks")
    for name, kernel, inputs in (("conv", 5, 96), ("pointwise1", 1, 256)):
        layer = layers[f"block2.{name}"]
        moved = numbers_moved(inputs, 256, layer.params, 26)
        assert moved == np.prod(layer.input_shape) + np.prod(layer.output_shape) + layer.params
        macs, numbers = f"{layer.macs / 1e6:.3g} M", f"{moved / 1e3:.0f} k"
        row = f"{kernel}×{kernel} | {layer.params:,} | {macs} | {numbers}"
        assert f"{row} | {layer.macs / moved:.1f}" in text


@pytest.mark.parametrize("blocks", [1, 2, 4])
def test_the_ways_through_blocks_are_those_that_can_be_listed(blocks):
    split = (64, 96, 128, 16, 32, 32)
    paths = {0: (1, 64), 1: (3, 128), 2: (5, 32), 3: (3, 32)}
    counted, weighed = Counter(), Counter()
    for way in itertools.product(paths, repeat=blocks):
        side = 1 + sum(paths[path][0] - 1 for path in way)
        counted[side] += 1
        weighed[side] += np.prod([paths[path][1] / 256 for path in way])
    sides = sorted(counted)
    assert ways(blocks) == [counted[side] for side in sides]
    assert shares(split, blocks) == pytest.approx([weighed[side] for side in sides])


def test_two_blocks_see_as_far_as_the_widest_way():
    """By the support of the gradient through two blocks of GoogLeNet."""
    model = PRESETS["googlenet"].spec.build().double().eval()
    for weight in model.parameters():
        nn.init.constant_(weight, 0.01)
    maps = torch.ones(1, 192, 15, 15, dtype=torch.float64, requires_grad=True)
    model.inception_3b(model.inception_3a(maps))[0, :, 7, 7].sum().backward()
    seen = maps.grad.abs().sum((0, 1)) > 0
    assert int(seen.any(0).sum()) == 2 * len(ways(2)) - 1 == 9


@pytest.mark.parametrize(("right", "noise"), [(1, 0.0), (3, 0.0), (0, 0.3), (2, 0.1)])
def test_the_pooling_paths_change_is_that_of_torch(right, noise):
    before, after = nudged(drawn(2), right, noise)
    theirs = [F.max_pool2d(tensor(one)[None], 3, 1, 1)[0] for one in (before, after)]
    for ours, expected in zip((pooled(before), pooled(after)), theirs, strict=True):
        np.testing.assert_allclose(ours, expected)
    expected = (theirs[1] - theirs[0]).norm() / theirs[0].norm()
    shown = nudge(LABS["inception"].settings().turn(right=right, noise=noise))
    table = next(part for part in shown if isinstance(part, Table))
    assert table.rows[-1][1] == f"{100 * expected.item():.0f} %"
    verdict = next(part for part in shown if isinstance(part, Said)).text.en
    assert ("forgives" in verdict) is (expected.item() < change(before, after))


@pytest.mark.parametrize("side", [3, 5])
def test_random_kernels_change_on_average_as_their_input(side):
    before, after = nudged(drawn(2), 1, 0.0)
    kernels = torch.randn(3000, 1, side, side, dtype=torch.float64, generator=seeded())
    maps = [F.conv2d(tensor(one)[None, None], kernels, padding=2) for one in (before, after)]
    found = ((maps[1] - maps[0]).square().sum() / maps[0].square().sum()).sqrt()
    assert found.item() == pytest.approx(change(before, after), rel=0.05)


def seeded():
    return torch.Generator().manual_seed(0)


def test_maps_of_a_dense_block_are_read_as_often_as_the_zoos():
    """Layer 2 of DenseNet-121's first block: by four layers and the transition."""
    assert "2 | 64 + 1·32 = 96 | 3·3·96·32 = 27,648 | 4 layers + the output: 5" in told(
        "dense", start=64, growth=32, layers=6
    )
    reads = [
        layer.input_shape[1]
        for layer in cnnviz.analyze(PRESETS["densenet-121"].spec).layers
        if layer.name.startswith("block1.layer") and layer.name.endswith("norm1")
    ]
    after = sum(channels >= 64 + 2 * 32 for channels in reads)  # those that have its maps
    assert after + 1 == 5


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_the_ways_through_a_dense_block_can_be_listed(layers):
    chosen = sum(1 for r in range(layers + 1) for _ in itertools.combinations(range(layers), r))
    assert f"2^{layers} = {chosen}" in told("dense", layers=layers)

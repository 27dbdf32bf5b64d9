"""Sums about convolution, pooling and the first networks, by their numbers or built layers."""

import itertools
import math
from fractions import Fraction
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.analysis import analyze
from cnnviz.ledger.checks.parts import Number, conv, params
from cnnviz.zoo import FAMILIES, PRESETS
from cnnviz.zoo.lenet import RBF
from cnnviz.zoo.nin import NiNBlock
from cnnviz.zoo.vgg import VGGSpec


def last_of_a_true_convolution() -> Number:
    """Of 0 … 8 in three rows with [[0, 1], [2, 3]], flipped as mathematics has it."""
    image = torch.arange(9.0).view(1, 1, 3, 3)
    kernel = torch.arange(4.0).view(1, 1, 2, 2)
    return int(F.conv2d(image, kernel.flip(2, 3)).flatten()[-1])


def first_convolution() -> Number:
    """Ten 3×3 filters on three channels."""
    return params(conv(3, 10, 3))


def padding_of_a_3x3() -> Number:
    """Rows on each side with which a 3×3 keeps the size."""
    with torch.device("meta"):
        image = torch.empty(1, 1, 8, 8)
        sides = range(3)
        kept = (side for side in sides if conv(1, 1, 3, padding=side)(image).shape == image.shape)
        return next(kept)


def height_after_a_padded_5x5() -> Number:
    """Of a map of 28 rows, with two rows of zeros on each side."""
    with torch.device("meta"):
        return int(conv(1, 1, 5, padding=2)(torch.empty(1, 1, 28, 28)).shape[2])


def rows_without_a_floor() -> Number:
    """(n − k + 2p + s) / s of 240 rows, a 5×5, padding 2 and stride 3."""
    return Fraction(240 - 5 + 2 * 2 + 3, 3)


def corner_of_a_padded_max_pooling() -> Number:
    """Of a map that is −1 everywhere."""
    return int(F.max_pool2d(-torch.ones(1, 1, 4, 4), kernel_size=3, padding=1).flatten()[0])


def channels_that_a_1x1_mixes() -> Number:
    """Input channels that one output of a 1×1 convolution of three channels reads."""
    return conv(3, 1, 1).weight.shape[1]


def pixels_that_a_1x1_sees() -> Number:
    """Of a map of 28×28, by the support of the gradient of one output."""
    image = torch.zeros(1, 1, 28, 28, requires_grad=True)
    F.conv2d(image, torch.ones(1, 1, 1, 1))[0, 0, 14, 14].backward()
    return int(cast(Tensor, image.grad).count_nonzero())


def pooled_map_of_ones() -> Number:
    """What global average pooling makes of a map of 7×7 ones."""
    return int(nn.AdaptiveAvgPool2d(1)(torch.ones(1, 1, 7, 7)))


def rbf_without_bias() -> Number:
    """The weights of the formula Σ(x − w)² for ten classes."""
    with torch.device("meta"):
        return RBF(84, 10).weight.numel()


def c5_as_a_convolution() -> Number:
    """Parameters of 120 filters of 5×5×16; 0 if a fully connected layer gives other results."""
    maps = torch.linspace(0, 1, 400).view(1, 16, 5, 5)
    weight, bias = torch.linspace(-1, 1, 400 * 120).view(120, 400), torch.linspace(0, 1, 120)
    convolved = F.conv2d(maps, weight.view(120, 16, 5, 5), bias).flatten()
    same = torch.allclose(convolved, F.linear(maps.flatten(), weight, bias), atol=1e-4)
    return params(conv(16, 120, 5)) if same else 0


def softmax_layers_of_lenet() -> Number:
    layers = analyze(PRESETS["lenet-d2l"].spec).layers
    return sum("softmax" in layer.operation for layer in layers)


def lead_of_alexnet() -> Number:
    """Top-5 error in percent: the runner-up of 2012 less AlexNet."""
    return Fraction("26.2") - Fraction("15.3")


def features_of_the_listed_alexnet() -> Number:
    """What the course's listing hands to its first fully connected layer: two convolutions only."""
    with torch.device("meta"):
        listed = nn.Sequential(
            conv(1, 96, 11, stride=4, padding=1),
            nn.MaxPool2d(3, stride=2),
            conv(96, 256, 5, padding=2),
            nn.MaxPool2d(3, stride=2),
            nn.Flatten(),
        )
        return int(listed(torch.empty(1, 1, 224, 224)).shape[1])


def three_small_for_a_large() -> Number:
    """Weights of three 3×3 convolutions beside one 7×7 of as many channels."""
    channels = 64
    small, large = (params(conv(channels, channels, side, bias=False)) for side in (3, 7))
    return Fraction(3 * small, large)


def configurations_of_vgg() -> Number:
    """The columns of the paper's table 1."""
    return sum("table 1" in preset.source for preset in FAMILIES["vgg"].presets)


def widths_of_vgg() -> Number:
    return len(set(_widths_of_vgg()))


def doublings_of_vgg() -> Number:
    """From one block to the next."""
    widths = _widths_of_vgg()
    return sum(after == 2 * before for before, after in itertools.pairwise(widths))


def _widths_of_vgg() -> tuple[int, ...]:
    return cast(VGGSpec, PRESETS["vgg-d"].spec).widths


def pooled_blocks_of_nin() -> Number:
    """Blocks of nin-d2l that a max pooling follows at once."""
    with torch.device("meta"):
        parts = list(PRESETS["nin-d2l"].spec.build().children())
    return sum(
        isinstance(block, NiNBlock) and isinstance(after, nn.MaxPool2d)
        for block, after in itertools.pairwise(parts)
    )


def density_of_a_1x1_beside_the_5x5() -> Number:
    """MACs for each number that is read, written or held as a parameter, in nin-d2l's block 2."""
    layers = {layer.name: layer for layer in analyze(PRESETS["nin-d2l"].spec).layers}
    found = []
    for name in ("block2.pointwise1", "block2.conv"):
        layer = layers[name]
        moved = math.prod(layer.input_shape) + math.prod(layer.output_shape) + layer.params
        found.append(Fraction(layer.macs or 0, moved))
    return found[0] / found[1]


def macs_of_a_tower_beside_no_towers() -> Number:
    """What each of AlexNet's two GPUs computes, beside the network in one piece."""
    spec = PRESETS["alexnet-2012"].spec
    towers, whole = analyze(spec).macs, analyze(spec.turn(towers=1)).macs
    return Fraction(towers, 2 * whole)

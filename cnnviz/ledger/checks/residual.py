"""Sums about ResNet and DenseNet, from their built layers or from their own numbers."""

from fractions import Fraction
from typing import cast

import torch
import torch.nn.functional as F
from torch import nn

from cnnviz.analysis import analyze
from cnnviz.ledger.checks.parts import Number, conv, on_meta, params
from cnnviz.zoo import PRESETS
from cnnviz.zoo.densenet import DenseBlock, Transition
from cnnviz.zoo.resnet import ResNetSpec

_OF_2015 = ("resnet-18", "resnet-34", "resnet-50", "resnet-101", "resnet-152")


def bottleneck() -> Number:
    return params(conv(256, 64, 1), conv(64, 64, 3), conv(64, 256, 1))


def two_wide_convolutions() -> Number:
    return params(conv(256, 256, 3), conv(256, 256, 3))


def bottleneck_saving() -> Number:
    return Fraction(two_wide_convolutions(), bottleneck())


def first_best_paper_after_resnet() -> Number:
    """The year of the first CVPR, held in June, after the paper: 1512.03385 is of December 2015."""
    year, month = 2000 + 15, 12
    return year + (month > 6)


def resnets_of_3_4_6_3() -> Number:
    """Of the five networks of the table."""
    specs = (cast(ResNetSpec, PRESETS[name].spec) for name in _OF_2015)
    return sum(spec.depths == (3, 4, 6, 3) for spec in specs)


def change_by_identity_layers() -> Number:
    """The largest change of an output where a copied net gets three layers that are the identity.

    They are 3×3 convolutions with ReLU whose kernels hand on what enters.
    """
    image = torch.linspace(-1, 1, 64).view(1, 1, 8, 8)
    learned = torch.linspace(-1, 1, 36).view(4, 1, 3, 3)
    identity = nn.init.dirac_(torch.empty(4, 4, 3, 3))
    shallow = F.relu(F.conv2d(image, learned, padding=1))
    deep = shallow
    for _ in range(3):
        deep = F.relu(F.conv2d(deep, identity, padding=1))
    return Fraction((deep - shallow).abs().max().item())


def maps_joined_in_resnet() -> Number:
    """Concatenations in ResNet-50, by which a layer would read earlier maps again."""
    layers = analyze(PRESETS["resnet-50"].spec).layers
    return sum(layer.operation == "cat" for layer in layers)


def maps_after_two_dense_layers() -> Number:
    """Of one channel each, joined with what goes in."""
    return _after_block(1, depth=2, growth_rate=1)


def channels_after_two_layers_of_10() -> Number:
    """Of a dense block of growth rate 10 that three channels enter."""
    return _after_block(3, depth=2, growth_rate=10)


def channels_after_a_transition() -> Number:
    """Of one that makes 10 of 23 channels; 0 if it does not halve the size."""
    with torch.device("meta"):
        maps = Transition(23, 10, bias=False)(torch.empty(1, 23, 8, 8))
    return int(maps.shape[1]) if maps.shape[2:] == (4, 4) else 0


def channels_added_by_a_block_of_d2l() -> Number:
    """What the first dense block of densenet-d2l adds to the maps that enter it."""
    layers = [x for x in analyze(PRESETS["densenet-d2l"].spec).layers if x.scope == "block1"]
    return layers[-1].output_shape[1] - layers[0].input_shape[1]


def _after_block(channels: int, *, depth: int, growth_rate: int) -> int:
    with torch.device("meta"):
        block = DenseBlock(
            channels, depth=depth, growth_rate=growth_rate, bottleneck_ratio=0, bias=False
        )
        return int(block(torch.empty(2, channels, 8, 8)).shape[1])


def arcs_of_a_dense_block() -> Number:
    """Maps that the four layers of a block of growth rate 4 read, and that what follows reads."""
    growth_rate = 4
    with torch.device("meta"):
        block = DenseBlock(
            growth_rate, depth=4, growth_rate=growth_rate, bottleneck_ratio=0, bias=False
        )
        output = block(torch.empty(1, growth_rate, 8, 8))
    read = [cast(nn.Conv2d, layer.get_submodule("conv2")).in_channels for layer in block]
    return sum(int(channels // growth_rate) for channels in (*read, output.shape[1]))


def transitions_of_densenet() -> Number:
    parts = on_meta("densenet-121").named_children()
    return sum(name.startswith("transition") for name, _ in parts)


def convolutions_after_batch_norm_and_relu() -> Number:
    """Of DenseNet-121's, in the order of execution."""
    operations = [
        layer.operation
        for layer in analyze(PRESETS["densenet-121"].spec).layers
        if layer.operation != "cat"  # layers of a block are only joined in between
    ]
    triples = zip(operations, operations[1:], operations[2:], strict=False)
    return sum(triple == ("batch_norm", "relu", "conv2d") for triple in triples)

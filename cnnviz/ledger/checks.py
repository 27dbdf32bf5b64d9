"""The course's sums done again, from built layers or from their own numbers."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.analysis import analyze
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.excerpt import single_convolution
from cnnviz.analysis.graph import Node, find
from cnnviz.zoo import FAMILIES, PRESETS
from cnnviz.zoo.densenet import DenseBlock
from cnnviz.zoo.lenet import RBF
from cnnviz.zoo.vgg import VGGSpec

Number = int | Fraction


def _params(*layers: nn.Module) -> int:
    return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


def _conv(channels: int, out: int, kernel: int, **settings: Any) -> nn.Conv2d:
    return nn.Conv2d(channels, out, kernel, device="meta", **settings)


def last_of_a_true_convolution() -> Number:
    """Of 0 … 8 in three rows with [[0, 1], [2, 3]], flipped as mathematics has it."""
    image = torch.arange(9.0).view(1, 1, 3, 3)
    kernel = torch.arange(4.0).view(1, 1, 2, 2)
    return int(F.conv2d(image, kernel.flip(2, 3)).flatten()[-1])


def first_convolution() -> Number:
    """Ten 3×3 filters on three channels."""
    return _params(_conv(3, 10, 3))


def rbf_without_bias() -> Number:
    """The weights of the formula Σ(x − w)² for ten classes."""
    with torch.device("meta"):
        return RBF(84, 10).weight.numel()


def lead_of_alexnet() -> Number:
    """Top-5 error in percent: the runner-up of 2012 less AlexNet."""
    return Fraction("26.2") - Fraction("15.3")


def three_small_for_a_large() -> Number:
    """Weights of three 3×3 convolutions beside one 7×7 of as many channels."""
    channels = 64
    small, large = (_params(_conv(channels, channels, side, bias=False)) for side in (3, 7))
    return Fraction(3 * small, large)


def inception_3a_params() -> Number:
    return _inception_3a().params


def inception_3a_macs() -> Number:
    return _macs_of(_inception_3a())


def one_3x3_params() -> Number:
    return single_convolution(_inception_3a(), 3, bias=True).params


def one_3x3_macs() -> Number:
    return single_convolution(_inception_3a(), 3, bias=True).macs


def one_5x5_params() -> Number:
    return single_convolution(_inception_3a(), 5, bias=True).params


def one_5x5_macs() -> Number:
    return single_convolution(_inception_3a(), 5, bias=True).macs


def _inception_3a() -> Node:
    return _of_googlenet("inception_3a")


def _macs_of(node: Node) -> int:
    assert node.macs is not None, f"{node.id} has an op that is not counted"
    return node.macs


def _of_googlenet(node_id: str) -> Node:
    found = find(analyze(PRESETS["googlenet"].spec), node_id)
    assert found is not None, f"googlenet has no {node_id}"
    return found


def dropout_before_the_classifier() -> Number:
    return Fraction(str(cast(nn.Dropout, _meta("googlenet").get_submodule("head.dropout")).p))


def conv3_of_3a_macs() -> Number:
    """The 3×3 convolution of the second branch."""
    return _macs_of(_of_googlenet("inception_3a.branch2.conv"))


def window_of_1x7_and_7x1() -> Number:
    """Rows that one output of the two convolutions sees, by the support of its gradient."""
    image = torch.zeros(1, 1, 15, 15, requires_grad=True)
    flat, tall = torch.ones(1, 1, 1, 7), torch.ones(1, 1, 7, 1)
    F.conv2d(F.conv2d(image, flat, padding=(0, 3)), tall, padding=(3, 0))[0, 0, 7, 7].backward()
    return int(cast(Tensor, image.grad).any(dim=3).sum())


def residual_additions_of_inception_v4() -> Number:
    layers = analyze(PRESETS["inception-v4"].spec).layers
    return sum(layer.operation == "add" for layer in layers)


def configurations_of_vgg() -> Number:
    """The columns of the paper's table 1."""
    return sum("table 1" in preset.source for preset in FAMILIES["vgg"].presets)


def widths_of_vgg() -> Number:
    return len(set(cast(VGGSpec, PRESETS["vgg-d"].spec).widths))


def transitions_of_densenet() -> Number:
    return sum(name.startswith("transition") for name, _ in _meta("densenet-121").named_children())


def padding_of_a_3x3() -> Number:
    """Rows on each side with which a 3×3 keeps the size."""
    with torch.device("meta"):
        image = torch.empty(1, 1, 8, 8)
        sides = range(3)
        kept = (side for side in sides if _conv(1, 1, 3, padding=side)(image).shape == image.shape)
        return next(kept)


def corner_of_a_padded_max_pooling() -> Number:
    """Of a map that is −1 everywhere."""
    return int(F.max_pool2d(-torch.ones(1, 1, 4, 4), kernel_size=3, padding=1).flatten()[0])


def softmax_layers_of_lenet() -> Number:
    layers = analyze(PRESETS["lenet-d2l"].spec).layers
    return sum("softmax" in layer.operation for layer in layers)


def channels_that_a_1x1_mixes() -> Number:
    """Input channels that one output of a 1×1 convolution of three channels reads."""
    return _conv(3, 1, 1).weight.shape[1]


def height_after_a_padded_5x5() -> Number:
    """Of a map of 28 rows, with two rows of zeros on each side."""
    with torch.device("meta"):
        return int(_conv(1, 1, 5, padding=2)(torch.empty(1, 1, 28, 28)).shape[2])


def four_after_batch_norm() -> Number:
    """Normalise 4 in a batch of 4 and −4: mean 0, variance 16."""
    return round(F.batch_norm(torch.tensor([[4.0], [-4.0]]), None, None, training=True)[0].item())


def steps_to_batch_norm() -> Number:
    """Number of the step (mean, variance, normalising, scale and shift) that gives the result."""
    x, scale, shift = torch.arange(6.0).square().view(3, 2), torch.full((2,), 3.0), torch.ones(2)
    mean, variance = x.mean(0), x.var(0, correction=0)
    normalised = (x - mean) / variance.sqrt()
    steps = (mean, variance, normalised, scale * normalised + shift)
    expected = F.batch_norm(x, None, None, scale, shift, training=True)
    return [torch.allclose(step, expected, rtol=1e-4) for step in steps].index(True) + 1


def dimensions_of_the_variance() -> Number:
    """Axes of the variance whose root divides the centred maps into batch norm's output."""
    maps = torch.arange(16.0).square().view(2, 2, 2, 2)
    expected = F.batch_norm(maps, None, None, training=True)
    centred = maps - maps.mean((0, 2, 3), keepdim=True)
    variances = [maps.var((0, 2, 3), correction=0, keepdim=kept) for kept in (False, True)]
    return next(
        one.dim() for one in variances if torch.allclose(centred / one.sqrt(), expected, rtol=1e-4)
    )


def layers_that_fail_at_batch_1() -> Number:
    """Of LeNet's batch norms, those that cannot be trained on one image."""
    failing = 0
    for layer in analyze(PRESETS["lenet-bn-d2l"].spec).layers:
        if layer.operation == "batch_norm":
            try:
                F.batch_norm(torch.ones(layer.input_shape), None, None, training=True)
            except ValueError:
                failing += 1
    return failing


def _meta(preset: str) -> nn.Module:
    return build_on_meta(PRESETS[preset].spec)


def separable_stem_params() -> Number:
    return analyze(_separable_stem(), PRESETS["googlenet"].spec.input_shape).params


def separable_stem_macs() -> Number:
    return analyze(_separable_stem(), PRESETS["googlenet"].spec.input_shape).macs


def _separable_stem() -> nn.Module:
    """Eight maps of each input channel by a 7×7, then 1×1: (N, 3, H, W) -> (N, 64, H/2, W/2)."""
    return nn.Sequential(_conv(3, 24, 7, stride=2, padding=3, groups=3), _conv(24, 64, 1))


def bottleneck() -> Number:
    return _params(_conv(256, 64, 1), _conv(64, 64, 3), _conv(64, 256, 1))


def two_wide_convolutions() -> Number:
    return _params(_conv(256, 256, 3), _conv(256, 256, 3))


def bottleneck_saving() -> Number:
    return Fraction(two_wide_convolutions(), bottleneck())


def first_best_paper_after_resnet() -> Number:
    """The year of the first CVPR, held in June, after the paper: 1512.03385 is of December 2015."""
    year, month = 2000 + 15, 12
    return year + (month > 6)


def maps_after_two_dense_layers() -> Number:
    """Of one channel each, joined with what goes in."""
    with torch.device("meta"):
        block = DenseBlock(1, depth=2, growth_rate=1, bottleneck_ratio=1, bias=False)
        return int(block(torch.empty(2, 1, 8, 8)).shape[1])


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


COMPUTE: dict[str, Callable[[], Number]] = {
    function.__name__: function
    for function in (
        height_after_a_padded_5x5,
        four_after_batch_norm,
        steps_to_batch_norm,
        dimensions_of_the_variance,
        layers_that_fail_at_batch_1,
        first_best_paper_after_resnet,
        maps_after_two_dense_layers,
        last_of_a_true_convolution,
        first_convolution,
        rbf_without_bias,
        lead_of_alexnet,
        three_small_for_a_large,
        inception_3a_params,
        inception_3a_macs,
        one_3x3_params,
        one_3x3_macs,
        one_5x5_params,
        one_5x5_macs,
        dropout_before_the_classifier,
        conv3_of_3a_macs,
        window_of_1x7_and_7x1,
        residual_additions_of_inception_v4,
        configurations_of_vgg,
        widths_of_vgg,
        transitions_of_densenet,
        padding_of_a_3x3,
        corner_of_a_padded_max_pooling,
        softmax_layers_of_lenet,
        channels_that_a_1x1_mixes,
        separable_stem_params,
        separable_stem_macs,
        bottleneck,
        two_wide_convolutions,
        bottleneck_saving,
        arcs_of_a_dense_block,
    )
}

"""Sums about GoogLeNet and the Inceptions after it, from their built layers."""

from fractions import Fraction
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.analysis import analyze
from cnnviz.analysis.excerpt import single_convolution
from cnnviz.analysis.graph import Node, find
from cnnviz.ledger.checks.parts import Number, conv, on_meta
from cnnviz.zoo import PRESETS


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


def activations_of_3a() -> Number:
    """ReLUs in one Inception block."""
    layers = analyze(PRESETS["googlenet"].spec).layers
    return sum(x.operation == "relu" and x.scope.startswith("inception_3a.") for x in layers)


def conv3_of_3a_macs() -> Number:
    """The 3×3 convolution of the second branch."""
    return _macs_of(_of_googlenet("inception_3a.branch2.conv"))


def _inception_3a() -> Node:
    return _of_googlenet("inception_3a")


def _macs_of(node: Node) -> int:
    assert node.macs is not None, f"{node.id} has an op that is not counted"
    return node.macs


def _of_googlenet(node_id: str) -> Node:
    found = find(analyze(PRESETS["googlenet"].spec), node_id)
    assert found is not None, f"googlenet has no {node_id}"
    return found


def separable_stem_params() -> Number:
    return analyze(_separable_stem(), PRESETS["googlenet"].spec.input_shape).params


def separable_stem_macs() -> Number:
    return analyze(_separable_stem(), PRESETS["googlenet"].spec.input_shape).macs


def _separable_stem() -> nn.Module:
    """Eight maps of each input channel by a 7×7, then 1×1: (N, 3, H, W) -> (N, 64, H/2, W/2)."""
    return nn.Sequential(conv(3, 24, 7, stride=2, padding=3, groups=3), conv(24, 64, 1))


def dropout_before_the_classifier() -> Number:
    return Fraction(str(cast(nn.Dropout, on_meta("googlenet").get_submodule("head.dropout")).p))


def window_of_1x7_and_7x1() -> Number:
    """Rows that one output of the two convolutions sees, by the support of its gradient."""
    image = torch.zeros(1, 1, 15, 15, requires_grad=True)
    flat, tall = torch.ones(1, 1, 1, 7), torch.ones(1, 1, 7, 1)
    F.conv2d(F.conv2d(image, flat, padding=(0, 3)), tall, padding=(3, 0))[0, 0, 7, 7].backward()
    return int(cast(Tensor, image.grad).any(dim=3).sum())


def residual_additions_of_inception_v4() -> Number:
    layers = analyze(PRESETS["inception-v4"].spec).layers
    return sum(layer.operation == "add" for layer in layers)

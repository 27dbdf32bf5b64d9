"""Inception-BN and Inception-v3 against their tables, one pixel less, and one form for another."""

import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.analysis.graph import find
from cnnviz.zoo.blocks import Branches, conv_chain
from cnnviz.zoo.inception_bn import BLOCKS


def shapes(spec, *scopes):
    """The output (channels, pixels) of blocks, by name."""
    report = cnnviz.analyze(spec)
    return {scope: find(report, scope).output_shape[1:3] for scope in scopes}


def block_params(spec, scope):
    return find(cnnviz.analyze(spec), scope).params


def conv(channels, out, weights):
    """Parameters of a convolution without bias and its batch norm."""
    return channels * out * weights + 2 * out


def test_chain_and_branches_are_what_they_stand_for():
    torch.manual_seed(0)
    chain = conv_chain(3, stride=2, reduce=(4, 1), conv=(5, (1, 7)), last=(6, 3)).eval()
    module = Branches(chain=chain, pool=nn.MaxPool2d(3, stride=2, padding=1))
    x = torch.randn(1, 3, 11, 11)
    expected = x
    for name, padding, stride in (("reduce", 0, 1), ("conv", (0, 3), 1), ("last", 1, 2)):
        layer = getattr(chain, name).conv
        expected = nn.functional.conv2d(expected, layer.weight, padding=padding, stride=stride)
        expected = (expected / (1 + 1e-5) ** 0.5).relu()
    assert expected.shape == (1, 6, 6, 6)
    pooled = nn.functional.max_pool2d(x, 3, stride=2, padding=1)
    torch.testing.assert_close(module(x), torch.cat([expected, pooled], dim=1))
    narrow = conv_chain(3, stride=2, padded=False, conv1=(4, 3), conv2=(4, 3))
    assert narrow(x).shape == (1, 4, 5, 5), "only the last is unpadded"


def test_inception_bn_has_the_outputs_of_the_table():
    """Figure 5 of arXiv 1502.03167; its 4c, 4d and 4e print 576, 576 and 1,024 channels."""
    names = [f"inception_{block}" for block in BLOCKS]
    found = shapes(cnnviz.spec("inception-bn"), "stem", *names)
    assert list(found.values()) == [
        *((192, 28), (256, 28), (320, 28)),
        *((576, 14), (576, 14), (576, 14), (608, 14), (608, 14)),
        *((1056, 7), (1024, 7), (1024, 7)),
    ]


def test_two_3x3_against_one_5x5():
    split = 64, 64, 64, 64, 96, 32
    rest = conv(192, 64, 1) + conv(192, 64, 1) + conv(64, 64, 9) + conv(192, 64, 1)
    rest += conv(192, 32, 1)
    twice = conv(64, 96, 9) + conv(96, 96, 9)
    for third, window in (("3x3-twice", twice), ("5x5", conv(64, 96, 25))):
        spec = cnnviz.spec("inception-bn", inception_3a=split, third_branch=third)
        assert block_params(spec, "inception_3a") == rest + window


def test_only_the_last_block_of_inception_bn_pools_by_maximum():
    def operations(pooling):
        report = cnnviz.analyze(cnnviz.spec("inception-bn", pooling=pooling))
        names = [f"inception_{block}.branch4.pool" for block in ("3a", "4d", "5a", "5b")]
        return [find(report, name).operation for name in names]

    average, largest = "avg_pool2d", "max_pool2d"
    assert operations("mixed") == [average, average, average, largest]
    assert operations("average") == [average] * 4
    assert operations("max") == [largest] * 4


@pytest.mark.parametrize("size", [1, 2, 33, 65])
def test_every_image_fits_inception_bn(size):
    found = shapes(cnnviz.spec("inception-bn", image_size=size), "inception_4a", "inception_5b")
    assert [pixels for _, pixels in found.values()] == [-(-size // 16), -(-size // 32)]

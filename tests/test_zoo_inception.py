"""Inception-BN and Inception-v3 against their tables, one pixel less, and one form for another."""

import pytest
import torch
from torch import nn
from torch.utils._pytree import tree_leaves

import cnnviz
from cnnviz.analysis.graph import find
from cnnviz.knobs import SpecError
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


def test_inception_v3_has_the_outputs_of_the_released_network():
    scopes = ["stem", "stage1", "reduction1", "stage2", "reduction2", "stage3"]
    found = shapes(cnnviz.spec("inception-v3"), *scopes, "stage1.block1", "stage1.block2")
    assert list(found.values()) == [
        *((192, 35), (288, 35), (768, 17), (768, 17), (1280, 8), (2048, 8)),
        *((256, 35), (288, 35)),
    ]
    assert cnnviz.analyze(cnnviz.spec("inception-v3")).depth == 48


@pytest.mark.parametrize(("auxiliary", "smallest"), [(False, 75), (True, 299)])
def test_smallest_image_of_inception_v3(auxiliary, smallest):
    spec = cnnviz.spec("inception-v3", auxiliary_head=auxiliary)
    turned = spec.turn(image_size=smallest)
    assert cnnviz.analyze(turned).output_shape == (1, 1000)
    with pytest.raises(SpecError, match=f"at least {smallest} px"):
        spec.turn(image_size=smallest - 1)
    with torch.device("meta"), torch.no_grad():
        module = spec.build().eval()
        outputs = tree_leaves(module(torch.empty(1, 3, smallest, smallest)))
        assert [output.shape for output in outputs] == [(1, 1000)] * (1 + auxiliary)
        with pytest.raises(RuntimeError):
            module(torch.empty(1, 3, smallest - 1, smallest - 1))


def test_blocks_of_inception_v3_by_hand():
    c7 = 128
    one = conv(768, c7, 1) + conv(c7, c7, 7) + conv(c7, 192, 7)
    two = conv(768, c7, 1) + 3 * conv(c7, c7, 7) + conv(c7, 192, 7)
    ends = 2 * conv(768, 192, 1)
    assert block_params(cnnviz.spec("inception-v3"), "stage2.block1") == one + two + ends
    one = conv(768, c7, 1) + conv(c7, 192, 49)
    two = conv(768, c7, 1) + conv(c7, c7, 49) + conv(c7, 192, 49)
    whole = cnnviz.spec("inception-v3", factorise_7x7=False)
    assert block_params(whole, "stage2.block1") == one + two + ends
    fan = 2 * conv(384, 384, 3)
    stage3 = {
        "branch1": conv(1280, 320, 1),
        "branch2": conv(1280, 384, 1) + fan,
        "branch3": conv(1280, 448, 1) + conv(448, 384, 9) + fan,
        "branch4": conv(1280, 192, 1),
    }
    for branch, expected in stage3.items():
        assert block_params(cnnviz.spec("inception-v3"), f"stage3.block1.{branch}") == expected


def test_a_1x3_beside_a_3x1_is_a_3x3_with_zero_corners():
    torch.manual_seed(0)
    spec = cnnviz.spec("inception-v3", image_size=75, batch_norm=False)
    expand = spec.build().stage3.block1.branch2.expand
    kernel = torch.zeros(768, 384, 3, 3)
    kernel[:384, :, 1:2, :] = expand.wide.conv.weight.detach()
    kernel[384:, :, :, 1:2] = expand.tall.conv.weight.detach()
    bias = torch.cat([expand.wide.conv.bias, expand.tall.conv.bias]).detach()
    x = torch.randn(1, 384, 5, 5)
    expected = nn.functional.conv2d(x, kernel, bias, padding=1).relu()
    torch.testing.assert_close(expand(x).detach(), expected, atol=1e-5, rtol=1e-4)


def test_widths_of_the_7x7_by_depth():
    """First, those between, last: 128-160-160-192 in the released network."""

    def widths(second):
        spec = cnnviz.spec("inception-v3", depths=(1, second, 1))
        report = cnnviz.analyze(spec)
        names = [f"stage2.block{index + 1}.branch2.reduce" for index in range(second)]
        return [find(report, name).output_shape[1] for name in names]

    assert widths(1) == [128]
    assert widths(2) == [128, 192]
    assert widths(4) == [128, 160, 160, 192]
    assert widths(6) == [128, 160, 160, 160, 160, 192]


def test_the_7x7_branches_take_turns():
    """Figure 6: 1×7 then 7×1; the longer branch begins with 7×1."""
    layers = cnnviz.analyze(cnnviz.spec("inception-v3")).layers

    def kernels(scope):
        inside = [layer for layer in layers if layer.name.startswith(f"{scope}.")]
        return [dict(layer.attributes)["kernel"] for layer in inside if layer.operation == "conv2d"]

    across, down = (1, 7), (7, 1)
    assert kernels("stage2.block2.branch2") == [(1, 1), across, down]
    assert kernels("stage2.block2.branch3") == [(1, 1), down, across, down, across]
    assert kernels("reduction2.branch2") == [(1, 1), across, down, (3, 3)]

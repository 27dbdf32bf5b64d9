"""Xception, MobileNets and ShuffleNets: their layers, loop by loop, and what they refuse."""

import itertools

import pytest
import torch
from torch import nn
from torch.nn.functional import avg_pool2d, relu

import cnnviz
from cnnviz.analysis.graph import find
from cnnviz.knobs import SpecError
from cnnviz.render.explain import explain
from cnnviz.render.kinds import op_text
from cnnviz.zoo.blocks import scaled_channels
from cnnviz.zoo.inverted_residual import InvertedResidual
from cnnviz.zoo.mobilenet import DepthwiseSeparable
from cnnviz.zoo.shufflenet import CHANNELS, ShuffleUnit
from cnnviz.zoo.shufflenet_v2 import ShuffleUnitV2
from cnnviz.zoo.xception import SeparableConv


def grouped(x, weight, *, groups, stride=1, padding=0):
    """A grouped convolution, one multiplication after the other."""
    batch, channels, height, width = x.shape
    out, depth, kernel, _ = weight.shape
    assert depth == channels // groups
    rows, columns = ((n + 2 * padding - kernel) // stride + 1 for n in (height, width))
    y = torch.zeros(batch, out, rows, columns)
    for o, i, j in itertools.product(range(out), range(rows), range(columns)):
        first = o // (out // groups) * depth
        for c, a, b in itertools.product(range(depth), range(kernel), range(kernel)):
            row, column = stride * i + a - padding, stride * j + b - padding
            if 0 <= row < height and 0 <= column < width:
                y[:, o, i, j] += weight[o, c, a, b] * x[:, first + c, row, column]
    return y


def shuffled(x, groups):
    """Channel i·n + j, the j-th of n in group i, goes to j·groups + i."""
    y = torch.empty_like(x)
    n = x.shape[1] // groups
    for i, j in itertools.product(range(groups), range(n)):
        y[:, j * groups + i] = x[:, i * n + j]
    return y


def normalised(x, norm):
    """Batch norm in evaluation."""
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    return (x - norm.running_mean[:, None, None]) * scale[:, None, None] + norm.bias[:, None, None]


def unit(x, layers, **settings):
    """Convolution and batch norm of a unit, without its activation."""
    return normalised(grouped(x, layers.conv.weight, **settings), layers.norm)


def set_up(module):
    """Running averages, scales and shifts that matter."""
    torch.manual_seed(0)
    for norm in module.modules():
        if isinstance(norm, nn.BatchNorm2d):
            for tensor in (norm.running_mean, norm.bias, norm.weight):
                nn.init.normal_(tensor)
            nn.init.uniform_(norm.running_var, 0.5, 2)
    return module.eval()


def assert_close(one, other):
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_separable_convolution_loop_by_loop():
    layer = SeparableConv(4, 6, between=nn.ELU)
    x = torch.randn(2, 4, 5, 5)
    y = grouped(x, layer.depthwise.weight, groups=4, padding=1)
    assert_close(layer(x), grouped(nn.functional.elu(y), layer.pointwise.weight, groups=1))
    assert sum(p.numel() for p in layer.parameters()) == 9 * 4 + 4 * 6


@pytest.mark.parametrize("stride", [1, 2])
@torch.no_grad()
def test_depthwise_separable_block_loop_by_loop(stride):
    block = set_up(DepthwiseSeparable(4, 6, stride=stride, activation=nn.ReLU6))
    block.pointwise.norm.weight *= 20  # so that both activations reach 6
    x = 20 * torch.randn(2, 4, 5, 5)
    y = unit(x, block.depthwise, groups=4, stride=stride, padding=1).clamp(0, 6)
    assert (y == 6).any()
    assert (block(x) == 6).any()
    assert_close(block(x), unit(y, block.pointwise, groups=1).clamp(0, 6))


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize(("out", "stride"), [(4, 1), (6, 1), (4, 2)])
@torch.no_grad()
def test_inverted_residual_loop_by_loop(out, stride, linear):
    block = InvertedResidual(4, out, width=8, stride=stride, linear=linear, activation=nn.ReLU)
    set_up(block)
    x = torch.randn(2, 4, 5, 5)
    body = block.body
    y = relu(unit(x, body.expand, groups=1))
    y = relu(unit(y, body.depthwise, groups=8, stride=stride, padding=1))
    y = unit(y, body.project, groups=1)
    y = y if linear else relu(y)
    assert_close(block(x), x + y if (out, stride) == (4, 1) else y)
    weights = sum(p.numel() for p in block.parameters() if p.ndim == 4)
    assert weights == 2 * 4**2 + 9 * 2 * 4 + 2 * 4 * out


@pytest.mark.parametrize(("channels", "stride"), [(24, 1), (12, 2)])
@torch.no_grad()
def test_shuffle_unit_loop_by_loop(channels, stride):
    block = ShuffleUnit(channels, 24, reduce_groups=3, groups=3, stride=stride, shuffle=True)
    set_up(block)
    x = torch.randn(2, channels, 4, 4)
    body = block.body
    y = shuffled(relu(unit(x, body.reduce, groups=3)), 3)
    y = unit(y, body.depthwise, groups=6, stride=stride, padding=1)
    y = unit(y, body.expand, groups=3)
    joined = torch.cat([avg_pool2d(x, 3, stride=2, padding=1), y], dim=1) if stride == 2 else x + y
    assert_close(block(x), relu(joined))


@torch.no_grad()
def test_units_of_the_second_shufflenet_loop_by_loop():
    def branch(x, body, *, channels, stride):
        y = relu(unit(x, body.conv1, groups=1))
        y = unit(y, body.depthwise, groups=channels, stride=stride, padding=1)
        return relu(unit(y, body.conv2, groups=1))

    x = torch.randn(2, 8, 4, 4)
    block = set_up(ShuffleUnitV2(8, 8, stride=1, shuffle=True))
    y = branch(x[:, 4:], block.branch2, channels=4, stride=1)
    assert_close(block(x), shuffled(torch.cat([x[:, :4], y], dim=1), 2))

    block = set_up(ShuffleUnitV2(8, 12, stride=2, shuffle=True))
    one = unit(x, block.branch1.depthwise, groups=8, stride=2, padding=1)
    one = relu(unit(one, block.branch1.conv, groups=1))
    y = branch(x, block.branch2, channels=6, stride=2)
    assert_close(block(x), shuffled(torch.cat([one, y], dim=1), 2))


@pytest.mark.parametrize("groups", [1, 2, 3, 4, 8])
def test_channel_shuffle_on_any_device_and_backwards(groups):
    layer = nn.ChannelShuffle(groups)
    x = torch.randn(2, 48, 3, 3, requires_grad=True)
    rows = x.view(2, groups, 48 // groups, 3, 3)
    assert torch.equal(layer(x), shuffled(x, groups))
    assert torch.equal(layer(x), rows.transpose(1, 2).reshape(x.shape))
    scale = torch.randn_like(x)
    (layer(x) * scale).sum().backward()
    assert torch.equal(shuffled(x.grad, groups), scale)
    report = cnnviz.analyze(layer, (1, 48, 3, 3))
    assert (report.layers[0].kind, report.output_shape) == ("reshape", (1, 48, 3, 3))


@pytest.mark.parametrize("shuffle", [True, False])
def test_only_the_shuffle_lets_groups_hear_of_each_other(shuffle):
    unit = ShuffleUnit(48, 48, reduce_groups=3, groups=3, stride=1, shuffle=shuffle).eval()
    x = torch.randn(1, 48, 4, 4, requires_grad=True)
    unit.body(x)[:, :16].square().sum().backward()  # the first of three groups
    heard = [bool(x.grad[:, group].any()) for group in (slice(16), slice(16, 32), slice(32, 48))]
    assert heard == [True, shuffle, shuffle]


def counts(name, **knobs):
    report = cnnviz.analyze(cnnviz.spec(name, **knobs))
    return report.params, report.macs


def test_a_width_multiplier_rounds_to_eight_and_keeps_nine_tenths():
    assert [scaled_channels(32, a) for a in (0.25, 0.35, 0.5, 0.75, 1.4)] == [8, 16, 16, 24, 48]
    assert [scaled_channels(24, a) for a in (0.25, 0.35, 0.5, 0.75, 1.4)] == [8, 8, 16, 24, 32]
    assert scaled_channels(1, 0.25) == 8
    assert scaled_channels(20, 1.0) == 20
    for channels, percent in itertools.product(range(8, 641, 3), range(25, 201, 5)):
        rounded, exact = scaled_channels(channels, percent / 100), channels * percent / 100
        assert percent == 100 or rounded % 8 == 0
        assert rounded >= 0.9 * exact
        assert rounded - exact <= 8


@pytest.mark.parametrize(
    ("multiplier", "expected"),
    [
        (0.35, (1_677_128, 59_285_808)),
        (0.5, (1_968_680, 97_131_840)),
        (0.75, (2_636_424, 209_069_792)),
        (1.4, (6_108_776, 582_195_824)),
        (2.0, (11_258_088, 1_137_428_224)),
    ],
)
def test_mobilenet_v2_of_other_widths(multiplier, expected):
    """torchvision's mobilenet_v2(width_mult=…), counted with torch's FlopCounterMode."""
    assert counts("mobilenet-v2", width_multiplier=multiplier) == expected


@pytest.mark.parametrize(
    ("knobs", "millions"),
    [
        ({"separable": False}, (29.3, 4867)),  # the paper's 4866
        ({"width_multiplier": 0.75}, (2.6, 325)),
        ({"width_multiplier": 0.5}, (1.3, 149)),
        ({"width_multiplier": 0.25}, (0.5, 41)),
        ({"depths": (1, 2, 2, 1, 2)}, (2.9, 307)),
        ({"image_size": 192}, (4.2, 418)),
        ({"image_size": 160}, (4.2, 291)),  # the paper's 290
        ({"image_size": 128}, (4.2, 186)),
    ],
)
def test_mobilenet_against_the_tables_of_its_paper(knobs, millions):
    """arXiv 1704.04861, tables 4 to 7."""
    params, macs = counts("mobilenet", **knobs)
    assert (round(params / 1e6, 1), round(macs / 1e6)) == millions


@pytest.mark.parametrize("groups", CHANNELS)
def test_a_scaled_shufflenet_splits_into_its_groups(groups):
    for percent in range(25, 201):
        spec = cnnviz.spec("shufflenet", groups=groups, width_multiplier=percent / 100)
        assert spec.stem_channels % groups == 0
        assert spec.channels(2) % (4 * groups) == 0
        assert spec.channels(2) > spec.stem_channels
    assert cnnviz.spec("shufflenet", groups=groups).channels(2) == CHANNELS[groups]


@pytest.mark.parametrize(
    ("multiplier", "groups", "millions"),
    [(1.0, 1, 143), (1.0, 2, 140), (1.0, 4, 133), (1.0, 8, 137), (0.5, 1, 38), (2.0, 3, 524)],
)
def test_complexity_of_shufflenet_is_that_of_its_paper(multiplier, groups, millions):
    """arXiv 1707.01083, tables 1, 2 and 5, without the classifier; the scaled ones to 1 %."""
    spec = cnnviz.spec("shufflenet", groups=groups, width_multiplier=multiplier)
    report = cnnviz.analyze(spec)
    macs = sum(layer.macs for layer in report.layers if layer.operation == "conv2d")
    assert macs / 1e6 == pytest.approx(millions, abs=0.6 if multiplier == 1 else 0.01 * millions)


@pytest.mark.parametrize("size", ["large", "small"])
def test_gates_of_mobilenet_v3_follow_their_formula(size):
    """torchvision's: a quarter of the inner channels in eights, ReLU, hard sigmoid."""
    network = set_up(cnnviz.spec("mobilenet-v3", size=size).build())
    gate = network.get_submodule("stage3.block2.body.squeeze_excite")
    down, up = gate.gate.reduce, gate.gate.expand
    assert (up.out_channels, up.in_channels) == {"large": (120, 32), "small": (240, 64)}[size]
    x = torch.randn(2, up.out_channels, 3, 3)
    hidden = relu(x.mean((2, 3)) @ down.weight[:, :, 0, 0].T + down.bias)
    weight = (hidden @ up.weight[:, :, 0, 0].T + up.bias + 3).clamp(0, 6) / 6
    assert_close(gate(x), x * weight[:, :, None, None])


def test_the_efficient_last_stage_saves_what_its_paper_says():
    """arXiv 1905.02244, section 5.1: about 30 million multiply-adds."""
    saved = counts("mobilenet-v3", efficient_head=False)[1] - counts("mobilenet-v3")[1]
    assert saved == 49 * (9 * 960 + 960 * 320 + 320 * 1280) - 960 * 1280
    assert 30e6 < saved < 35e6


def test_depths_are_those_of_the_papers():
    """MobileNet counts depthwise and 1×1 as two layers (28), Xception as one (36 and the last)."""
    assert cnnviz.analyze(cnnviz.spec("mobilenet")).depth == 28
    assert cnnviz.analyze(cnnviz.spec("xception", separable=False)).depth == 37
    assert cnnviz.analyze(cnnviz.spec("mobilenet-v2")).depth == 2 + 17 * 3 - 1 + 1
    assert cnnviz.analyze(cnnviz.spec("shufflenet")).depth == 50
    assert cnnviz.analyze(cnnviz.spec("shufflenet-v2")).depth == 51


@pytest.mark.parametrize(
    "name", ["mobilenet", "mobilenet-v2", "mobilenet-v3", "shufflenet", "shufflenet-v2"]
)
def test_one_pixel_is_enough_where_every_layer_is_padded(name):
    assert cnnviz.analyze(cnnviz.spec(name, image_size=1)).output_shape == (1, 1000)


@pytest.mark.parametrize("knobs", [{}, {"entry_channels": (8,) * 5}, {"residual": False}])
def test_smallest_image_of_xception(knobs):
    smallest = cnnviz.spec("xception", image_size=7, **knobs)
    assert cnnviz.analyze(smallest).output_shape == (1, 1000)
    with pytest.raises(SpecError, match=r"image_size is 6 px.*needs at least 7 px"):
        smallest.turn(image_size=6)
    with torch.device("meta"), pytest.raises(RuntimeError, match="Kernel size"):
        smallest.build().eval()(torch.empty(1, 3, 6, 6))


def test_knobs_that_do_not_go_together_are_refused():
    with pytest.raises(SpecError, match=r"between is relu; .* Take none, or switch separable on"):
        cnnviz.spec("xception", separable=False, between="relu")
    with pytest.raises(SpecError, match=r"channels has 115, 231; .* Take 116-232-464"):
        cnnviz.spec("shufflenet-v2", channels=(115, 231, 464))


def test_how_the_new_ops_are_called_and_explained():
    report = cnnviz.analyze(cnnviz.spec("mobilenet-v2"))
    depthwise = find(report, "stage2.block1.body.depthwise.conv")
    assert op_text(depthwise, "en") == "depthwise conv 3×3 /2"
    assert explain(depthwise).en.startswith("One 3×3 filter for each of 96 channels")
    assert op_text(find(report, "stem.relu"), "en") == "ReLU6"
    report = cnnviz.analyze(cnnviz.spec("shufflenet"))
    expand = find(report, "stage3.unit1.body.expand.conv")
    assert op_text(expand, "en") == "conv 1×1 g=3"
    shuffle = find(report, "stage3.unit1.body.shuffle")
    assert op_text(shuffle, "en") == "channel shuffle g=3"
    assert "each of the 3 groups" in explain(shuffle).en
    report = cnnviz.analyze(nn.Sequential(nn.Hardtanh(), nn.ReLU6()), (1, 2, 4, 4))
    assert [layer.operation for layer in report.layers] == ["hardtanh", "relu6"]

"""EfficientNet: its block written out, its scaling by hand, and what it refuses."""

import pytest
import torch
from test_zoo import assert_exact
from test_zoo_mobile import assert_close, set_up, unit
from torch import nn
from torch.nn.functional import silu

import cnnviz
from cnnviz.knobs import SpecError
from cnnviz.zoo.inverted_residual import FusedMBConv, MBConv


@pytest.mark.parametrize(("out", "stride"), [(8, 1), (6, 1), (8, 2)])
@torch.no_grad()
def test_mbconv_loop_by_loop(out, stride):
    block = MBConv(8, out, expand_ratio=2, kernel=5, stride=stride, reduction=4, activation=nn.SiLU)
    set_up(block)
    x = torch.randn(2, 8, 6, 6)
    body, gate = block.body, block.body.squeeze_excite.gate
    assert gate.reduce.weight.shape == (2, 16, 1, 1)  # a quarter of the 8 that enter
    y = silu(unit(x, body.expand, groups=1))
    y = silu(unit(y, body.depthwise, groups=16, stride=stride, padding=2))
    mean = y.mean((2, 3))
    hidden = silu(mean @ gate.reduce.weight[:, :, 0, 0].T + gate.reduce.bias)
    scale = (hidden @ gate.expand.weight[:, :, 0, 0].T + gate.expand.bias).sigmoid()
    y = unit(y * scale[:, :, None, None], body.project, groups=1)
    assert_close(block(x), x + y if (out, stride) == (8, 1) else y)


def test_b0_as_torch_counts_it():
    assert_exact(cnnviz.spec("efficientnet-b0", image_size=64))


# Depths and channels of torchvision's efficientnet_b3 and b7.
SCALED = {
    "efficientnet-b0": ((1, 2, 2, 3, 3, 4, 1), (32, 16, 24, 40, 80, 112, 192, 320, 1280)),
    "efficientnet-b3": ((2, 3, 3, 5, 5, 6, 2), (40, 24, 32, 48, 96, 136, 232, 384, 1536)),
    "efficientnet-b7": ((4, 7, 7, 10, 10, 13, 4), (64, 32, 48, 80, 160, 224, 384, 640, 2560)),
}


@pytest.mark.parametrize("name", SCALED)
def test_a_scaled_network_has_torchvisions_depths_and_channels(name):
    depths, channels = SCALED[name]
    with torch.device("meta"):
        network = cnnviz.spec(name).build()
    stages = [network.get_submodule(f"stage{number}") for number in range(1, 8)]
    assert tuple(map(len, stages)) == depths
    convs = [
        network.stem.conv,
        *(stage[-1].body.project.conv for stage in stages),
        network.head.conv,
    ]
    assert tuple(conv.out_channels for conv in convs) == channels


@pytest.mark.parametrize(
    ("phi", "side", "depths"),
    [(1.0, 258, (2, 3, 3, 4, 4, 5, 2)), (2.0, 296, (2, 3, 3, 5, 5, 6, 2))],
)
def test_phi_scales_all_three(phi, side, depths):
    """224·1.15^φ px, and 1.2^φ times as many blocks, rounded up."""
    spec = cnnviz.spec("efficientnet", compound=phi)
    assert spec.input_shape == (1, 3, side, side)
    assert tuple(map(spec.repeated, spec.depths)) == depths
    assert spec.scaled(320) == {1.0: 352, 2.0: 384}[phi]


def test_wider_deeper_a_larger_image_or_all_three_cost_about_four_times_as_much():
    """As in arXiv 1905.11946, table 7, in which B3 is d = 1.4, w = 1.2 and r = 1.3."""
    turned = ({"depth_multiplier": 4.0}, {"width_multiplier": 2.0}, {"image_size": 448}, {})
    names = [*["efficientnet-b0"] * 3, "efficientnet-b3"]
    macs = [cnnviz.analyze(cnnviz.spec(n, **k)).macs for n, k in zip(names, turned, strict=True)]
    assert all(3.7 < one / 385_814_752 < 4.8 for one in macs)


def test_what_phi_makes_too_large_is_refused():
    largest = cnnviz.spec("efficientnet-b7", compound=3.5)
    assert largest.input_shape[-1] == 979
    with pytest.raises(SpecError, match=r"compound is 4: image_size 600 becomes 1049 px"):
        largest.turn(compound=4.0)
    assert largest.turn(compound=4.0, image_size=585).input_shape[-1] == 1023
    with pytest.raises(SpecError, match=r"depths adds up to \d+ blocks once scaled; 200"):
        cnnviz.spec("efficientnet", compound=7.0, depths=(16,) * 7)


def test_an_even_window_is_refused():
    with pytest.raises(SpecError, match=r"kernels has 4; .* Take 3-3-5-3-5-5-3"):
        cnnviz.spec("efficientnet", kernels=(3, 3, 5, 3, 4, 5, 3))


def test_one_pixel_is_enough():
    assert cnnviz.analyze(cnnviz.spec("efficientnet", image_size=1)).output_shape == (1, 1000)


@pytest.mark.parametrize("ratio", [1, 3])
@pytest.mark.parametrize(("out", "stride"), [(4, 1), (6, 1), (4, 2)])
@torch.no_grad()
def test_fused_mbconv_loop_by_loop(out, stride, ratio):
    block = FusedMBConv(4, out, expand_ratio=ratio, stride=stride, activation=nn.SiLU)
    set_up(block)
    x = torch.randn(2, 4, 6, 6)
    y = silu(unit(x, block.body.expand, groups=1, stride=stride, padding=1))
    if ratio > 1:
        assert y.shape[1] == 4 * ratio
        y = unit(y, block.body.project, groups=1)
    assert_close(block(x), x + y if (out, stride) == (4, 1) else y)


def test_only_the_first_stages_are_fused():
    with torch.device("meta"):
        network = cnnviz.spec("efficientnet-v2-s").build()
    stages = [network.get_submodule(f"stage{number}") for number in range(1, 7)]
    assert [type(stage[0]) for stage in stages] == [FusedMBConv] * 3 + [MBConv] * 3
    assert [len(stage) for stage in stages] == [2, 4, 4, 6, 9, 15]
    macs = [
        cnnviz.analyze(cnnviz.spec("efficientnet-v2-s", fused_stages=n)).macs for n in (0, 3, 6)
    ]
    assert macs == sorted(macs)

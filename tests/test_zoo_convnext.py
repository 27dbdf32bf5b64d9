"""ConvNeXt: its block step by step, the walk to it from ResNet-50, and what it refuses."""

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from test_memory import assert_equal

import cnnviz
from cnnviz.knobs import SpecError
from cnnviz.ledger import Verdict
from cnnviz.ledger.printed import parse_number
from cnnviz.ledger.walk import GOAL, walk
from cnnviz.zoo import PRESETS
from cnnviz.zoo.convnext_block import ConvNeXtBlock, LayerNorm2d, StochasticDepth
from cnnviz.zoo.convnext_presets import ORDER, RESNET_50


def small(**knobs):
    return cnnviz.spec(
        "convnext", **{"depths": (1, 1, 1, 1), "width": 8, "image_size": 32, **knobs}
    )


@torch.no_grad()
def test_layer_norm_pixel_by_pixel():
    torch.manual_seed(0)
    layer = LayerNorm2d(6)
    torch.nn.init.normal_(layer.weight)
    torch.nn.init.normal_(layer.bias)
    x = torch.randn(2, 6, 3, 4)
    for n, i, j in ((0, 0, 0), (1, 2, 3)):
        pixel = x[n, :, i, j]
        mean = pixel.sum() / 6
        deviation = (((pixel - mean) ** 2).sum() / 6 + 1e-6).sqrt()
        expected = layer.weight * (pixel - mean) / deviation + layer.bias
        torch.testing.assert_close(layer(x)[n, :, i, j], expected)


@torch.no_grad()
def test_the_block_step_by_step():
    """Depthwise 7×7, layer norm over channels, 1×1, GELU, 1×1, γ, and the input."""
    torch.manual_seed(0)
    block = cnnviz.spec("convnext", depths=(1, 1, 1, 1), width=8).build().stage1.block1
    assert isinstance(block, ConvNeXtBlock)
    for parameter in block.parameters():
        torch.nn.init.normal_(parameter)
    state = block.state_dict()
    assert next(iter(state)) == "layer_scale.weight"
    x = torch.randn(2, 8, 9, 9)
    y = F.conv2d(x, state["body.conv1.weight"], state["body.conv1.bias"], 1, 3, 1, 8)
    norm = (state["body.norm1.weight"], state["body.norm1.bias"], 1e-6)
    y = F.layer_norm(y.movedim(1, -1), (8,), *norm)
    y = F.linear(y, state["body.conv2.weight"].flatten(1), state["body.conv2.bias"])
    y = y / 2 * (1 + torch.erf(y / 2**0.5))
    y = F.linear(y, state["body.conv3.weight"].flatten(1), state["body.conv3.bias"])
    expected = x + state["layer_scale.weight"] * y.movedim(-1, 1)
    torch.testing.assert_close(block(x), expected, rtol=1e-4, atol=1e-4)
    assert sum(p.numel() for p in block.parameters()) == 49 * 8 + 8 * 8**2 + 9 * 8


def test_stochastic_depth_leaves_out_whole_images():
    torch.manual_seed(0)
    layer = StochasticDepth(0.25)
    x = torch.rand(4000, 2, 2, 2) + 1
    factors = layer(x) / x
    torch.testing.assert_close(factors, factors[:, :1, :1, :1].expand_as(factors))
    found = factors[:, 0, 0, 0]
    assert set(found.mul(3).round().tolist()) == {0, 4}
    assert (found == 0).float().mean().item() == pytest.approx(0.25, abs=0.03)
    assert torch.equal(layer.eval()(x), x)


def test_stochastic_depth_grows_along_a_line():
    blocks = [x for x in cnnviz.spec("convnext").build().modules() if type(x) is ConvNeXtBlock]
    shares = [block.stochastic_depth.share if block.stochastic_depth else 0 for block in blocks]
    assert shares == pytest.approx([0.1 * number / 17 for number in range(18)])
    plain_ones = cnnviz.spec("convnext", stochastic_depth=0.0).build().modules()
    assert not any(isinstance(part, StochasticDepth) for part in plain_ones)


def test_the_walk_begins_with_resnet_50_itself():
    """The same parameters and MACs, stage by stage, as the ResNet family has them."""
    ours = cnnviz.analyze(walk()[0].spec)
    resnet = cnnviz.analyze(cnnviz.spec("resnet-50", stride_on="3x3"))
    for start in ("stem", "stage1", "stage2", "stage3", "stage4", "head"):
        sums = [
            [
                sum(
                    getattr(layer, count) for layer in report.layers if layer.name.startswith(start)
                )
                for count in ("params", "macs")
            ]
            for report in (ours, resnet)
        ]
        assert sums[0] == sums[1], start
    assert (ours.params, ours.depth) == (25_557_032, 50)


LARGER = ("normalisation", "downsampling")  # table 10 has 0.31 and 0.03 G more, and no reason


def test_every_step_costs_what_the_paper_prints():
    stations = walk()
    assert [step.knob for step in stations if not step.macs] == ["layer_scale"]
    for step in stations[:-1]:
        verdict = parse_number(step.macs).verdict(cnnviz.analyze(step.spec).macs)
        assert (verdict is Verdict.ROUNDED) == (step.knob not in LARGER), step.name
    assert stations[-1].spec == PRESETS[GOAL].spec


def test_each_step_turns_one_knob():
    stations = walk()
    assert [step.knob for step in stations[1:]] == list(ORDER)
    assert set(RESNET_50) == set(ORDER)
    for before, after in pairwise(stations):
        assert list(after.spec.differences(before.spec)) == [after.knob]


def test_depth_counts_convolutions_and_not_layer_scale():
    assert cnnviz.analyze(cnnviz.spec("convnext-tiny")).depth == 1 + 3 * 18 + 3 + 1


@pytest.mark.parametrize(
    "knobs",
    [
        {"stochastic_depth": 0.5},
        {"layer_scale": False, "few_norms": False},
        {"normalisation": "batch", "few_activations": False, "downsampling": "block"},
        {"stem": "resnet", "window_first": False, "inverted": False, "activation": "relu"},
    ],
)
def test_a_step_saves_what_autograd_saves(knobs):
    assert_equal(small(**{"image_size": 64, **knobs}))


def test_the_receptive_field_goes_through_layer_norm():
    """4 px a patch; three 7×7 at a jump of 4, 8 …, and windows of two between stages."""
    size, jump = 4, 4
    for stage, blocks in enumerate((3, 3, 9, 3)):
        if stage:
            size, jump = size + jump, 2 * jump
        size += 6 * blocks * jump
    report = cnnviz.analyze(cnnviz.spec("convnext-tiny"))
    assert report.receptive_field == size
    assert not report.field_unknown


@pytest.mark.parametrize(
    ("size", "knobs", "least"),
    [(31, {}, 32), (15, {"downsampling": "block"}, 4), (1, {"stem": "resnet"}, 29)],
)
def test_images_that_are_used_up(size, knobs, least):
    if cnnviz.spec("convnext", image_size=least, **knobs):
        with pytest.raises(SpecError, match=f"at least {least} px"):
            cnnviz.spec("convnext", image_size=min(size, least - 1), **knobs)

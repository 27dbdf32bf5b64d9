"""RegNet: the rule of its widths against torchvision's stages, and its block step by step."""

import math
import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import cnnviz
from cnnviz.knobs import SpecError
from cnnviz.ledger import Verdict
from cnnviz.ledger.printed import parse_number
from cnnviz.render.figures import figures_of
from cnnviz.zoo.regnet import RegNetBlock

# Width and blocks of each stage of torchvision's networks, read off their modules.
STAGES = {
    "regnet-x-400mf": [(32, 1), (64, 2), (160, 7), (400, 12)],
    "regnet-x-800mf": [(64, 1), (128, 3), (288, 7), (672, 5)],
    "regnet-x-1.6gf": [(72, 2), (168, 4), (408, 10), (912, 2)],
    "regnet-x-3.2gf": [(96, 2), (192, 6), (432, 15), (1008, 2)],
    "regnet-x-8gf": [(80, 2), (240, 5), (720, 15), (1920, 1)],
    "regnet-x-16gf": [(256, 2), (512, 6), (896, 13), (2048, 1)],
    "regnet-x-32gf": [(336, 2), (672, 7), (1344, 13), (2520, 1)],
    "regnet-y-400mf": [(48, 1), (104, 3), (208, 6), (440, 6)],
    "regnet-y-800mf": [(64, 1), (144, 3), (320, 8), (784, 2)],
    "regnet-y-1.6gf": [(48, 2), (120, 6), (336, 17), (888, 2)],
    "regnet-y-3.2gf": [(72, 2), (216, 5), (576, 13), (1512, 1)],
    "regnet-y-8gf": [(224, 2), (448, 4), (896, 10), (2016, 1)],
    "regnet-y-16gf": [(224, 2), (448, 4), (1232, 11), (3024, 1)],
    "regnet-y-32gf": [(232, 2), (696, 5), (1392, 12), (3712, 1)],
}


@pytest.mark.parametrize("name", STAGES)
def test_the_rule_makes_torchvisions_stages(name):
    spec = cnnviz.spec(name)
    assert spec.stages() == STAGES[name]
    network = cnnviz.analyze(spec)
    built = [
        sum(scope.count(".") == 1 and scope.startswith(f"stage{n}.") for scope in network.modules)
        for n in range(1, len(STAGES[name]) + 1)
    ]
    assert built == [blocks for _, blocks in STAGES[name]]


def counted(stages, *, group_width, gate):
    """Parameters and MACs at 224 px, convolution by convolution."""
    params, macs, channels, size = 27 * 32 + 64, 27 * 32 * 112**2, 32, 112
    for width, blocks in stages:
        each = min(group_width, width)
        for block in range(blocks):
            out = size if block else size // 2
            if not block:
                params += channels * width + 2 * width
                macs += channels * width * out**2
            params += channels * width + 9 * each * width + width**2 + 6 * width
            macs += channels * width * size**2 + (9 * each * width + width**2) * out**2
            if gate:
                narrow = channels // 4
                params += 2 * width * narrow + narrow + width
                macs += 2 * width * narrow
            channels, size = width, out
    return params + 1000 * channels + 1000, macs + 1000 * channels


@pytest.mark.parametrize("name", STAGES)
def test_counts_by_hand(name):
    spec = cnnviz.spec(name)
    report = cnnviz.analyze(spec)
    by_hand = counted(STAGES[name], group_width=spec.group_width, gate=spec.squeeze_excite)
    assert (report.params, report.macs) == by_hand


@pytest.mark.parametrize(
    ("name", "stages", "params", "macs"),
    [
        ("regnet-x-400mf", [(32, 1), (64, 2), (160, 7), (384, 12)], "5.2M", "0.4B"),
        ("regnet-y-800mf", [(64, 1), (128, 3), (320, 8), (768, 2)], "6.3M", "0.8B"),
        ("regnet-y-8gf", [(168, 2), (448, 4), (896, 10), (2016, 1)], "39.2M", "8.0B"),
    ],
)
def test_the_authors_rounding_gives_their_figures(name, stages, params, macs):
    """As the ledger's reasons say."""
    spec = cnnviz.spec(name)
    by_hand = counted(stages, group_width=spec.group_width, gate=spec.squeeze_excite)
    for text, number in zip((params, macs), by_hand, strict=True):
        assert parse_number(text).verdict(number) is Verdict.ROUNDED


def test_widths_lie_about_the_line():
    """Before the groups: within half a factor of u_j, and a multiple of 8."""
    spec = cnnviz.spec("regnet-x-3.2gf", group_width=8)
    widths = [width for width, blocks in spec.stages() for _ in range(blocks)]
    for block, width in enumerate(widths):
        line = 88 + 26.31 * block
        assert abs(math.log(width / line)) <= math.log(2.25) / 2 + math.log(1 + 4 / width)
        assert width % 8 == 0


def test_groups_divide_every_width():
    for group_width in range(1, 257, 5):
        spec = cnnviz.spec("regnet-y-8gf", group_width=group_width)
        plain = cnnviz.spec("regnet-y-8gf", group_width=8).stages()
        for (width, blocks), (wanted, same) in zip(spec.stages(), plain, strict=True):
            assert blocks == same
            assert width % min(group_width, wanted) == 0
            assert width >= 0.9 * wanted


@pytest.mark.parametrize(
    ("stride", "channels", "gate"), [(1, 12, False), (2, 12, True), (1, 8, True)]
)
@torch.no_grad()
def test_the_block_step_by_step(stride, channels, gate):
    torch.manual_seed(0)
    block = RegNetBlock(channels, 12, stride=stride, groups=3, gate=gate).eval()
    for norm in block.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.running_var, 0.5, 2)
            nn.init.normal_(norm.running_mean)
    state = block.state_dict()

    def normalised(y, name):
        parts = ("running_mean", "running_var", "weight", "bias")
        return F.batch_norm(y, *(state[f"{name}.norm.{part}"] for part in parts))

    x = torch.randn(2, channels, 6, 6)
    y = F.relu(normalised(F.conv2d(x, state["body.conv1.conv.weight"]), "body.conv1"))
    y = F.conv2d(y, state["body.conv2.conv.weight"], None, stride, 1, 1, 3)
    y = F.relu(normalised(y, "body.conv2"))
    if gate:
        down, up = (f"body.squeeze_excite.gate.{name}" for name in ("reduce", "expand"))
        assert state[f"{down}.weight"].shape[:2] == (channels // 4, 12)
        z = F.conv2d(y.mean((2, 3), keepdim=True), state[f"{down}.weight"], state[f"{down}.bias"])
        z = F.conv2d(F.relu(z), state[f"{up}.weight"], state[f"{up}.bias"])
        y = y * torch.sigmoid(z)
    y = normalised(F.conv2d(y, state["body.conv3.conv.weight"]), "body.conv3")
    around = x
    if stride == 2 or channels != 12:
        around = normalised(F.conv2d(x, state["shortcut.conv.weight"], stride=stride), "shortcut")
    torch.testing.assert_close(block(x), F.relu(around + y))


def test_depth_counts_three_convolutions_a_block():
    assert cnnviz.analyze(cnnviz.spec("regnet-x-400mf")).depth == 1 + 3 * 22 + 1
    assert cnnviz.analyze(cnnviz.spec("regnet-y-400mf")).depth == 1 + (3 + 2) * 16 + 1


@pytest.mark.parametrize(
    ("knobs", "knob", "words"),
    [
        ({"initial_width": 50}, "initial_width", "multiples of 8. Take 48 or 56"),
        ({"width_factor": 1.5, "slope": 200.0}, "width_factor", "stages, each of which halves"),
        ({"slope": 256.0, "depth": 64}, "slope", "channels, and 8,192 is the most"),
    ],
)
def test_refusals(knobs, knob, words):
    with pytest.raises(SpecError, match=words) as refusal:
        cnnviz.spec("regnet-x-400mf", **knobs)
    assert [problem.knob for problem in refusal.value.problems] == [knob]


def test_the_figure_has_a_bar_a_block_as_wide_as_its_channels():
    spec = cnnviz.spec("regnet-x-400mf")
    report = cnnviz.analyze(spec)
    svg = figures_of(spec, report)["widths"].draw("", "en", "#000").svg
    bars = dict(re.findall(r'data-id="([^"]+)".*?<rect[^>]* width="([\d.]+)"', svg))
    built = {
        name.removesuffix(".body.conv2.conv"): layer.output_shape[1]
        for layer in report.layers
        if (name := layer.name).endswith(".body.conv2.conv")
    }
    assert bars.keys() == built.keys()
    scale = 520 / (24 + 24.48 * 21)
    for block, channels in built.items():
        assert float(bars[block]) == pytest.approx(scale * channels, abs=0.06)

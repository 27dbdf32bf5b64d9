"""RegNet: a straight line says how wide each block is, and steps of a factor make stages of it.

Radosavovic, Kosaraju, Girshick, He, Dollár, "Designing Network Design Spaces", CVPR 2020, arXiv
2003.13678: section 3.3 for the rule of widths, figure 4 for the block; Y is X with
squeeze-and-excitation. Of block j, u_j = w₀ + w_a·j is rounded to w₀ times a whole power of w_m and
then to a multiple of 8; blocks of one width are a stage.

Groups have to divide a width: it becomes the nearest multiple of the group width, the larger of two
and at least 90 %, as in torchvision. The authors' code rounds a half to even and knows no 90 %, and
so has 384 channels where regnet-x-400mf has 400, and fewer in regnet-y-800mf and regnet-y-8gf. The
paper's largest Y, of 645 M parameters, is left out.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, average_head, conv_unit, divisible
from cnnviz.zoo.residual import ORDERS, Projection, SqueezeExcite

WIDTHS = Text("Widths", "各块宽度")
BLOCKS = Text("Blocks", "残差块")
STEM_CHANNELS = 32
MOST_STAGES = 8
MOST_CHANNELS = 8192


@dataclass(frozen=True, kw_only=True)
class RegNetSpec(Spec):
    """The knobs of RegNet; the defaults are RegNetX-400MF."""

    family = "regnet"

    depth: int = knob(
        22,
        Text("blocks", "块数"),
        Text(
            "Blocks of the whole body. Their widths follow the line, so that more blocks are wider "
            "ones at the end, too. Good networks of any size have about 20.",
            "主体中块的总数。各块的宽度沿直线增长，因此块越多，末端也越宽。"
            "论文发现，无论大小，好的网络约有 20 个块。",
        ),
        group=WIDTHS,
        term="depths",
        symbol="d",
        bounds=(1, 64),
        slider=True,
        smaller=True,
    )
    initial_width: int = knob(
        24,
        Text("initial width", "初始宽度"),
        Text(
            "Width of the first block, where the line begins, a multiple of 8.",
            "第一个块的宽度，即直线的起点，须为 8 的倍数。",
        ),
        group=WIDTHS,
        term="width_rule",
        symbol="w₀",
        bounds=(8, 512),
        smaller=True,
    )
    slope: float = knob(
        24.48,
        Text("slope", "斜率"),
        Text(
            "Channels by which the line grows from block to block. At 0 all blocks are as wide as "
            "the first, and there is one stage.",
            "直线每经过一个块增加的通道数。取 0 时所有块与第一个同宽，只有一个阶段。",
        ),
        group=WIDTHS,
        term="width_rule",
        symbol="w_a",
        bounds=(0.0, 256.0),
        step=0.01,
        slider=True,
    )
    width_factor: float = knob(
        2.54,
        Text("width factor", "宽度倍率"),
        Text(
            "From stage to stage the width grows by this factor, or a power of it: the smaller, "
            "the more stages, and the closer to the line. Good networks have 2 to 3, which makes "
            "four stages.",
            "相邻阶段的宽度之比（或其幂）：越小，阶段越多，越接近直线。"
            "论文中好的网络取 2 到 3，得到四个阶段。",
        ),
        group=WIDTHS,
        term="width_rule",
        symbol="w_m",
        bounds=(1.5, 3.0),
        step=0.01,
        slider=True,
    )
    group_width: int = knob(
        16,
        Text("group width", "组宽"),
        Text(
            "Channels of a group of the 3×3. A width becomes a multiple of it; in a stage that is "
            "narrower, the 3×3 has one group.",
            "3×3 卷积每组的通道数。宽度取整为它的倍数；比它窄的阶段，3×3 卷积只有一组。",
        ),
        group=BLOCKS,
        term="groups",
        symbol="g",
        bounds=(1, 256),
    )
    squeeze_excite: bool = knob(
        False,
        Text("squeeze-and-excitation", "压缩与激励"),
        Text(
            "On: RegNetY, which weighs the channels after the 3×3; between its two small layers "
            "are a quarter of the block's input channels. Off: RegNetX.",
            "打开：RegNetY，在 3×3 卷积之后给各通道加权，两个小层之间为块输入通道数的四分之一。"
            "关闭：RegNetX。",
        ),
        group=BLOCKS,
        term="squeeze_excite",
    )

    def conflicts(self) -> list[Problem]:
        if self.initial_width % 8:
            message = Text(
                "{knob} is {width}; widths are multiples of 8. Take {below} or {above}.",
                "{knob}为 {width}；宽度须为 8 的倍数，请取 {below} 或 {above}。",
            )
            below = self.initial_width // 8 * 8
            values = {"width": self.initial_width, "below": below, "above": below + 8}
            return [self.problem("initial_width", message, **values)]
        stages = self.stages()
        if len(stages) > MOST_STAGES:
            message = Text(
                "{knob} is {factor}; it makes {stages} stages, each of which halves the size, and "
                "{most} is the most. Take a larger one, or a smaller {slope}.",
                "{knob}为 {factor}，将有 {stages} 个阶段，每个阶段尺寸减半，最多 {most} 个。"
                "请增大它，或减小{slope}。",
            )
            counts = {"stages": len(stages), "most": MOST_STAGES}
            return [self.problem("width_factor", message, factor=self.width_factor, **counts)]
        widest = stages[-1][0]
        if widest > MOST_CHANNELS:
            message = Text(
                "{knob} is {slope_now}; the last of {blocks} blocks would have {widest:,} "
                "channels, and {most:,} is the most. Take a smaller one, or fewer {depth}.",
                "{knob}为 {slope_now}；{blocks} 个块中的最后一个将有 {widest:,} 个通道，"
                "最多 {most:,} 个。请减小它，或减少{depth}。",
            )
            counts = {"blocks": self.depth, "widest": widest, "most": MOST_CHANNELS}
            return [self.problem("slope", message, slope_now=self.slope, **counts)]
        return []

    def line(self, block: int) -> float:
        """u_j of block j, counted from 0."""
        return self.initial_width + self.slope * block

    def stages(self) -> list[tuple[int, int]]:
        """Width and number of blocks of each stage."""
        found: dict[int, int] = {}
        for block in range(self.depth):
            power = math.log(self.line(block) / self.initial_width) / math.log(self.width_factor)
            width = round(self.initial_width * self.width_factor ** round(power) / 8) * 8
            found[width] = found.get(width, 0) + 1
        return [
            (divisible(width, min(self.group_width, width)), blocks)
            for width, blocks in found.items()
        ]

    def build(self) -> nn.Module:
        return RegNet(self)


class RegNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: RegNetSpec):
        super().__init__()
        channels = STEM_CHANNELS
        self.stem = conv_unit(spec.in_channels, channels, 3, stride=2, padding=1)
        for stage, (width, depth) in enumerate(spec.stages(), start=1):
            blocks = Layers()
            for index in range(depth):
                blocks[f"block{index + 1}"] = RegNetBlock(
                    channels,
                    width,
                    stride=1 if index else 2,
                    groups=width // min(spec.group_width, width),
                    gate=spec.squeeze_excite,
                )
                channels = width
            self.add_module(f"stage{stage}", nn.Sequential(blocks))
        self.head = average_head(channels, spec.num_classes)


class RegNetBlock(nn.Module):
    """ReLU(x + F(x)): (N, C, H, W) -> (N, C', ⌈H/stride⌉, ⌈W/stride⌉).

    F: 1×1, 3×3 in groups, 1×1, all of C' channels: no bottleneck; batch norm after each. Weights:
    C·C' + 9·C'²/groups + C'². A gate follows the 3×3.

    Args:
        gate: squeeze-and-excitation with a quarter of C channels inside.
    """

    def __init__(self, channels: int, out: int, *, stride: int, groups: int, gate: bool):
        super().__init__()
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or channels != out:
            shares: dict[str, Any] = {"order": ORDERS["original"], "norm": nn.BatchNorm2d}
            self.shortcut = Projection(channels, out, stride=stride, bias=False, **shares)
        body = OrderedDict[str, nn.Module](
            conv1=conv_unit(channels, out, 1),
            conv2=conv_unit(out, out, 3, stride=stride, padding=1, groups=groups),
        )
        if gate:
            body["squeeze_excite"] = SqueezeExcite(out, round(channels / 4))
        body["conv3"] = conv_unit(out, out, 1, activation=None)
        self.body = nn.Sequential(body)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.shortcut(x) + self.body(x))


def _preset(
    name: str,
    rule: tuple[int, int, float, float],
    group_width: int,
    params: int,
    macs: int,
) -> Preset:
    """A network of the paper by d, w₀, w_a and w_m; Y has gates."""
    depth, initial_width, slope, width_factor = rule
    kind, size = name.split("-")
    return Preset(
        name=f"regnet-{name}",
        spec=RegNetSpec(
            depth=depth,
            initial_width=initial_width,
            slope=slope,
            width_factor=width_factor,
            group_width=group_width,
            squeeze_excite=kind == "y",
        ),
        params=params,
        macs=macs,
        source=f"arXiv 2003.13678; torchvision regnet_{kind}_{size.replace('.', '_')}",
    )


FAMILY = Family(
    title="RegNet",
    known_as="RegNetX, RegNetY",
    spec=RegNetSpec,
    presets=(
        _preset("x-400mf", (22, 24, 24.48, 2.54), 16, 5_495_976, 413_812_608),
        _preset("x-800mf", (16, 56, 35.73, 2.28), 16, 7_259_656, 799_699_712),
        _preset("x-1.6gf", (18, 80, 34.01, 2.25), 24, 9_190_136, 1_602_849_792),
        _preset("x-3.2gf", (25, 88, 26.31, 2.25), 48, 15_296_552, 3_176_621_952),
        _preset("x-8gf", (23, 80, 49.56, 2.88), 120, 39_572_648, 7_995_132_416),
        _preset("x-16gf", (22, 216, 55.59, 2.1), 128, 54_278_536, 15_940_755_456),
        _preset("x-32gf", (23, 320, 69.86, 2.0), 168, 107_811_560, 31_735_929_792),
        _preset("y-400mf", (16, 48, 27.89, 2.09), 8, 4_344_144, 401_842_848),
        _preset("y-800mf", (14, 56, 38.84, 2.4), 16, 6_432_512, 833_856_256),
        _preset("y-1.6gf", (27, 48, 20.71, 2.65), 24, 11_202_430, 1_612_076_160),
        _preset("y-3.2gf", (21, 80, 42.63, 2.66), 24, 19_436_338, 3_176_482_752),
        _preset("y-8gf", (17, 192, 76.82, 2.19), 56, 39_381_472, 8_473_070_592),
        _preset("y-16gf", (18, 200, 106.23, 2.48), 112, 83_590_140, 15_911_510_272),
        _preset("y-32gf", (20, 232, 115.89, 2.53), 232, 145_046_770, 32_279_552_832),
    ),
)

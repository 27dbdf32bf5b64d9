"""ShuffleNet: grouped 1×1 convolutions, and a shuffle that lets their groups meet.

Zhang, Zhou, Lin, Sun, "ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile
Devices", CVPR 2018, arXiv 1707.01083: table 1 for the stages and their channels by the number of
groups, figure 2 for the unit. The table's complexities leave out the 1000-way layer. The paper does
not say how it rounds when it scales a network: here the channels of stage 2 become the nearest
multiple of 4·g, those of the stem of g, which every grouped convolution can split.
"""

from dataclasses import dataclass

import torch
from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, average_head, conv_unit, nearest_multiple, small_stem

UNITS = Text("Units", "ShuffleNet 单元")
STAGES = Text("Stages", "阶段")
CHANNELS = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}  # of stage 2, by groups
STEM_CHANNELS = 24


@dataclass(frozen=True, kw_only=True)
class ShuffleNetSpec(Spec):
    """The knobs of ShuffleNet; the defaults are ShuffleNet 1× with three groups."""

    family = "shufflenet"

    groups: int = knob(
        3,
        Text("groups", "分组数"),
        Text(
            "Groups of the 1×1 convolutions. What they save goes into channels (144, 200, 240, "
            "272, 384 in stage 2), so that more groups are wider at the same operations.",
            "1×1 卷积的分组数。节省的运算用于增加通道（第 2 阶段依次为 144、200、240、272、384），"
            "因此分组越多网络越宽，运算量基本不变。",
        ),
        group=UNITS,
        term="groups",
        symbol="g",
        choices=tuple(CHANNELS),
    )
    shuffle: bool = knob(
        True,
        Text("channel shuffle", "通道混洗"),
        Text(
            "Deals the channels of each group out to all groups. Off, a group of the second 1×1 "
            "hears only from the same group of the first; in the paper the error rises.",
            "把每组的通道分发给所有组。关闭后，第二个 1×1 的每组只能读到第一个 1×1 的同一组；"
            "论文中错误率随之上升。",
        ),
        group=UNITS,
        term="shuffle",
    )
    width_multiplier: float = knob(
        1.0,
        Text("width multiplier", "宽度系数"),
        Text(
            "Every layer has α times the channels (the paper's 0.25×, 0.5× …), rounded to what "
            "the groups divide. Operations go nearly with α².",
            "每一层的通道数为 α 倍（论文的 0.25×、0.5× 等），并取整为分组能整除的数。"
            "运算量约与 α² 成正比。",
        ),
        group=STAGES,
        term="width_multiplier",
        symbol="α",
        bounds=(0.25, 2.0),
        step=0.25,
        slider=True,
    )
    depths: tuple[int, ...] = knob(
        (4, 8, 4),
        Text("units in each stage", "各阶段单元数"),
        Text(
            "One number per stage, from stage 2 on; each halves the size and doubles the "
            "channels of the one before.",
            "从第 2 阶段起每个阶段一个数；每个阶段尺寸减半，通道数为前一阶段的两倍。",
        ),
        group=STAGES,
        term="depths",
        bounds=(1, 32),
        lengths=(1, 4),
    )

    @property
    def stem_channels(self) -> int:
        return nearest_multiple(self.width_multiplier * STEM_CHANNELS, self.groups)

    def channels(self, stage: int) -> int:
        """Channels that leave a stage; stage 2 is the first."""
        first = self.width_multiplier * CHANNELS[self.groups]
        return nearest_multiple(first, 4 * self.groups) * 2 ** (stage - 2)

    def build(self) -> nn.Module:
        return ShuffleNet(self)


class ShuffleNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: ShuffleNetSpec):
        super().__init__()
        channels = spec.stem_channels
        self.stem = small_stem(spec.in_channels, channels)
        for stage, depth in enumerate(spec.depths, start=2):
            units = Layers()
            for index in range(depth):
                units[f"unit{index + 1}"] = ShuffleUnit(
                    channels,
                    spec.channels(stage),
                    # the stem has too few channels to be split
                    reduce_groups=1 if stage == 2 and not index else spec.groups,
                    groups=spec.groups,
                    stride=1 if index else 2,
                    shuffle=spec.shuffle,
                )
                channels = spec.channels(stage)
            self.add_module(f"stage{stage}", nn.Sequential(units))
        self.head = average_head(channels, spec.num_classes)


class ShuffleUnit(nn.Module):
    """(N, C, H, W) -> (N, C', H/stride, W/stride): ReLU(x + F(x)), or joined where it halves.

    F: grouped 1×1 to C'/4 channels, channel shuffle, depthwise 3×3, grouped 1×1. At stride 1 it
    gives C' = C channels that are added to x; at stride 2 only C' − C, and the average pooling of
    x brings the C others. A 1×1 in g groups: y[o] = Σ_c w[o, c] · x[c] over the C/g channels c of
    the group of o, C·C'/g weights. The shuffle moves channel i·n + j, the j-th of n in group i of
    g, to j·g + i.

    Args:
        groups: g, of the last 1×1 and of the shuffle.
        reduce_groups: of the first 1×1.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        reduce_groups: int,
        groups: int,
        stride: int,
        shuffle: bool,
    ):
        super().__init__()
        width = out // 4
        self.is_joined = stride == 2
        new = out - channels if self.is_joined else out
        layers = Layers(reduce=conv_unit(channels, width, 1, groups=reduce_groups))
        if shuffle:
            layers["shuffle"] = nn.ChannelShuffle(groups)
        layers["depthwise"] = conv_unit(
            width, width, 3, stride=stride, padding=1, groups=width, activation=None
        )
        layers["expand"] = conv_unit(width, new, 1, groups=groups, activation=None)
        self.body = nn.Sequential(layers)
        self.shortcut: nn.Module = nn.Identity()
        if self.is_joined:
            self.shortcut = nn.AvgPool2d(kernel_size=3, stride=2, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x, y = self.shortcut(x), self.body(x)
        return self.relu(torch.cat([x, y], dim=1) if self.is_joined else x + y)


def _preset(groups: int, params: int, macs: int) -> Preset:
    return Preset(
        name=f"shufflenet-v1-g{groups}",
        spec=ShuffleNetSpec(groups=groups),
        params=params,
        macs=macs,
        source="arXiv 1707.01083, table 1",
    )


FAMILY = Family(
    title="ShuffleNet",
    spec=ShuffleNetSpec,
    presets=(
        _preset(3, 1_865_728, 137_460_672),
        _preset(1, 1_531_936, 143_078_976),
        _preset(2, 1_733_848, 140_836_512),
        _preset(4, 1_968_344, 134_339_776),
        _preset(8, 2_434_768, 138_365_952),
    ),
)

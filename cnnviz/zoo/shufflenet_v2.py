"""ShuffleNet V2: half of the channels pass, the other half is worked on, and the two are shuffled.

Ma, Zhang, Zheng, Sun, "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design",
ECCV 2018, arXiv 1807.11164: table 5 for the stages, figure 3 for the two units.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text, joined
from cnnviz.zoo.blocks import Layers, average_head, conv_unit, small_stem

UNITS = Text("Units", "ShuffleNet 单元")
STAGES = Text("Stages", "阶段")
STEM_CHANNELS = 24


@dataclass(frozen=True, kw_only=True)
class ShuffleNetV2Spec(Spec):
    """The knobs of ShuffleNet V2; the defaults are its 1×."""

    family = "shufflenet-v2"

    channels: tuple[int, ...] = knob(
        (116, 232, 464),
        Text("channels of each stage", "各阶段通道数"),
        Text(
            "What leaves each stage, even numbers: 48-96-192 in the paper's 0.5×, 116-232-464 in "
            "1×, 176-352-704 in 1.5×, 244-488-976 in 2×.",
            "各阶段的输出通道数，须为偶数：论文的 0.5× 为 48-96-192，1× 为 116-232-464，"
            "1.5× 为 176-352-704，2× 为 244-488-976。",
        ),
        group=STAGES,
        term="channels",
        bounds=(2, 1024),
        lengths=(3, 3),
        smaller=True,
    )
    depths: tuple[int, ...] = knob(
        (4, 8, 4),
        Text("units in each stage", "各阶段单元数"),
        Text(
            "One number for each of the stages 2, 3 and 4; each stage halves the size.",
            "第 2、3、4 阶段各一个数；每个阶段尺寸减半。",
        ),
        group=STAGES,
        term="depths",
        bounds=(1, 32),
        lengths=(3, 3),
    )
    shuffle: bool = knob(
        True,
        Text("channel shuffle", "通道混洗"),
        Text(
            "Mixes the two halves after each unit. Off, the half that passes is never worked on "
            "until the next stage.",
            "在每个单元之后混合两半通道。关闭后，直接通过的一半要到下一阶段才会被处理。",
        ),
        group=UNITS,
        term="shuffle",
    )
    last_channels: int = knob(
        1024,
        Text("channels before the head", "分类头前的通道数"),
        Text(
            "Of the 1×1 convolution after the last stage: 1024 in the paper, 2048 in its 2×.",
            "最后一个阶段之后 1×1 卷积的通道数：论文为 1024，2× 网络为 2048。",
        ),
        group=STAGES,
        term="channels",
        bounds=(1, 2048),
        smaller=True,
    )

    def conflicts(self) -> list[Problem]:
        odd = [channels for channels in self.channels if channels % 2]
        if not odd:
            return []
        message = Text(
            "{knob} has {odd}; a unit splits its channels into two equal halves. Take {even}.",
            "{knob}含有 {odd}；单元要把通道分成相等的两半，请取 {even}。",
        )
        even = "-".join(str(channels + channels % 2) for channels in self.channels)
        return [self.problem("channels", message, odd=joined(map(str, odd)), even=even)]

    def build(self) -> nn.Module:
        return ShuffleNetV2(self)


class ShuffleNetV2(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: ShuffleNetV2Spec):
        super().__init__()
        channels = STEM_CHANNELS
        self.stem = small_stem(spec.in_channels, channels)
        stages = zip(spec.channels, spec.depths, strict=True)
        for stage, (out, depth) in enumerate(stages, start=2):
            units = Layers()
            for index in range(depth):
                units[f"unit{index + 1}"] = ShuffleUnitV2(
                    channels, out, stride=1 if index else 2, shuffle=spec.shuffle
                )
                channels = out
            self.add_module(f"stage{stage}", nn.Sequential(units))
        last = conv_unit(channels, spec.last_channels, 1)
        before: dict[str, Any] = dict(last.named_children())
        self.head = average_head(spec.last_channels, spec.num_classes, **before)


class ShuffleUnitV2(nn.Module):
    """(N, C, H, W) -> (N, C', H/stride, W/stride): [G(x₁), F(x₂)] joined and shuffled.

    At stride 1, x₁ and x₂ are the halves of the channels of x, and G hands its half on as it is. At
    stride 2 both are all of x, and G is a depthwise 3×3 and a 1×1. F: 1×1, depthwise 3×3
    (y[c] = v[c] ∗ x[c], one kernel a channel), 1×1. Each of G and F gives C'/2 channels: at
    stride 1, F has C²/2 + 9·C/2 weights. The shuffle takes one channel of each half in turn:
    channel i·C'/2 + j goes to 2·j + i.
    """

    def __init__(self, channels: int, out: int, *, stride: int, shuffle: bool):
        super().__init__()
        half = out // 2
        self.branch1 = None
        if stride == 2:
            self.branch1 = nn.Sequential(
                OrderedDict(
                    depthwise=_depthwise(channels, stride=2), conv=conv_unit(channels, half, 1)
                )
            )
        self.branch2 = nn.Sequential(
            OrderedDict(
                conv1=conv_unit(channels if stride == 2 else half, half, 1),
                depthwise=_depthwise(half, stride=stride),
                conv2=conv_unit(half, half, 1),
            )
        )
        self.shuffle = nn.ChannelShuffle(2) if shuffle else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        one, other = x.chunk(2, dim=1) if self.branch1 is None else (self.branch1(x), x)
        x = torch.cat([one, self.branch2(other)], dim=1)  # C'/2 + C'/2
        return x if self.shuffle is None else self.shuffle(x)


def _depthwise(channels: int, *, stride: int) -> nn.Sequential:
    """(N, C, H, W) -> (N, C, H/stride, W/stride), without an activation."""
    return conv_unit(
        channels, channels, 3, stride=stride, padding=1, groups=channels, activation=None
    )


def _preset(name: str, params: int, macs: int, **knobs: Any) -> Preset:
    return Preset(
        name=f"shufflenet-v2-{name}",
        spec=ShuffleNetV2Spec(**knobs),
        params=params,
        macs=macs,
        source="arXiv 1807.11164, table 5; torchvision shufflenet_v2",
    )


FAMILY = Family(
    title="ShuffleNet V2",
    spec=ShuffleNetV2Spec,
    presets=(
        _preset("x1", 2_278_604, 144_907_992),
        _preset("x0.5", 1_366_792, 40_476_448, channels=(48, 96, 192)),
        _preset("x1.5", 3_503_624, 295_759_392, channels=(176, 352, 704)),
        _preset("x2", 7_393_996, 583_253_464, channels=(244, 488, 976), last_channels=2048),
    ),
)

"""EfficientNetV2: full convolutions again where they are faster than depthwise ones.

Tan, Le, "EfficientNetV2: Smaller Models and Faster Training", ICML 2021, arXiv 2104.00298: table 4
for the stages of S, figure 2 for the two blocks; as in the table, fused blocks have no gate. The
paper trains S on images of 128 to 300 px and tests it on 384. Stochastic depth is not built.
"""

from dataclasses import dataclass

from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, average_head, conv_unit, scaled_channels
from cnnviz.zoo.inverted_residual import FusedMBConv, MBConv, gate_knob, last_channels_knob
from cnnviz.zoo.shared_knobs import dropout_knob, width_knob

BLOCKS = Text("Blocks", "MBConv 块")
STAGES = Text("Stages", "阶段")
HEAD = Text("Head", "分类头")
STEM_CHANNELS = 24
STRIDES = (1, 2, 2, 2, 1, 2)


@dataclass(frozen=True, kw_only=True)
class EfficientNetV2Spec(Spec):
    """The knobs of EfficientNetV2; the defaults are S."""

    family = "efficientnet-v2"

    image_size: int = 384

    fused_stages: int = knob(
        3,
        Text("fused stages", "融合阶段数"),
        Text(
            "How many of the first stages have fused blocks: one full k×k in place of a 1×1 and a "
            "depthwise k×k. More parameters and operations, but faster where channels are few: 3 "
            "in the paper; with all of them it is slower again and less accurate.",
            "前几个阶段使用融合块：用一个普通 k×k 卷积代替 1×1 与逐通道 k×k。"
            "参数量和运算量更多，但通道少时反而更快：论文取 3；全部使用则又变慢，准确率也下降。",
        ),
        group=BLOCKS,
        term="separable",
        bounds=(0, 6),
        slider=True,
    )
    expand_ratios: tuple[int, ...] = knob(
        (1, 4, 4, 4, 6, 6),
        Text("expand ratio of each stage", "各阶段扩张比"),
        Text(
            "A block works on t times the channels that enter it. Small ratios keep memory access "
            "low.",
            "块内部的通道数是输入的 t 倍。较小的扩张比可减少访存。",
        ),
        group=BLOCKS,
        term="expand_ratio",
        symbol="t",
        bounds=(1, 10),
        lengths=(6, 6),
    )
    reduction: int = gate_knob(BLOCKS)
    width_multiplier: float = width_knob(STAGES)
    depths: tuple[int, ...] = knob(
        (2, 4, 4, 6, 9, 15),
        Text("blocks in each stage", "各阶段块数"),
        Text(
            "One number for each of the six stages; stages 2, 3, 4 and 6 halve the size.",
            "六个阶段各一个数；第 2、3、4、6 个阶段尺寸减半。",
        ),
        group=STAGES,
        term="depths",
        bounds=(1, 32),
        lengths=(6, 6),
        smaller=True,
    )
    channels: tuple[int, ...] = knob(
        (24, 48, 64, 128, 160, 256),
        Text("channels of each stage", "各阶段通道数"),
        Text(
            "What leaves each of the six stages, before the width multiplier.",
            "六个阶段各自的输出通道数（乘宽度系数之前）。",
        ),
        group=STAGES,
        term="channels",
        bounds=(1, 640),
        lengths=(6, 6),
    )
    last_channels: int = last_channels_knob(STAGES)
    dropout: float = dropout_knob(HEAD, share=0.2)

    def scaled(self, channels: int) -> int:
        """The channels of a layer that has so many at α = 1."""
        return scaled_channels(channels, self.width_multiplier)

    def build(self) -> nn.Module:
        return EfficientNetV2(self)


class EfficientNetV2(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: EfficientNetV2Spec):
        super().__init__()
        channels = spec.scaled(STEM_CHANNELS)
        self.stem = conv_unit(
            spec.in_channels, channels, 3, stride=2, padding=1, activation=nn.SiLU
        )
        stages = zip(spec.channels, spec.depths, spec.expand_ratios, STRIDES, strict=True)
        for number, (wanted, depth, ratio, stride) in enumerate(stages, start=1):
            blocks = Layers()
            for index in range(depth):
                blocks[f"block{index + 1}"] = _block(
                    channels,
                    spec.scaled(wanted),
                    expand_ratio=ratio,
                    stride=1 if index else stride,
                    reduction=spec.reduction,
                    fused=number <= spec.fused_stages,
                )
                channels = spec.scaled(wanted)
            self.add_module(f"stage{number}", nn.Sequential(blocks))
        last = spec.scaled(spec.last_channels)
        before = conv_unit(channels, last, 1, activation=nn.SiLU)
        self.head = average_head(
            last, spec.num_classes, dropout=spec.dropout, **dict(before.named_children())
        )


def _block(
    channels: int, out: int, *, expand_ratio: int, stride: int, reduction: int, fused: bool
) -> FusedMBConv | MBConv:
    if fused:
        return FusedMBConv(
            channels, out, expand_ratio=expand_ratio, stride=stride, activation=nn.SiLU
        )
    return MBConv(
        channels,
        out,
        expand_ratio=expand_ratio,
        kernel=3,
        stride=stride,
        reduction=reduction,
        activation=nn.SiLU,
    )


FAMILY = Family(
    title="EfficientNetV2",
    spec=EfficientNetV2Spec,
    presets=(
        Preset(
            name="efficientnet-v2-s",
            spec=EfficientNetV2Spec(),
            params=21_458_488,
            macs=8_365_617_152,
            source="arXiv 2104.00298, table 4; torchvision efficientnet_v2_s",
        ),
    ),
)

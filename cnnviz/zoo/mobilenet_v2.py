"""MobileNetV2: residual blocks turned inside out, wide inside and narrow between them.

Sandler, Howard, Zhu, Zhmoginov, Chen, "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
CVPR 2018, arXiv 1801.04381: table 2 for the stages, table 1 and figure 4 for the block, section 4
for the width multiplier. Channels are rounded at α ≠ 1 as `scaled_channels` says: to a multiple of
8, not below 90 %; the paper leaves the rounding to its code.
"""

from dataclasses import dataclass

from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import ACTIVATIONS, Layers, average_head, conv_unit, scaled_channels
from cnnviz.zoo.inverted_residual import InvertedResidual
from cnnviz.zoo.shared_knobs import activation_knob, width_knob

BLOCKS = Text("Blocks", "倒残差块")
STAGES = Text("Stages", "阶段")
STRIDES = (1, 2, 2, 2, 1, 2, 1)


@dataclass(frozen=True, kw_only=True)
class MobileNetV2Spec(Spec):
    """The knobs of MobileNetV2; the defaults are its 1.0, 224 px."""

    family = "mobilenet-v2"

    expand_ratio: int = knob(
        6,
        Text("expand ratio", "扩张比"),
        Text(
            "A block works on t times the channels that enter it (6 in the paper; the first "
            "stage has 1). Parameters and operations of the blocks grow with t.",
            "块内部的通道数是输入的 t 倍（论文为 6，第一个阶段为 1）。参数量和运算量随 t 增长。",
        ),
        group=BLOCKS,
        term="expand_ratio",
        symbol="t",
        bounds=(1, 10),
        slider=True,
    )
    residual: bool = knob(
        True,
        Text("residual", "残差连接"),
        Text(
            "Adds the input where size and channels stay. Off, the paper finds it to train worse.",
            "在尺寸和通道数不变处加上输入。论文发现关闭后训练效果变差。",
        ),
        group=BLOCKS,
        term="residual",
    )
    linear_bottleneck: bool = knob(
        True,
        Text("linear bottleneck", "线性瓶颈"),
        Text(
            "On: no activation after the last 1×1 of a block, as in the paper: with few channels, "
            "what it sets to zero is lost. Off: an activation there, too.",
            "打开：块的最后一个 1×1 之后没有激活函数（论文）：通道少时，被置零的信息无法恢复。"
            "关闭：那里也加激活函数。",
        ),
        group=BLOCKS,
        term="activation",
    )
    width_multiplier: float = width_knob(STAGES)
    depths: tuple[int, ...] = knob(
        (1, 2, 3, 4, 3, 3, 1),
        Text("blocks in each stage", "各阶段块数"),
        Text(
            "One number for each of the seven stages; stages 2, 3, 4 and 6 halve the size.",
            "七个阶段各一个数；第 2、3、4、6 个阶段尺寸减半。",
        ),
        group=STAGES,
        term="depths",
        symbol="n",
        bounds=(1, 16),
        lengths=(7, 7),
    )
    channels: tuple[int, ...] = knob(
        (16, 24, 32, 64, 96, 160, 320),
        Text("channels of each stage", "各阶段通道数"),
        Text(
            "What leaves each of the seven stages, before the width multiplier.",
            "七个阶段各自的输出通道数（乘宽度系数之前）。",
        ),
        group=STAGES,
        term="channels",
        symbol="c",
        bounds=(1, 640),
        lengths=(7, 7),
    )
    last_channels: int = knob(
        1280,
        Text("channels before the head", "分类头前的通道数"),
        Text(
            "Of the 1×1 convolution after the last stage. A width multiplier below 1 leaves it "
            "as it is, one above 1 scales it.",
            "最后一个阶段之后 1×1 卷积的通道数。宽度系数小于 1 时它不变，大于 1 时随之放大。",
        ),
        group=STAGES,
        term="channels",
        bounds=(1, 2560),
    )
    activation: str = activation_knob("relu6", BLOCKS)

    def build(self) -> nn.Module:
        return MobileNetV2(self)


class MobileNetV2(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: MobileNetV2Spec):
        super().__init__()
        activation = ACTIVATIONS[spec.activation]
        channels = scaled_channels(32, spec.width_multiplier)
        self.stem = conv_unit(
            spec.in_channels, channels, 3, stride=2, padding=1, activation=activation
        )
        stages = zip(spec.channels, spec.depths, STRIDES, strict=True)
        for number, (wanted, depth, stride) in enumerate(stages, start=1):
            out = scaled_channels(wanted, spec.width_multiplier)
            blocks = Layers()
            for index in range(depth):
                blocks[f"block{index + 1}"] = InvertedResidual(
                    channels,
                    out,
                    width=channels * (spec.expand_ratio if number > 1 else 1),
                    stride=1 if index else stride,
                    residual=spec.residual,
                    linear=spec.linear_bottleneck,
                    activation=activation,
                )
                channels = out
            self.add_module(f"stage{number}", nn.Sequential(blocks))
        last = scaled_channels(spec.last_channels, max(1.0, spec.width_multiplier))
        before = conv_unit(channels, last, 1, activation=activation)
        self.head = average_head(
            last, spec.num_classes, dropout=0.2, **dict(before.named_children())
        )


FAMILY = Family(
    title="MobileNetV2",
    spec=MobileNetV2Spec,
    presets=(
        Preset(
            name="mobilenet-v2",
            spec=MobileNetV2Spec(),
            params=3_504_872,
            macs=300_774_272,
            source="arXiv 1801.04381, table 2; torchvision mobilenet_v2",
        ),
    ),
)

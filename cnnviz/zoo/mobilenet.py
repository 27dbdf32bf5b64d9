"""MobileNet: a depthwise and a 1×1 convolution instead of every full one.

Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
2017, arXiv 1704.04861: table 1 for the body, section 3.2 for the separable layer, section 3.3 for
the width multiplier α. Table 1 gives stride 2 to its last depthwise convolution, whose output has
the size of its input: it is 1 here, as in every implementation. For α other than the paper's four,
channels are rounded as those of MobileNetV2: see `scaled_channels`.
"""

from collections import OrderedDict
from dataclasses import dataclass

from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import ACTIVATIONS, Layers, average_head, conv_unit, scaled_channels
from cnnviz.zoo.shared_knobs import activation_knob, width_knob

LAYERS = Text("Layers", "各层")
STAGES = Text("Stages", "阶段")


@dataclass(frozen=True, kw_only=True)
class MobileNetSpec(Spec):
    """The knobs of MobileNet; the defaults are the 1.0 MobileNet-224."""

    family = "mobilenet"

    width_multiplier: float = width_knob(LAYERS)
    separable: bool = knob(
        True,
        Text("depthwise separable", "深度可分离卷积"),
        Text(
            "On: a 3×3 for each channel, then a 1×1 across channels. Off: the full 3×3 "
            "convolutions of the paper's comparison, about 8 times the operations.",
            "打开：每个通道一个 3×3 卷积，再用 1×1 卷积混合通道。"
            "关闭：论文用作对照的普通 3×3 卷积，运算量约为 8 倍。",
        ),
        group=LAYERS,
        term="separable",
    )
    activation: str = activation_knob("relu", LAYERS)
    depths: tuple[int, ...] = knob(
        (1, 2, 2, 6, 2),
        Text("blocks in each stage", "各阶段块数"),
        Text(
            "One number per stage; each stage doubles the channels, each but the first halves "
            "the size. The paper's shallow network has 1-2-2-1-2.",
            "每个阶段一个数；每个阶段通道数加倍，从第二个阶段起尺寸减半。"
            "论文的浅层网络为 1-2-2-1-2。",
        ),
        group=STAGES,
        term="depths",
        bounds=(1, 16),
        lengths=(1, 6),
    )
    stem_channels: int = knob(
        32,
        Text("stem channels", "初始层通道数"),
        Text(
            "Channels of the first convolution, before α; 32 in the paper. The first stage has "
            "twice as many, and so on.",
            "第一个卷积的通道数（乘 α 之前），论文为 32；第一个阶段加倍，依此类推。",
        ),
        group=STAGES,
        term="channels",
        bounds=(1, 64),
    )

    def channels(self, stage: int) -> int:
        """Channels that leave a stage, counted from 1; those of the stem for 0."""
        return scaled_channels(self.stem_channels * 2**stage, self.width_multiplier)

    def build(self) -> nn.Module:
        return MobileNet(self)


class MobileNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: MobileNetSpec):
        super().__init__()
        activation = ACTIVATIONS[spec.activation]
        channels = spec.channels(0)
        self.stem = conv_unit(
            spec.in_channels, channels, 3, stride=2, padding=1, activation=activation
        )
        block = DepthwiseSeparable if spec.separable else FullConvolution
        for stage, depth in enumerate(spec.depths, start=1):
            blocks = Layers()
            for index in range(depth):
                stride = 2 if stage > 1 and not index else 1
                out = spec.channels(stage)
                blocks[f"block{index + 1}"] = block(
                    channels, out, stride=stride, activation=activation
                )
                channels = out
            self.add_module(f"stage{stage}", nn.Sequential(blocks))
        self.head = average_head(channels, spec.num_classes)


class DepthwiseSeparable(nn.Sequential):
    """(N, C, H, W) -> (N, C', H/stride, W/stride): in space first, then across channels.

    Depthwise, one 3×3 for each channel c: u[c, i, j] = Σ_ab v[c, a, b] · x[c, s·i + a, s·j + b],
    9·C weights. Pointwise: y[o, i, j] = Σ_c w[o, c] · u[c, i, j], C·C' weights. A full convolution
    has 9·C·C': the two come to 1/C' + 1/9 of it. Batch norm and activation follow each.
    """

    def __init__(self, channels: int, out: int, *, stride: int, activation: type[nn.Module]):
        super().__init__(
            OrderedDict(
                depthwise=conv_unit(
                    channels,
                    channels,
                    3,
                    stride=stride,
                    padding=1,
                    groups=channels,
                    activation=activation,
                ),
                pointwise=conv_unit(channels, out, 1, activation=activation),
            )
        )


class FullConvolution(nn.Sequential):
    """One full 3×3, replaced by a separable layer: (N, C, H, W) -> (N, C', H/stride, W/stride)."""

    def __init__(self, channels: int, out: int, *, stride: int, activation: type[nn.Module]):
        unit = conv_unit(channels, out, 3, stride=stride, padding=1, activation=activation)
        super().__init__(OrderedDict(unit.named_children()))


FAMILY = Family(
    title="MobileNet",
    known_as="MobileNetV1",
    spec=MobileNetSpec,
    presets=(
        Preset(
            name="mobilenet-v1",
            spec=MobileNetSpec(),
            params=4_231_976,
            macs=568_740_352,
            source="arXiv 1704.04861, table 1",
        ),
    ),
)

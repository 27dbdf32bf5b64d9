"""EfficientNet: a network made larger in width, depth and image size at once, by one number.

Tan, Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML 2019,
arXiv 1905.11946: table 1 for the stages of B0, section 3.3 for the compound coefficient φ. The
block is MobileNetV2's with squeeze-and-excitation, MBConv of MnasNet (Tan et al., arXiv
1807.11626). B1 to B7 are round numbers near the powers of φ; they stand in the authors' code, not
in the paper: github.com/tensorflow/tpu, models/official/efficientnet. Stochastic depth, which
leaves whole blocks out of a training step, is not built.
"""

from dataclasses import dataclass
from math import ceil

from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text, joined
from cnnviz.zoo.blocks import ACTIVATIONS, Layers, average_head, conv_unit, scaled_channels
from cnnviz.zoo.inverted_residual import MBConv, gate_knob, last_channels_knob
from cnnviz.zoo.shared_knobs import dropout_knob

SCALING = Text("Scaling", "缩放")
BLOCKS = Text("Blocks", "MBConv 块")
STAGES = Text("Stages of B0", "B0 的各阶段")
HEAD = Text("Head", "分类头")
# with each step of φ; α·β²·γ² is about 2
ALPHA = 1.2  # depth
BETA = 1.1  # width
GAMMA = 1.15  # image size
STEM_CHANNELS = 32
STRIDES = (1, 2, 2, 2, 1, 2, 1)
MOST_BLOCKS = 200


@dataclass(frozen=True, kw_only=True)
class EfficientNetSpec(Spec):
    """The knobs of EfficientNet; the defaults are B0."""

    family = "efficientnet"

    compound: float = knob(
        0.0,
        Text("compound coefficient", "复合系数"),
        Text(
            "Scales all three at once, on top of what they are set to: depth by 1.2^φ, width by "
            "1.1^φ, the image by 1.15^φ. Each step of 1 about doubles the operations.",
            "在三者当前取值之上同时缩放：深度乘 1.2^φ，宽度乘 1.1^φ，图像边长乘 1.15^φ。"
            "φ 每增加 1，运算量约翻一倍。",
        ),
        group=SCALING,
        term="compound_scaling",
        symbol="φ",
        bounds=(0.0, 7.0),
        step=0.5,
        slider=True,
    )
    width_multiplier: float = knob(
        1.0,
        Text("width multiplier", "宽度系数"),
        Text(
            "Every layer has w times the channels of B0, rounded to a multiple of 8: 1 in B0 and "
            "B1, 2 in B7. Operations go nearly with w².",
            "每一层的通道数为 B0 的 w 倍，取整为 8 的倍数：B0、B1 为 1，B7 为 2。"
            "运算量约与 w² 成正比。",
        ),
        group=SCALING,
        term="width_multiplier",
        symbol="w",
        bounds=(0.25, 2.5),
        step=0.05,
        slider=True,
        smaller=True,
    )
    depth_multiplier: float = knob(
        1.0,
        Text("depth multiplier", "深度系数"),
        Text(
            "Every stage has d times the blocks of B0, rounded up: 1 in B0, 1.1 in B1, 3.1 in B7. "
            "Operations go nearly with d.",
            "每个阶段的块数为 B0 的 d 倍，向上取整：B0 为 1，B1 为 1.1，B7 为 3.1。"
            "运算量约与 d 成正比。",
        ),
        group=SCALING,
        term="depths",
        symbol="d",
        bounds=(0.3, 4.0),
        step=0.1,
        slider=True,
        smaller=True,
    )
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
    reduction: int = gate_knob(BLOCKS)
    activation: str = knob(
        "silu",
        Text("activation", "激活函数"),
        Text(
            "SiLU, x·σ(x), called swish in the paper: smooth, and below zero where x is small. "
            "ReLU costs less and needs less memory in training.",
            "SiLU 即 x·σ(x)，论文称为 swish：处处光滑，x 为较小的负数时输出略小于零。"
            "ReLU 计算更省，训练占用内存也更少。",
        ),
        group=BLOCKS,
        term="activation",
        choices=("silu", "relu"),
        choice_labels=(Text("SiLU", "SiLU"), Text("ReLU", "ReLU")),
    )
    kernels: tuple[int, ...] = knob(
        (3, 3, 5, 3, 5, 5, 3),
        Text("kernel of each stage", "各阶段卷积核大小"),
        Text(
            "Side of the depthwise windows in each of the seven stages, odd; found by search.",
            "七个阶段各自的逐通道卷积窗口边长，取奇数；由搜索得到。",
        ),
        group=STAGES,
        term="kernel",
        symbol="k",
        bounds=(1, 9),
        lengths=(7, 7),
    )
    depths: tuple[int, ...] = knob(
        (1, 2, 2, 3, 3, 4, 1),
        Text("blocks in each stage", "各阶段块数"),
        Text(
            "One number for each of the seven stages, before the depth multiplier; stages 2, 3, 4 "
            "and 6 halve the size.",
            "七个阶段各一个数（乘深度系数之前）；第 2、3、4、6 个阶段尺寸减半。",
        ),
        group=STAGES,
        term="depths",
        bounds=(1, 16),
        lengths=(7, 7),
    )
    channels: tuple[int, ...] = knob(
        (16, 24, 40, 80, 112, 192, 320),
        Text("channels of each stage", "各阶段通道数"),
        Text(
            "What leaves each of the seven stages, before the width multiplier.",
            "七个阶段各自的输出通道数（乘宽度系数之前）。",
        ),
        group=STAGES,
        term="channels",
        bounds=(1, 640),
        lengths=(7, 7),
    )
    last_channels: int = last_channels_knob(STAGES)
    dropout: float = dropout_knob(HEAD, share=0.2, where=Text("in B0", "在 B0 中"))

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """The shape (N, C, H, W) of one image: 1.15^φ times the image size a side."""
        side = round(self.image_size * GAMMA**self.compound)
        return (1, self.in_channels, side, side)

    def scaled(self, channels: int) -> int:
        """The channels of a layer that has so many in B0."""
        return scaled_channels(channels, self.width_multiplier * BETA**self.compound)

    def repeated(self, blocks: int) -> int:
        """The blocks of a stage that has so many in B0."""
        return ceil(self.depth_multiplier * ALPHA**self.compound * blocks)

    def conflicts(self) -> list[Problem]:
        problems = []
        even = [kernel for kernel in self.kernels if kernel % 2 == 0]
        if even:
            message = Text(
                "{knob} has {even}; a window has an odd side, so that it has a middle. Take {odd}.",
                "{knob}含有 {even}；窗口边长须为奇数，才有中心。请取 {odd}。",
            )
            odd = "-".join(str(kernel | 1) for kernel in self.kernels)
            problems += [self.problem("kernels", message, even=joined(map(str, even)), odd=odd)]
        return problems + self._compound_conflicts()

    def _compound_conflicts(self) -> list[Problem]:
        """The problems of an image or a depth that φ makes too large."""
        problems = []
        side, largest = self.input_shape[-1], int(self.knob("image_size").bounds[1])
        if side > largest:
            message = Text(
                "{knob} is {now:g}: {image_size} {size} becomes {side} px, and {most} is the most. "
                "Take a smaller {knob}, or {image_size} {fits} or less.",
                "{knob}为 {now:g}：{image_size} {size} 将变为 {side} 像素，最多 {most}。"
                "请减小{knob}，或将{image_size}取为 {fits} 或更小。",
            )
            values = {"now": self.compound, "size": self.image_size, "side": side, "most": largest}
            fits = int(largest / GAMMA**self.compound)
            problems.append(self.problem("compound", message, fits=fits, **values))
        blocks = sum(map(self.repeated, self.depths))
        if blocks > MOST_BLOCKS:
            message = Text(
                "{knob} adds up to {blocks} blocks once scaled; {most} is the most. Take fewer, or "
                "a smaller {depth_multiplier} or {compound}.",
                "{knob}缩放后共 {blocks} 块，最多 {most} 块。"
                "请减少块数，或减小{depth_multiplier}或{compound}。",
            )
            problems.append(self.problem("depths", message, blocks=blocks, most=MOST_BLOCKS))
        return problems

    def build(self) -> nn.Module:
        return EfficientNet(self)


class EfficientNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: EfficientNetSpec):
        super().__init__()
        activation = ACTIVATIONS[spec.activation]
        channels = spec.scaled(STEM_CHANNELS)
        self.stem = conv_unit(
            spec.in_channels, channels, 3, stride=2, padding=1, activation=activation
        )
        stages = zip(spec.channels, spec.depths, spec.kernels, STRIDES, strict=True)
        for number, (wanted, depth, kernel, stride) in enumerate(stages, start=1):
            blocks = Layers()
            for index in range(spec.repeated(depth)):
                blocks[f"block{index + 1}"] = MBConv(
                    channels,
                    spec.scaled(wanted),
                    expand_ratio=spec.expand_ratio if number > 1 else 1,
                    kernel=kernel,
                    stride=1 if index else stride,
                    reduction=spec.reduction,
                    activation=activation,
                )
                channels = spec.scaled(wanted)
            self.add_module(f"stage{number}", nn.Sequential(blocks))
        last = spec.scaled(spec.last_channels)
        before = conv_unit(channels, last, 1, activation=activation)
        self.head = average_head(
            last, spec.num_classes, dropout=spec.dropout, **dict(before.named_children())
        )


def _preset(number: int, params: int, macs: int, **knobs: float) -> Preset:
    return Preset(
        name=f"efficientnet-b{number}",
        spec=EfficientNetSpec().turn(**knobs),
        params=params,
        macs=macs,
        source=f"arXiv 1905.11946, table 2; torchvision efficientnet_b{number}",
    )


def _scaled(w: float, d: float, size: int, dropout: float) -> dict[str, float]:
    """Width, depth, image and dropout, as the authors' code lists them."""
    sizes = {"width_multiplier": w, "depth_multiplier": d, "image_size": size}
    return {**sizes, "dropout": dropout}


FAMILY = Family(
    title="EfficientNet",
    spec=EfficientNetSpec,
    presets=(
        _preset(0, 5_288_548, 385_814_752),
        _preset(1, 7_794_184, 686_802_832, **_scaled(1.0, 1.1, 240, 0.2)),
        _preset(2, 9_109_994, 993_561_872, **_scaled(1.1, 1.2, 260, 0.3)),
        _preset(3, 12_233_232, 1_827_141_392, **_scaled(1.2, 1.4, 300, 0.3)),
        _preset(4, 19_341_616, 4_393_771_024, **_scaled(1.4, 1.8, 380, 0.4)),
        _preset(5, 30_389_784, 10_266_384_752, **_scaled(1.6, 2.2, 456, 0.4)),
        _preset(6, 43_040_704, 19_067_593_536, **_scaled(1.8, 2.6, 528, 0.5)),
        _preset(7, 66_347_960, 37_745_884_192, **_scaled(2.0, 3.1, 600, 0.5)),
    ),
)

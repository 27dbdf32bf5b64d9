"""ConvNeXt: a ResNet that takes over the design of Transformers, one choice after the other.

Liu, Mao, Wu, Feichtenhofer, Darrell, Xie, "A ConvNet for the 2020s", CVPR 2022, arXiv 2201.03545:
section 2 for the walk from ResNet-50, of which each step is a knob here, table 9 for the stages,
figure 4 for the block. Layer scale: Touvron et al., arXiv 2103.17239. Stochastic depth: Huang et
al., arXiv 1603.09382.

The paper leaves open, and here it is so: a convolution that batch norm follows has no bias; of the
steps to fewer, the activation that stays is after the first 1×1, the normalisation after the k×k; a
projection keeps its own; the stem loses its activation with the others.
"""

from dataclasses import dataclass

from torch import nn

from cnnviz.families import Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import ACTIVATIONS, Layers, name_of
from cnnviz.zoo.convnext_block import ConvNeXtBlock, Design, Downsampling, LayerNorm2d

STAGES = Text("Stages", "阶段")
BLOCKS = Text("Blocks", "块")
LAYERS = Text("Activation and normalisation", "激活与规范化")
TRAINING = Text("Training", "训练")


@dataclass(frozen=True, kw_only=True)
class ConvNeXtSpec(Spec):
    """The knobs of ConvNeXt; the defaults are ConvNeXt-T."""

    family = "convnext"

    depths: tuple[int, ...] = knob(
        (3, 3, 9, 3),
        Text("blocks in each stage", "各阶段块数"),
        Text(
            "One number for each of the four stages: 3-4-6-3 in ResNet-50, 3-3-9-3 here, in the "
            "ratio of the Transformer Swin-T, 1 : 1 : 3 : 1; 3-3-27-3 from ConvNeXt-S on.",
            "四个阶段各一个数：ResNet-50 为 3-4-6-3；这里为 3-3-9-3，"
            "比例 1 : 1 : 3 : 1 与 Swin-T 相同；从 ConvNeXt-S 起为 3-3-27-3。",
        ),
        group=STAGES,
        term="depths",
        bounds=(1, 36),
        lengths=(4, 4),
    )
    width: int = knob(
        96,
        Text("width", "宽度"),
        Text(
            "Channels of the stem and of stage 1, doubled from stage to stage: 64 in ResNet-50, 96 "
            "in ConvNeXt-T and S, 128 in B, 192 in L.",
            "初始层与第 1 阶段的通道数，逐阶段加倍：ResNet-50 为 64，ConvNeXt-T 和 S 为 96，"
            "B 为 128，L 为 192。",
        ),
        group=STAGES,
        term="channels",
        bounds=(8, 256),
        smaller=True,
    )
    stem: str = knob(
        "patchify",
        Text("stem", "初始层"),
        Text(
            "patchify: one 4×4 convolution of stride 4, whose windows do not overlap, as in "
            "Transformers. ResNet: a 7×7 of stride 2 and max pooling.",
            "图块：一个步幅 4 的 4×4 卷积，窗口互不重叠，与 Transformer 相同。"
            "ResNet：步幅 2 的 7×7 卷积加最大池化。",
        ),
        group=STAGES,
        term="stem",
        choices=("resnet", "patchify"),
        choice_labels=(Text("ResNet", "ResNet 式"), Text("patchify", "图块")),
    )
    downsampling: str = knob(
        "separate",
        Text("downsampling", "下采样"),
        Text(
            "What halves the size. in the block: the first of a stage, with a projection as its "
            "shortcut (ResNet). separate: a normalisation and a 2×2 convolution of stride 2 "
            "between stages, and one more normalisation in the head, which keeps training stable.",
            "由谁使尺寸减半。块内：每个阶段的第一个块，捷径为投影（ResNet）。"
            "单独：阶段之间用规范化加步幅 2 的 2×2 卷积；分类头中也加一个规范化，使训练稳定。",
        ),
        group=STAGES,
        term="stride",
        choices=("block", "separate"),
        choice_labels=(Text("in the block", "块内"), Text("separate", "单独")),
    )
    depthwise: bool = knob(
        True,
        Text("depthwise", "逐通道卷积"),
        Text(
            "On: the convolution with a window has one kernel a channel, and the 1×1 mix them. "
            "Off: full kernels, as in ResNet.",
            "打开：带窗口的卷积每个通道一个核，由 1×1 卷积混合通道。"
            "关闭：普通卷积，与 ResNet 相同。",
        ),
        group=BLOCKS,
        term="separable",
    )
    inverted: bool = knob(
        True,
        Text("inverted bottleneck", "倒瓶颈"),
        Text(
            "On: a block is four times as wide inside as outside, like MobileNetV2's and like the "
            "layers between attentions. Off: four times as wide outside, ResNet's bottleneck.",
            "打开：块内宽度为块外的 4 倍，如同 MobileNetV2 和 Transformer 中注意力之间的层。"
            "关闭：块外为块内的 4 倍，即 ResNet 的瓶颈。",
        ),
        group=BLOCKS,
        term="expand_ratio",
    )
    window_first: bool = knob(
        True,
        Text("window first", "窗口卷积在前"),
        Text(
            "On: the k×k comes before both 1×1, as attention does, and works on few channels. "
            "Off: between them.",
            "打开：k×k 卷积放在两个 1×1 之前（如同注意力），处理较少的通道。关闭：放在两者之间。",
        ),
        group=BLOCKS,
        term="separable",
    )
    kernel: int = knob(
        7,
        Text("kernel", "卷积核"),
        Text(
            "Side of the window: 3 in ResNet. With depthwise kernels a larger one costs little; "
            "in the paper it helps up to 7, as large as Swin's window.",
            "窗口边长：ResNet 为 3。逐通道卷积时增大它，计算量增加很少；"
            "论文中增大到 7 为止有效，与 Swin 的窗口一样大。",
        ),
        group=BLOCKS,
        term="kernel",
        symbol="k",
        choices=(3, 5, 7, 9, 11),
    )
    layer_scale: bool = knob(
        True,
        Text("layer scale", "层缩放"),
        Text(
            "Each channel of F(x) is multiplied by a number of its own, which is learned and "
            "starts at 0.000001: at first a block adds next to nothing.",
            "F(x) 的每个通道乘以各自可学习的系数，初值为 0.000001："
            "训练之初每个块几乎不加任何东西。",
        ),
        group=BLOCKS,
        term="layer_scale",
        symbol="γ",
    )
    activation: str = knob(
        "gelu",
        Text("activation", "激活函数"),
        Text(
            "GELU is a smooth ReLU, common in Transformers; here it makes no difference.",
            "GELU 是平滑的 ReLU，Transformer 中常用；论文中换用后准确率不变。",
        ),
        group=LAYERS,
        term="activation",
        choices=("relu", "gelu"),
        choice_labels=(Text("ReLU", "ReLU"), Text("GELU", "GELU")),
    )
    few_activations: bool = knob(
        True,
        Text("fewer activations", "减少激活"),
        Text(
            "On: one a block, after the first 1×1. Off: one after each of its first two "
            "convolutions and one after the sum, as in ResNet.",
            "打开：每个块只在第一个 1×1 之后有一个激活。"
            "关闭：前两个卷积之后和相加之后各一个，与 ResNet 相同。",
        ),
        group=LAYERS,
        term="activation",
    )
    normalisation: str = knob(
        "layer",
        Text("normalisation", "规范化方式"),
        Text(
            "layer: over the channels of each pixel, whatever the batch. batch: of each channel "
            "over the batch, as in ResNet.",
            "层规范化：对每个像素的全部通道，与批量无关。"
            "批量规范化：每个通道在批量上规范化，与 ResNet 相同。",
        ),
        group=LAYERS,
        term="layer_norm",
        choices=("batch", "layer"),
        choice_labels=(Text("batch", "批量规范化"), Text("layer", "层规范化")),
    )
    few_norms: bool = knob(
        True,
        Text("fewer normalisations", "减少规范化"),
        Text(
            "On: one a block, after the convolution with a window. Off: one after each of its "
            "convolutions, as in ResNet.",
            "打开：每个块只在带窗口的卷积之后有一个规范化。"
            "关闭：每个卷积之后各一个，与 ResNet 相同。",
        ),
        group=LAYERS,
        term="layer_norm",
    )
    stochastic_depth: float = knob(
        0.1,
        Text("stochastic depth", "随机深度"),
        Text(
            "Share of the images for which training leaves the last block out; it grows from 0 in "
            "the first block on. Nothing is left out when the network is used. 0.1 in ConvNeXt-T, "
            "0.4 in S, 0.5 in B and L.",
            "训练时跳过最后一个块的图像所占的比例；从第一个块的 0 起逐块线性增大。"
            "使用网络时不跳过任何块。ConvNeXt-T 取 0.1，S 取 0.4，B 和 L 取 0.5。",
        ),
        group=TRAINING,
        term="stochastic_depth",
        bounds=(0.0, 0.9),
        step=0.05,
        slider=True,
    )

    def conflicts(self) -> list[Problem]:
        remedy = Text(
            "The ResNet stem and downsampling in the block do with less.",
            "ResNet 初始层和块内下采样可用于更小的图像。",
        )
        return self.image_conflict(self._fits, remedy)

    def _fits(self, size: int) -> bool:
        """Whether the four stages have at least a pixel each."""
        side = size // 4 if self.stem == "patchify" else -(-size // 4)
        for _ in range(len(self.depths) - 1):
            side = side // 2 if self.downsampling == "separate" else -(-side // 2)
        return side > 0

    def build(self) -> nn.Module:
        return ConvNeXt(self)


class ConvNeXt(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: ConvNeXtSpec):
        super().__init__()
        norm = LayerNorm2d if spec.normalisation == "layer" else nn.BatchNorm2d
        design = Design(
            kernel=spec.kernel,
            depthwise=spec.depthwise,
            window_first=spec.window_first,
            norm=norm,
            few_norms=spec.few_norms,
            activation=ACTIVATIONS[spec.activation],
            few_activations=spec.few_activations,
            layer_scale=spec.layer_scale,
        )
        channels = spec.width
        self.stem = _stem(spec, design)
        before, last = 0, sum(spec.depths) - 1
        for stage, depth in enumerate(spec.depths):
            narrow = spec.width * 2**stage
            hidden, out = (4 * narrow, narrow) if spec.inverted else (narrow, 4 * narrow)
            if stage and spec.downsampling == "separate":
                self.add_module(f"downsample{stage}", Downsampling(channels, out, norm=norm))
                channels = out
            blocks = Layers()
            for index in range(depth):
                halves = stage and not index and spec.downsampling == "block"
                blocks[f"block{index + 1}"] = ConvNeXtBlock(
                    channels,
                    hidden,
                    out,
                    stride=2 if halves else 1,
                    drop=spec.stochastic_depth * (before + index) / last,
                    design=design,
                )
                channels = out
            before += depth
            self.add_module(f"stage{stage + 1}", nn.Sequential(blocks))
        head = Layers(pool=nn.AdaptiveAvgPool2d(1))
        if spec.downsampling == "separate":
            head["norm"] = norm(channels)
        head |= Layers(flatten=nn.Flatten(), classifier=nn.Linear(channels, spec.num_classes))
        self.head = nn.Sequential(head)


def _stem(spec: ConvNeXtSpec, design: Design) -> nn.Sequential:
    """(N, C, H, W) -> (N, width, H/4, W/4): by patches rounded down, by ResNet's stem up."""
    kernel, stride, padding = (4, 4, 0) if spec.stem == "patchify" else (7, 2, 3)
    layers = Layers(
        conv=nn.Conv2d(
            spec.in_channels,
            spec.width,
            kernel,
            stride=stride,
            padding=padding,
            bias=design.norm is LayerNorm2d,
        ),
        norm=design.norm(spec.width),
    )
    if not spec.few_activations:
        layers[name_of(design.activation)] = design.activation()
    if spec.stem == "resnet":
        layers["pool"] = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
    return nn.Sequential(layers)

"""Inception-ResNet-v2: Inception blocks that learn what to add to their input.

Szegedy, Ioffe, Vanhoucke, Alemi, "Inception-v4, Inception-ResNet and the Impact of Residual
Connections on Learning", AAAI 2017, arXiv 1602.07261: figure 15 for the whole, 16 to 19 for its
parts, table 1 for reduction A, section 3.3 for the scaling of residuals.

The preset is the network that the authors released and all weights are for, which is not that of
the figures: 10-20-10 blocks, not 5-10-5; a plainer stem of 320 channels that ends in an Inception
block, not Inception-v4's of 384; 1088 and 2080 channels after the reductions, not the figures'
1154 and 2048; a last block that is neither scaled nor followed by ReLU, and a 1×1 convolution to
1536 channels before the pooling. The knobs `depths` and `stem` give the figures' form, but for
these two, and with 1152 and 2144 channels, which is what their parts add up to.
"""

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Branches, average_head, conv_unit
from cnnviz.zoo.inception_parts import (
    BLOCKS,
    REDUCTION,
    STEM_CHANNELS,
    Layer,
    Reduction,
    chain,
    depths_knob,
    factorised_knob,
    first_convolutions,
    fits,
    flat_and_tall,
    halving,
    numbered,
    reduction_a,
    reduction_knob,
    smoothing,
    stem_v4,
)
from cnnviz.zoo.shared_knobs import dropout_knob

SCALES = Text("Scale of the residuals", "残差缩放")
FEATURES = 1536


def _scale(block: str, default: float, note: Text = Text("", "")) -> float:
    """The factor on the residuals of one kind of block."""
    return knob(
        default,
        Text(f"scale in blocks {block}", f"{block} 块的残差缩放"),
        Text(
            "Factor of the residual before it is added; the paper takes 0.1 to 0.3, since very "
            "wide blocks did not train without it. 1: plain addition; smaller: the block stays "
            "closer to its input. No parameters; without effect when residuals are off.{note}",
            "残差在相加之前乘以的系数；论文取 0.1 到 0.3，否则很宽的块无法训练。"
            "取 1 为直接相加；越小，块的输出越接近输入。不含参数；关闭残差连接时不起作用。{note}",
        ).format(note=note),
        group=SCALES,
        term="residual",
        bounds=(0.01, 1.0),
        step=0.01,
        slider=True,
    )


@dataclass(frozen=True, kw_only=True)
class InceptionResNetSpec(Spec):
    """The knobs of Inception-ResNet; the defaults are the released Inception-ResNet-v2."""

    family = "inception-resnet"

    image_size: int = 299

    residual: bool = knob(
        True,
        Text("residual connections", "残差连接"),
        Text(
            "On: a block adds its result to its input. Off: the same layers in a plain chain; what "
            "the 1×1 projection makes goes on alone, unscaled. Parameters and MACs stay the same.",
            "打开：块把结果加到输入上。关闭：相同的层连成普通的链，1×1 投影的结果不经缩放单独"
            "传下去。参数量和乘加次数都不变。",
        ),
        group=BLOCKS,
        term="residual",
    )
    depths: tuple[int, ...] = depths_knob(
        (10, 20, 10),
        Text(
            "The released network has 10-20-10, the paper's figure 15 has 5-10-5.",
            "发布的网络为 10-20-10，论文图 15 为 5-10-5。",
        ),
    )
    scale_a: float = _scale("A", 0.17)
    scale_b: float = _scale("B", 0.1)
    scale_c: float = _scale(
        "C",
        0.2,
        Text(" The very last block is not scaled.", "最后一个块不缩放。"),
    )
    factorised: bool = factorised_knob()
    stem: str = knob(
        "released",
        Text("stem", "初始层"),
        Text(
            "released: convolutions and pooling in a row, then one Inception block, 320 channels. "
            "Inception-v4's: the branching stem of Inception-v4 as in the paper, 384 channels.",
            "发布版：卷积与池化依次相连，再加一个 Inception 块，320 个通道。"
            "Inception-v4 初始层：论文中与 Inception-v4 相同的分支结构，384 个通道。",
        ),
        group=BLOCKS,
        term="stem",
        choices=("released", "inception-v4"),
        choice_labels=(Text("released", "发布版"), Text("Inception-v4's", "Inception-v4 初始层")),
    )
    reduction_a: tuple[int, ...] = reduction_knob((256, 256, 384, 384))
    dropout: float = dropout_knob(REDUCTION, 0.2)

    def conflicts(self) -> list[Problem]:
        return self.image_conflict(fits, Text("", ""))

    def build(self) -> nn.Module:
        return InceptionResNet(self)


class InceptionResNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: InceptionResNetSpec):
        count_a, count_b, count_c = spec.depths
        if spec.stem == "released":
            stem, channels = _released_stem(spec.in_channels), 320
        else:
            stem = stem_v4(spec.in_channels, factorised=spec.factorised)
            channels = STEM_CHANNELS
        to_b = reduction_a(channels, spec.reduction_a)
        to_c = _reduction_b(to_b.out_channels)
        super().__init__(
            OrderedDict(
                stem=stem,
                inception_a=numbered(InceptionResNetA(spec, channels) for _ in range(count_a)),
                reduction_a=to_b,
                inception_b=numbered(
                    InceptionResNetB(spec, to_b.out_channels) for _ in range(count_b)
                ),
                reduction_b=to_c,
                inception_c=numbered(
                    InceptionResNetC(spec, to_c.out_channels, last=index == count_c - 1)
                    for index in range(count_c)
                ),
                head=average_head(
                    FEATURES,
                    spec.num_classes,
                    dropout=spec.dropout,
                    conv=conv_unit(to_c.out_channels, FEATURES, 1),
                ),
            )
        )


class ResidualInception(nn.Module):
    """ReLU(x + scale · P(F(x))): (N, C, H, W) -> (N, C, H, W).

    F is branches side by side, P a 1×1 convolution back to C channels, linear and with a bias.

    Args:
        scale: None for a plain block, ReLU(P(F(x))).
        chains: the convolutions of each branch.
    """

    def __init__(self, channels: int, *chains: tuple[Layer, ...], scale: float | None):
        super().__init__()
        self.scale = scale
        self.branches = Branches(*(chain(channels, *layers) for layers in chains))
        self.project = nn.Conv2d(sum(layers[-1][0] for layers in chains), channels, kernel_size=1)
        self.relu: nn.Module = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.project(self.branches(x))
        return self.relu(y if self.scale is None else x + self.scale * y)

    def extra_repr(self) -> str:
        return f"scale={self.scale}"


class InceptionResNetA(ResidualInception):
    """Figure 16, windows of 1, 3 and 5 (two 3×3)."""

    def __init__(self, spec: InceptionResNetSpec, channels: int):
        super().__init__(
            channels,
            ((32, 1),),
            ((32, 1), (32, 3)),
            ((32, 1), (48, 3), (64, 3)),
            scale=spec.scale_a if spec.residual else None,
        )


class InceptionResNetB(ResidualInception):
    """Figure 17, windows of 1 and 7."""

    def __init__(self, spec: InceptionResNetSpec, channels: int):
        super().__init__(
            channels,
            ((192, 1),),
            ((128, 1), *flat_and_tall(7, 160, 192, factorised=spec.factorised)),
            scale=spec.scale_b if spec.residual else None,
        )


class InceptionResNetC(ResidualInception):
    """Figure 19, windows of 1 and 3; the last of them is x + P(F(x))."""

    def __init__(self, spec: InceptionResNetSpec, channels: int, *, last: bool):
        scale = 1.0 if last else spec.scale_c
        super().__init__(
            channels,
            ((192, 1),),
            ((192, 1), *flat_and_tall(3, 224, 256, factorised=spec.factorised)),
            scale=scale if spec.residual else None,
        )
        if last:
            self.relu = nn.Identity()


def _released_stem(in_channels: int) -> nn.Sequential:
    """(N, C, H, W) -> (N, 320, H', W'), 299 px to 35."""
    return nn.Sequential(
        OrderedDict(
            **first_convolutions(in_channels),
            pool1=halving(),
            conv4=conv_unit(64, 80, 1),
            conv5=conv_unit(80, 192, 3),
            pool2=halving(),
            inception=Branches(
                chain(192, (96, 1)),
                chain(192, (48, 1), (64, 5)),
                chain(192, (64, 1), (96, 3), (96, 3)),
                chain(192, (64, 1), pool=smoothing()),
            ),
        )
    )


def _reduction_b(channels: int) -> Reduction:
    """Figure 18: (N, C, H, W) -> (N, C + 992, H', W')."""
    return Reduction(
        channels, ((256, 1), (384, 3)), ((256, 1), (288, 3)), ((256, 1), (288, 3), (320, 3))
    )


FAMILY = Family(
    title="Inception-ResNet",
    spec=InceptionResNetSpec,
    presets=(
        Preset(
            name="inception-resnet-v2",
            spec=InceptionResNetSpec(),
            params=55_843_464,
            macs=13_155_794_016,
            source="arXiv 1602.07261 and its released code",
        ),
    ),
)

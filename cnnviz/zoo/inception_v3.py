"""Inception-v3: large kernels taken apart, a different block for each resolution.

Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, "Rethinking the Inception Architecture for Computer
Vision", CVPR 2016, arXiv 1512.00567: figures 5, 6 and 7 for the blocks, 10 for the reductions, 8
for the auxiliary head. Channels and stem are those of the released network, as in torchvision; the
paper's table 1 has another stem. Where figure 5 has two 3×3 in place of the 5×5, the released block
has both. The released batch norm's ε is 0.001; here it is PyTorch's.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from torch import nn

from cnnviz.families import NORMALISED, UNNORMALISED, Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import (
    AuxiliaryHead,
    Layers,
    WithAuxiliaryHeads,
    average_head,
    conv_chain,
    conv_unit,
)
from cnnviz.zoo.inception_parts import halving
from cnnviz.zoo.inception_v3_blocks import (
    AsymmetricInception,
    ExpandedInception,
    GridReduction,
    StackedInception,
    Units,
    seven,
)
from cnnviz.zoo.shared_knobs import batch_norm_knob, dropout_knob

BLOCKS = Text("Blocks", "各类块")
HEADS = Text("Normalisation and heads", "规范化与分类头")


@dataclass(frozen=True, kw_only=True)
class InceptionV3Spec(Spec):
    """The knobs of Inception-v3; the defaults are the released network, without its second head."""

    family = "inception-v3"

    image_size: int = 299
    depths: tuple[int, ...] = knob(
        (3, 4, 2),
        Text("blocks in each stage", "各阶段块数"),
        Text(
            "Blocks with a 5×5 at 35 px, with 7×7 taken apart at 17 px, with 1×3 beside 3×1 at "
            "8 px: 3-4-2 in the released network. More make it deeper and dearer.",
            "三类块的个数：35 像素处含 5×5 的块、17 像素处分解 7×7 的块、"
            "8 像素处并列 1×3 与 3×1 的块；已发布的网络为 3-4-2。块越多，网络越深，运算量越大。",
        ),
        group=BLOCKS,
        term="depths",
        bounds=(1, 16),
        lengths=(3, 3),
        smaller=True,
    )
    five_by_five: str = knob(
        "5x5",
        Text("second branch of stage 1", "第一阶段的第二条分支"),
        Text(
            "5×5 in the released network; two 3×3 see the same window for 18 weights instead of "
            "25. The third branch is two 3×3 in any case.",
            "已发布的网络为 5×5；两个 3×3 看到同样的窗口，"
            "25 个权重变为 18 个。第三条分支总是两个 3×3。",
        ),
        group=BLOCKS,
        term="factorisation",
        choices=("5x5", "3x3-twice"),
        choice_labels=(Text("5×5", "一个 5×5 卷积"), Text("3×3 twice", "两个 3×3 卷积")),
    )
    factorise_7x7: bool = knob(
        True,
        Text("7×7 taken apart", "分解 7×7 卷积"),
        Text(
            "On, as in the paper: a 1×7 and a 7×1, 14 weights per pair of channels. Off: one full "
            "7×7, 49 weights.",
            "打开（论文）：1×7 与 7×1，每对通道 14 个权重。关闭：完整的 7×7 卷积，49 个。",
        ),
        group=BLOCKS,
        term="factorisation",
    )
    factorised_width: tuple[int, ...] = knob(
        (128, 160, 192),
        Text("width of the 7×7", "7×7 卷积的宽度"),
        Text(
            "Channels inside the 7×7 branches of stage 2: of the first block, of those between, "
            "of the last. Wider costs more; the block's output stays 768.",
            "第二阶段各块 7×7 分支内部的通道数：第一块、中间各块、最后一块。"
            "越宽，参数量和计算量越大；块的输出始终为 768。",
        ),
        group=BLOCKS,
        term="channels",
        bounds=(1, 512),
        lengths=(3, 3),
        smaller=True,
    )
    expand_3x3: bool = knob(
        True,
        Text("3×3 set side by side", "并列 1×3 与 3×1"),
        Text(
            "On, as in the paper: in stage 3 a 1×3 and a 3×1 read the same map, 384 channels "
            "each. Off: one 3×3 with the same 768, three times the weights.",
            "打开（论文）：第三阶段中 1×3 与 3×1 读取同一特征图，各输出 384 个通道。"
            "关闭：一个 3×3 输出同样的 768 个通道，权重为三倍。",
        ),
        group=BLOCKS,
        term="factorisation",
    )
    auxiliary_head: bool = knob(
        False,
        Text("auxiliary head", "辅助分类器"),
        Text(
            "A second classifier after stage 2. In training its loss, times 0.3, is added; the "
            "paper finds that it regularises. On, it is counted, and needs images of 299 px.",
            "在第二阶段之后再加一个分类器；训练时其损失乘 0.3 计入，论文认为它起正则化作用。"
            "打开后计入各项数值，图像至少为 299 像素。",
        ),
        group=HEADS,
        term="head",
    )
    batch_norm: bool = batch_norm_knob(HEADS)
    dropout: float = dropout_knob(HEADS, where=Text("in the released network", "发布的网络"))

    def conflicts(self) -> list[Problem]:
        remedy = Text("", "")
        if self.auxiliary_head:
            remedy = Text(
                "Or switch the auxiliary head off: a 5×5 convolution follows its 5×5 pooling.",
                "也可以关闭辅助分类器：它在 5×5 池化之后还有 5×5 卷积。",
            )
        return self.image_conflict(self._fits, remedy)

    def _fits(self, size: int) -> bool:
        """Stage 3 needs a pixel; the auxiliary head leaves (⌊(n − 5) / 3⌋ + 1) − 4 of n."""
        stage1 = _half(_half(_half(size) - 2) - 2)
        stage2 = _half(stage1)
        return _half(stage2) >= 1 and (not self.auxiliary_head or (stage2 - 5) // 3 + 1 >= 5)

    def build(self) -> nn.Module:
        return InceptionV3(self)


def _half(size: int) -> int:
    """Pixels that a window of 3, stride 2 and no padding leaves of `size`."""
    return (size - 1) // 2


class InceptionV3(WithAuxiliaryHeads):
    """(N, C, H, W) -> (N, classes); with the auxiliary head, a pair of such outputs."""

    def __init__(self, spec: InceptionV3Spec):
        super().__init__()
        first, second, third = spec.depths
        halves: dict[str, Any] = {"norm": spec.batch_norm, "stride": 2, "padded": False}
        self.stem = _stem(spec)
        pools = [32, *[64] * (first - 1)]
        stacked = partial(StackedInception, five=_five(spec), norm=spec.batch_norm)
        self.stage1, channels = _stage(stacked, 192, pools)
        self.reduction1 = GridReduction(
            branch1=conv_unit(channels, 384, 3, stride=2, norm=spec.batch_norm),
            branch2=conv_chain(channels, **halves, reduce=(64, 1), conv1=(96, 3), conv2=(96, 3)),
            pool=halving(),
        )
        widths = _widths(spec.factorised_width, second)
        factorised = spec.factorise_7x7
        asymmetric = partial(AsymmetricInception, factorised=factorised, norm=spec.batch_norm)
        self.stage2, channels = _stage(asymmetric, channels + 384 + 96, widths)
        if spec.auxiliary_head:
            self.auxiliary = _auxiliary_head(spec, channels)
        sevens = seven("conv1", 192, 192, factorised=factorised)
        self.reduction2 = GridReduction(
            branch1=conv_chain(channels, **halves, reduce=(192, 1), conv=(320, 3)),
            branch2=conv_chain(channels, **halves, reduce=(192, 1), **sevens, conv2=(192, 3)),
            pool=halving(),
        )
        expanded = partial(ExpandedInception, expanded=spec.expand_3x3, norm=spec.batch_norm)
        self.stage3, channels = _stage(expanded, channels + 320 + 192, [192] * third)
        self.head = average_head(channels, spec.num_classes, dropout=spec.dropout)


def _stem(spec: InceptionV3Spec) -> nn.Sequential:
    """(N, C, H, W) -> (N, 192, H', W'): 299 px become 35."""
    norm = spec.batch_norm
    return nn.Sequential(
        OrderedDict(
            conv1=conv_unit(spec.in_channels, 32, 3, stride=2, norm=norm),
            conv2=conv_unit(32, 32, 3, norm=norm),
            conv3=conv_unit(32, 64, 3, padding=1, norm=norm),
            pool1=halving(),
            conv4=conv_unit(64, 80, 1, norm=norm),
            conv5=conv_unit(80, 192, 3, norm=norm),
            pool2=halving(),
        )
    )


def _five(spec: InceptionV3Spec) -> Units:
    """What sees 5×5 in the second branch of stage 1."""
    if spec.five_by_five == "3x3-twice":
        return {"conv1": (64, 3), "conv2": (64, 3)}
    return {"conv": (64, 5)}


def _auxiliary_head(spec: InceptionV3Spec, channels: int) -> AuxiliaryHead:
    """On the maps of stage 2; figure 8."""
    return AuxiliaryHead(
        OrderedDict(
            pool=nn.AvgPool2d(kernel_size=5, stride=3),
            reduce=conv_unit(channels, 128, 1, norm=spec.batch_norm),
            conv=conv_unit(128, 768, 5, norm=spec.batch_norm),
            average=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            classifier=nn.Linear(768, spec.num_classes),
        )
    )


def _stage(
    block: Callable[[int, int], Any],
    channels: int,
    numbers: list[int],
) -> tuple[nn.Sequential, int]:
    """A block for each of the numbers, and the channels that leave the last."""
    blocks = Layers()
    for index, number in enumerate(numbers, start=1):
        made = block(channels, number)
        blocks[f"block{index}"], channels = made, made.out_channels
    return nn.Sequential(blocks), channels


def _widths(ends: tuple[int, ...], depth: int) -> list[int]:
    """The 7×7 widths of `depth` blocks: first, between, last; a single block is the first."""
    first, between, last = ends
    return [first, *[between] * (depth - 2), last][:depth]


SOURCE = "arXiv 1512.00567; channels of torchvision inception_v3"

FAMILY = Family(
    title="Inception-v3",
    spec=InceptionV3Spec,
    demos=(replace(NORMALISED, when=lambda spec: spec.batch_norm), UNNORMALISED),
    presets=(
        Preset(
            name="inception-v3",
            spec=InceptionV3Spec(),
            params=23_834_568,
            macs=5_713_216_096,
            source=SOURCE,
        ),
        Preset(
            name="inception-v3-auxiliary",
            spec=InceptionV3Spec(auxiliary_head=True),
            params=27_161_264,
            macs=None,
            source=SOURCE,
        ),
    ),
)

"""Parts of both Inception-v4 and Inception-ResNet: chains of convolutions, side by side.

Szegedy, Ioffe, Vanhoucke, Alemi, "Inception-v4, Inception-ResNet and the Impact of Residual
Connections on Learning", AAAI 2017, arXiv 1602.07261: figure 3 for the stem, figure 7 and table 1
for reduction A.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from torch import nn

from cnnviz.knobs import knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Branches, conv_chain, conv_unit

BLOCKS = Text("Blocks", "块")
REDUCTION = Text("Reduction and head", "缩减块与分类头")
Kernel = int | tuple[int, int]
Layer = tuple[int, Kernel]  # output channels and kernel of one convolution


class Reduction(Branches):
    """Strided chains and max pooling side by side, none padded at its stride.

    (N, C, H, W) -> (N, C + last channels of the chains, ⌊(H−1)/2⌋, ⌊(W−1)/2⌋)
    """

    def __init__(self, channels: int, *chains: tuple[Layer, ...]):
        strided = (chain(channels, *layers, stride=2, padded=False) for layers in chains)
        super().__init__(*strided, halving())
        self.out_channels = channels + sum(layers[-1][0] for layers in chains)


def chain(
    channels: int,
    *layers: Layer,
    stride: int = 1,
    padded: bool = True,
    pool: nn.Module | None = None,
) -> nn.Sequential:
    """Convolution units one after another: (N, C, H, W) -> (N, channels of the last, H', W').

    Args:
        stride: of the last convolution; the others have 1.
        padded: whether the last convolution is; the others are, so that they keep the size.
        pool: what comes first, if anything.
    """
    units: dict[str, Any] = {f"conv{number}": layer for number, layer in enumerate(layers, start=1)}
    convolutions = conv_chain(channels, stride=stride, padded=padded, **units)
    if pool is None:
        return convolutions
    return nn.Sequential(OrderedDict(pool=pool, **dict(convolutions.named_children())))


def flat_and_tall(size: int, flat: int, tall: int, *, factorised: bool) -> tuple[Layer, ...]:
    """1×n to `flat` channels and n×1 to `tall`; one n×n to `tall` where they are not factorised."""
    return ((flat, (1, size)), (tall, (size, 1))) if factorised else ((tall, size),)


def tall_and_flat(size: int, tall: int, flat: int, *, factorised: bool) -> tuple[Layer, ...]:
    """The same with the n×1 first."""
    return ((tall, (size, 1)), (flat, (1, size))) if factorised else ((flat, size),)


def halving() -> nn.Module:
    """(N, C, H, W) -> (N, C, ⌊(H−1)/2⌋, ⌊(W−1)/2⌋)."""
    return nn.MaxPool2d(kernel_size=3, stride=2)


def smoothing() -> nn.Module:
    """(N, C, H, W) -> (N, C, H, W), the mean of the pixels that lie in the map."""
    return nn.AvgPool2d(kernel_size=3, stride=1, padding=1, count_include_pad=False)


def reduction_a(channels: int, split: tuple[int, ...]) -> Reduction:
    """Reduction A with the channels k, l, m, n: (N, C, H, W) -> (N, C + n + m, H', W')."""
    k, l, m, n = split  # noqa: E741 - the paper's letters
    return Reduction(channels, ((n, 3),), ((k, 1), (l, 3), (m, 3)))


def first_convolutions(in_channels: int) -> OrderedDict[str, nn.Module]:
    """First layers of every stem: (N, C, H, W) -> (N, 64, ⌊(H−1)/2⌋ − 2, ⌊(W−1)/2⌋ − 2)."""
    return OrderedDict(
        conv1=conv_unit(in_channels, 32, 3, stride=2),
        conv2=conv_unit(32, 32, 3),
        conv3=conv_unit(32, 64, 3, padding=1),
    )


STEM_CHANNELS = 384


def stem_v4(in_channels: int, *, factorised: bool) -> nn.Sequential:
    """Figure 3: (N, C, H, W) -> (N, 384, H', W'), 299 px to 35.

    The last convolution has stride 2, without which it would not fit the pooling beside it; the
    figure leaves that out.
    """
    seven = flat_and_tall(7, 64, 64, factorised=factorised)
    return nn.Sequential(
        OrderedDict(
            **first_convolutions(in_channels),
            join1=Branches(halving(), chain(64, (96, 3), stride=2, padded=False)),
            join2=Branches(
                chain(160, (64, 1), (96, 3), padded=False),
                chain(160, (64, 1), *seven, (96, 3), padded=False),
            ),
            join3=Branches(chain(192, (192, 3), stride=2, padded=False), halving()),
        )
    )


def fits(image_size: int) -> bool:
    """Whether a pixel is left after the last reduction, with either stem: from 75 px on."""
    size = (image_size - 1) // 2 - 2  # the first convolutions
    size = (size - 1) // 2 - 2  # halved, then one 3×3 without padding
    for _ in ("stem", "reduction A", "reduction B"):
        size = (size - 1) // 2
    return size >= 1


def numbered(blocks: Iterable[nn.Module]) -> nn.Sequential:
    """Blocks one after another, named block1, block2, …"""
    return nn.Sequential(OrderedDict((f"block{i}", x) for i, x in enumerate(blocks, start=1)))


def factorised_knob() -> bool:
    """Whether n×n convolutions are written as 1×n and n×1."""
    return knob(
        True,
        Text("factorised convolutions", "分解卷积"),
        Text(
            "On, as in the paper: a 7×7 is written as a 1×7 and a 7×1, 14 weights instead of 49 at "
            "equal channels, and a 3×3 of block C likewise. Off: each such pair is one square "
            "convolution with the pair's input and output; parameters and MACs grow.",
            "打开（论文）：7×7 卷积写成 1×7 和 7×1 两个卷积，通道数相同时权重由 49 个减为 14 个，"
            "C 块中的 3×3 也是如此。关闭：每一对合为一个方形卷积，输入、输出通道不变，"
            "参数量和乘加次数都会增加。",
        ),
        group=BLOCKS,
        term="factorisation",
    )


def depths_knob(default: tuple[int, int, int], note: Text) -> tuple[int, ...]:
    """How many blocks A, B and C there are."""
    return knob(
        default,
        Text("blocks A, B, C", "A、B、C 块数"),
        Text(
            "How many blocks of each kind: A at 35 px, B at 17, C at 8 (of a 299-pixel image). "
            "{note} More blocks make the network deeper, not wider.",
            "每种块的个数：对 299 像素的图像，A 块工作在 35 像素，B 块 17 像素，C 块 8 像素。"
            "{note}块数越多，网络越深，而不是越宽。",
        ).format(note=note),
        group=BLOCKS,
        term="depths",
        bounds=(1, 32),
        lengths=(3, 3),
        smaller=True,
    )


def reduction_knob(default: tuple[int, int, int, int]) -> tuple[int, ...]:
    """The channels k, l, m, n of reduction A."""
    return knob(
        default,
        Text("reduction A", "缩减块 A"),
        Text(
            "Channels of its convolutions (table 1): k, l and m in the branch of three, n in the "
            "other. With max pooling beside them, n + m channels are added to the input's; larger "
            "m and n widen everything in stage B.",
            "其中各卷积的通道数（论文表 1）：k、l、m 属于三个卷积的分支，n 属于另一分支。"
            "旁边还有最大池化，因此输出比输入多 n + m 个通道；m、n 越大，B 阶段的输入越宽。",
        ),
        group=REDUCTION,
        term="split",
        symbol="k-l-m-n",
        bounds=(1, 1024),
        lengths=(4, 4),
    )

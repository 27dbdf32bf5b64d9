"""VGG: blocks of small convolutions, each block ended by pooling; depth from repetition alone.

Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR
2015, arXiv 1409.1556: table 1 for the configurations A to E, section 2.3 for three 3×3 against one
7×7. Batch norm is younger than the paper; as in torchvision's listing it stands between convolution
and ReLU, and the convolution keeps its bias.
"""

from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from cnnviz.families import NORMALISED, UNNORMALISED, Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, average_head, fully_connected_head, local_response_norm
from cnnviz.zoo.shared_knobs import dropout_knob, hidden_knob

BLOCKS = Text("Blocks", "VGG 块")
HEAD = Text("Head", "分类头")
KERNELS = {"3x3": 3, "5x5": 5, "7x7": 7}
MOST_BLOCKS = 8
FIRST_WITH_1X1 = 3  # block of table 1, column C


@dataclass(frozen=True, kw_only=True)
class VGGSpec(Spec):
    """The knobs of VGG; the defaults are configuration D, VGG-16."""

    family = "vgg"

    depths: tuple[int, ...] = knob(
        (2, 2, 3, 3, 3),
        Text("convolutions in each block", "各块的卷积层数"),
        Text(
            "One number per block; every block ends in 2×2 pooling. With the three fully connected "
            "layers, 2-2-3-3-3 makes the 16 of VGG-16; VGG-19 has 2-2-4-4-4.",
            "每块一个数，每块以 2×2 池化结束。2-2-3-3-3 加上三个全连接层就是 VGG-16 的 16 层；"
            "VGG-19 为 2-2-4-4-4。",
        ),
        group=BLOCKS,
        term="depths",
        bounds=(1, 8),
        lengths=(1, MOST_BLOCKS),
    )
    widths: tuple[int, ...] = knob(
        (64, 128, 256, 512, 512),
        Text("channels of each block", "各块的通道数"),
        Text(
            "Channels of a block's convolutions: 64, doubled up to 512 in the paper. Blocks beyond "
            "the last number keep it. A convolution's parameters grow with the square.",
            "块内卷积的通道数：论文从 64 开始逐块加倍，直到 512。数字不够时，"
            "后面的块沿用最后一个数。卷积的参数量按其平方增长。",
        ),
        group=BLOCKS,
        term="channels",
        bounds=(1, 1024),
        lengths=(1, MOST_BLOCKS),
        smaller=True,
    )
    kernel: str = knob(
        "3x3",
        Text("kernel", "卷积核"),
        Text(
            "Of every convolution, padded to keep the size. Two 3×3 see as far as one 5×5, three "
            "as far as one 7×7, with 27C² weights instead of 49C²: 55.1 %.",
            "所有卷积的核，经填充保持尺寸。两个 3×3 的感受野等于一个 5×5，三个等于一个 7×7，"
            "权重却是 27C² 而不是 49C²，只占 55.1 %。",
        ),
        group=BLOCKS,
        term="kernel",
        choices=tuple(KERNELS),
        choice_labels=(Text("3×3", "3×3 卷积"), Text("5×5", "5×5 卷积"), Text("7×7", "7×7 卷积")),
    )
    last_1x1: bool = knob(
        False,
        Text("1×1 as the last", "末层用 1×1 卷积"),
        Text(
            "Configuration C: from the third block on, the last convolution is 1×1. One more "
            "non-linearity, with a ninth of the weights of a 3×3; D, with 3×3, was more accurate.",
            "配置 C：从第三块起，每块的最后一个卷积为 1×1。多一次非线性变换，"
            "权重只有 3×3 的九分之一；全用 3×3 的 D 更准确。",
        ),
        group=BLOCKS,
        term="kernel",
    )
    batch_norm: bool = knob(
        False,
        Text("batch norm", "批量规范化"),
        Text(
            "After every convolution. It came a year after the paper, which had to train A first "
            "and begin the deeper networks with its layers.",
            "加在每个卷积之后。它比该论文晚一年；论文要先训练 A，再用它的层初始化更深的网络。",
        ),
        group=BLOCKS,
        term="batch_norm",
    )
    lrn: bool = knob(
        False,
        Text("local response norm", "局部响应规范化"),
        Text(
            "After the first convolution, as in A-LRN, with AlexNet's numbers. The paper found no "
            "gain, so B to E go without.",
            "加在第一个卷积之后（A-LRN），取值与 AlexNet 相同。论文没有发现好处，"
            "因此 B 至 E 不再使用。",
        ),
        group=BLOCKS,
        term="local_response_norm",
    )
    head: str = knob(
        "fc",
        Text("head", "分类头"),
        Text(
            "fully connected: two hidden layers and a classifier, 124 of the 138 million "
            "parameters of VGG-16. average: global average pooling and the classifier alone, for "
            "comparison.",
            "全连接：两个隐藏层加分类层，占 VGG-16 的 1.38 亿参数中的 1.24 亿。"
            "平均池化：只有全局平均池化和分类层，用于比较。",
        ),
        group=HEAD,
        term="head",
        choices=("fc", "average"),
        choice_labels=(
            Text("fully connected", "全连接"),
            Text("average", "平均池化"),
        ),
    )
    hidden_features: int = hidden_knob(HEAD)
    dropout: float = dropout_knob(HEAD)

    def conflicts(self) -> list[Problem]:
        remedy = Text("Enlarge it, or take fewer blocks.", "请增大图像或减少块数。")
        return [*self.image_conflict(self._fits, remedy), *self._width_conflict()]

    def _fits(self, size: int) -> bool:
        return size >= 2 ** len(self.depths)

    def _width_conflict(self) -> list[Problem]:
        over = len(self.widths) - len(self.depths)
        if over <= 0:
            return []
        message = Text(
            "{knob} has {numbers} numbers for {blocks} block{blocks:|s}. Take the last {over} "
            "away, or add blocks to {depths}.",
            "{knob}有 {numbers} 个数，而块只有 {blocks} 个。请去掉最后 {over} 个，"
            "或在{depths}中增加块。",
        )
        blocks = len(self.depths)
        values = {"numbers": len(self.widths), "blocks": blocks, "over": over}
        return [self.problem("widths", message, **values)]

    def width(self, block: int) -> int:
        """Channels of a block, counted from 1; the last number stands for all that follow."""
        return self.widths[min(block, len(self.widths)) - 1]

    def build(self) -> nn.Module:
        return VGG(self)


class VGG(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: VGGSpec):
        super().__init__()
        channels, size = spec.in_channels, spec.image_size
        for number in range(1, len(spec.depths) + 1):
            self.add_module(f"block{number}", VGGBlock(spec, channels, number=number))
            channels, size = spec.width(number), size // 2
        if spec.head == "average":
            self.head = average_head(channels, spec.num_classes, dropout=spec.dropout)
        else:
            self.head = fully_connected_head(
                channels * size * size,
                spec.num_classes,
                hidden=spec.hidden_features,
                dropout=spec.dropout,
            )


class VGGBlock(nn.Sequential):
    """(N, C, H, W) -> (N, width, ⌊H/2⌋, ⌊W/2⌋): convolutions that keep the size, then pooling.

    Args:
        number: of the block, from 1.
    """

    def __init__(self, spec: VGGSpec, channels: int, *, number: int):
        width, depth = spec.width(number), spec.depths[number - 1]
        layers = Layers()
        for index in range(1, depth + 1):
            kernel = KERNELS[spec.kernel]
            if spec.last_1x1 and index == depth and number >= FIRST_WITH_1X1:
                kernel = 1
            layers[f"conv{index}"] = nn.Conv2d(channels, width, kernel, padding=kernel // 2)
            if spec.batch_norm:
                layers[f"norm{index}"] = nn.BatchNorm2d(width)
            layers[f"relu{index}"] = nn.ReLU()
            if spec.lrn and number == index == 1:
                layers["lrn"] = local_response_norm()
            channels = width
        layers["pool"] = nn.MaxPool2d(kernel_size=2)
        super().__init__(layers)


def _preset(name: str, depths: tuple[int, ...], params: int, macs: int, **knobs: Any) -> Preset:
    spec = VGGSpec(depths=depths, **knobs)
    source = "arXiv 1409.1556, table 1"
    known_as = f"VGG-{sum(depths) + 3}" + {"a-lrn": " with LRN", "c": " C"}.get(name, "")
    return Preset(
        name=f"vgg-{name}", spec=spec, params=params, macs=macs, source=source, known_as=known_as
    )


A = (1, 1, 2, 2, 2)
C = (2, 2, 3, 3, 3)

FAMILY = Family(
    title="VGG",
    known_as="VGG-16, VGG-19",
    spec=VGGSpec,
    demos=(replace(NORMALISED, when=lambda spec: spec.batch_norm), UNNORMALISED),
    presets=(
        _preset("d", C, 138_357_544, 15_470_264_320),
        _preset("a", A, 132_863_336, 7_609_090_048),
        _preset("a-lrn", A, 132_863_336, 7_609_090_048, lrn=True),
        _preset("b", (2, 2, 2, 2, 2), 133_047_848, 11_308_466_176),
        _preset("c", C, 133_638_952, 11_770_888_192, last_1x1=True),
        _preset("e", (2, 2, 4, 4, 4), 143_667_240, 19_632_062_464),
        Preset(
            name="vgg-11-d2l",
            spec=VGGSpec(depths=A, in_channels=1, num_classes=10),
            params=128_806_154,
            macs=7_547_232_256,
            source="Dive into Deep Learning, 8.2",
        ),
    ),
)

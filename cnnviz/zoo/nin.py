"""NiN: a small network at every pixel, and no fully connected layer.

Lin, Chen, Yan, "Network In Network", ICLR 2014, arXiv 1312.4400. The paper's networks are three
blocks for images of 32 pixels; the preset is the course's four blocks with AlexNet's windows. Its
ReLU stands after the last block, too. The fully connected head, for comparison, is AlexNet's in
place of the last block and the average.
"""

from collections import OrderedDict
from dataclasses import dataclass

from torch import nn

from cnnviz.families import UNNORMALISED, Demo, Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, fully_connected_head, output_size
from cnnviz.zoo.shared_knobs import dropout_knob

BLOCKS = Text("Blocks", "NiN 块")
HEAD = Text("Head", "分类头")
# kernel, stride and padding of the first convolution of each block, as in AlexNet
WINDOWS = ((11, 4, 0), (5, 1, 2), (3, 1, 1), (3, 1, 1))
HIDDEN = 4096


@dataclass(frozen=True, kw_only=True)
class NiNSpec(Spec):
    """The knobs of NiN; the defaults are the course's network."""

    family = "nin"

    in_channels: int = 1
    num_classes: int = 10

    pointwise: int = knob(
        2,
        Text("1×1 layers in each block", "每块的 1×1 层数"),
        Text(
            "1×1 convolutions after each block's first one, 2 in the paper. Each is a fully "
            "connected layer at every pixel; with 0 a block is a plain convolution.",
            "每块第一个卷积之后的 1×1 卷积个数，论文为 2。每个 1×1 卷积相当于逐像素的全连接层；"
            "取 0 时，块就是一个普通卷积。",
        ),
        group=BLOCKS,
        term="kernel",
        bounds=(0, 8),
        slider=True,
    )
    widths: tuple[int, ...] = knob(
        (96, 256, 384),
        Text("channels of the blocks", "各块的通道数"),
        Text(
            "Channels of the first three blocks, AlexNet's 96-256-384 in the course. The fourth "
            "block has one map per class.",
            "前三块的通道数，课程讲义取 AlexNet 的 96-256-384。第四块每类一个特征图。",
        ),
        group=BLOCKS,
        term="channels",
        bounds=(1, 1024),
        lengths=(3, 3),
        smaller=True,
    )
    head: str = knob(
        "average",
        Text("head", "分类头"),
        Text(
            "average: a block with one map per class and the mean of each map, the paper's idea. "
            "fully connected: AlexNet's two hidden layers of 4096 instead, over 55 million "
            "parameters.",
            "平均池化：每类一个特征图的块，再对每个图求平均，这是论文的思想。"
            "全连接：改用 AlexNet 的两个 4096 维隐藏层，参数超过 5500 万。",
        ),
        group=HEAD,
        term="head",
        choices=("average", "fc"),
        choice_labels=(
            Text("average", "平均池化"),
            Text("fully connected", "全连接"),
        ),
    )
    dropout: float = dropout_knob(HEAD)

    def conflicts(self) -> list[Problem]:
        remedy = Text("Enlarge it.", "请增大图像。")
        return self.image_conflict(lambda size: last_size(size) >= 1, remedy)

    def build(self) -> nn.Module:
        return NiN(self)


def last_size(size: int) -> int:
    """Height and width after the third pooling, for an image of `size` px."""
    kernel, stride, padding = WINDOWS[0]
    size = output_size(size, kernel, stride=stride, padding=padding)
    for _ in range(3):
        size = output_size(size, 3, stride=2)
    return size


class NiN(nn.Sequential):
    """(N, C, H, W) -> (N, classes); overlapping max pooling after each of the first three blocks.

    Dropout stands before the last block, or in the fully connected head.
    """

    def __init__(self, spec: NiNSpec):
        layers = Layers()
        channels = spec.in_channels
        for number, width in enumerate(spec.widths, start=1):
            layers[f"block{number}"] = NiNBlock(channels, width, WINDOWS[number - 1], spec)
            layers[f"pool{number}"] = nn.MaxPool2d(kernel_size=3, stride=2)
            channels = width
        if spec.head == "average":
            if spec.dropout:
                layers["dropout"] = nn.Dropout(spec.dropout)
            layers["block4"] = NiNBlock(channels, spec.num_classes, WINDOWS[3], spec)
            pool = nn.AdaptiveAvgPool2d(1)
            layers["head"] = nn.Sequential(OrderedDict(pool=pool, flatten=nn.Flatten()))
        else:
            layers["head"] = fully_connected_head(
                channels * last_size(spec.image_size) ** 2,
                spec.num_classes,
                hidden=HIDDEN,
                dropout=spec.dropout,
            )
        super().__init__(layers)


class NiNBlock(nn.Sequential):
    """(N, C, H, W) -> (N, width, H', W'): a convolution and 1×1 convolutions, each with ReLU.

    Args:
        window: kernel, stride and padding of the first convolution.
    """

    def __init__(self, channels: int, width: int, window: tuple[int, int, int], spec: NiNSpec):
        kernel, stride, padding = window
        layers = Layers(
            conv=nn.Conv2d(channels, width, kernel, stride=stride, padding=padding),
            relu=nn.ReLU(),
        )
        for index in range(1, spec.pointwise + 1):
            layers[f"pointwise{index}"] = nn.Conv2d(width, width, kernel_size=1)
            layers[f"relu{index}"] = nn.ReLU()
        super().__init__(layers)


FAMILY = Family(
    title="NiN",
    spec=NiNSpec,
    demos=(
        Demo(
            recipe={
                **UNNORMALISED.recipe,
                "initialisation": "xavier",
                "learning_rate": 0.0005,
            },
            why=Text(
                "The last maps pass a ReLU before they are averaged: with Kaiming's larger "
                "weights they die at once, with Xavier's they learn.",
                "最后的特征图在求平均前经过 ReLU：Kaiming 初始化的权重较大，会使其立即失活，"
                "用 Xavier 初始化则能学习。",
            ),
        ),
    ),
    presets=(
        Preset(
            name="nin-d2l",
            spec=NiNSpec(),
            params=1_992_166,
            macs=762_297_352,
            source="Dive into Deep Learning, 8.3",
        ),
    ),
)

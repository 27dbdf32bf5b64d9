"""AlexNet: LeNet's plan, deeper and wider, on two GPUs; it won ILSVRC 2012.

Krizhevsky, Sutskever, Hinton, "ImageNet Classification with Deep Convolutional Neural Networks",
NIPS 2012: figure 2 and section 3. The paper writes the input as 224×224; only 227 gives its 55×55
maps without padding. Two deviations: the towers are groups of one convolution, and local response
normalisation runs over all channels, so that the two maps on each side of the towers' border see
the other tower. torchvision's network has its dropout before each hidden layer, here after it as
in the paper; that changes no count.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from torch import nn

from cnnviz.families import UNNORMALISED, Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, hidden_layer, local_response_norm, output_size
from cnnviz.zoo.shared_knobs import dropout_knob, hidden_knob

CONVOLUTIONS = Text("Convolutions", "卷积层")
HEAD = Text("Fully connected layers", "全连接层")
POOLED = 6  # px a side of the map that adaptive pooling makes


@dataclass(frozen=True, kw_only=True)
class AlexNetSpec(Spec):
    """The knobs of AlexNet; the defaults are the network of 2012."""

    family = "alexnet"

    image_size: int = 227

    towers: int = knob(
        2,
        Text("towers", "数据流"),
        Text(
            "two: C2, C4 and C5 read only the maps of their own half, one GPU each in 2012; only "
            "C3 reads all. Half the parameters and MACs of those layers. one: every layer reads "
            "all.",
            "双数据流：C2、C4、C5 只读取自己那一半的特征图（2012 年每半占一块 GPU），"
            "只有 C3 读取全部；这几层的参数量与乘加次数减半。单数据流：每一层都读取全部特征图。",
        ),
        group=CONVOLUTIONS,
        term="groups",
        choices=(1, 2),
        choice_labels=(Text("one", "单数据流"), Text("two", "双数据流")),
    )
    lrn: bool = knob(
        True,
        Text("local response norm", "局部响应规范化"),
        Text(
            "After C1 and C2, as in 2012: k = 2, n = 5, α = 0.0001, β = 0.75. It has no "
            "parameters; VGG found it of little use, and later networks leave it out.",
            "加在 C1 和 C2 之后（2012 年）：k = 2，n = 5，α = 0.0001，β = 0.75。它没有参数；"
            "VGG 发现作用不大，后来的网络不再使用。",
        ),
        group=CONVOLUTIONS,
        term="local_response_norm",
    )
    overlapping_pooling: bool = knob(
        True,
        Text("overlapping pooling", "重叠池化"),
        Text(
            "On: 3×3 windows at stride 2, as in 2012, which overfit a little less. Off: 2×2 "
            "windows at stride 2, which do not overlap.",
            "打开：3×3 窗口、步幅 2（2012 年），过拟合略轻。关闭：2×2 窗口、步幅 2，互不重叠。",
        ),
        group=CONVOLUTIONS,
        term="pooling",
    )
    channels: tuple[int, ...] = knob(
        (96, 256, 384, 384, 256),
        Text("channels of C1 to C5", "C1 至 C5 的通道数"),
        Text(
            "Maps of the five convolutions, 96-256-384-384-256 in 2012. Doubling all of them "
            "makes four times the parameters of C2 to C5.",
            "五个卷积层的特征图个数，2012 年为 96-256-384-384-256。全部加倍时，"
            "C2 至 C5 的参数量变为四倍。",
        ),
        group=CONVOLUTIONS,
        term="channels",
        bounds=(2, 1024),
        lengths=(5, 5),
        smaller=True,
    )
    first_padding: int = knob(
        0,
        Text("padding of C1", "C1 的填充"),
        Text(
            "Zero pixels on each side of the image: 0 for 227 pixels, 1 in the course's listing "
            "and 2 in torchvision's for 224.",
            "图像每边补零的像素数：227 像素的图像取 0；224 像素的，课程讲义的代码取 1，"
            "torchvision 取 2。",
        ),
        group=CONVOLUTIONS,
        term="padding",
        symbol="p",
        bounds=(0, 5),
    )
    hidden_features: int = hidden_knob(HEAD)
    dropout: float = dropout_knob(HEAD)
    adaptive_pooling: bool = knob(
        False,
        Text("adaptive pooling", "自适应池化"),
        Text(
            "On: the last map is averaged to 6×6 whatever the image, as in torchvision. Off: F6 "
            "grows with the image, as in 2012.",
            "打开：无论图像多大，最后的特征图都平均为 6×6（torchvision 的做法）。"
            "关闭：F6 随图像增大（2012 年）。",
        ),
        group=HEAD,
        term="pooling",
    )

    def conflicts(self) -> list[Problem]:
        remedy = Text(
            "Enlarge it, pad C1, or switch {overlapping_pooling} off.",
            "请增大图像、填充 C1，或关闭{overlapping_pooling}。",
        )
        return [
            *self.image_conflict(lambda size: self.size_c5(size) >= 1, remedy),
            *self._tower_conflict(),
        ]

    def _tower_conflict(self) -> list[Problem]:
        odd = [number for number in self.channels if number % self.towers]
        if not odd:
            return []
        message = Text(
            "{knob} has {odd}; two towers of equal size need even numbers. Take {even}, or one "
            "tower.",
            "{knob}中有 {odd}；双数据流各占一半，需要偶数。请取 {even}，或改用单数据流。",
        )
        return [self.problem("channels", message, odd=odd[0], even=odd[0] + 1)]

    def size_c5(self, size: int) -> int:
        """Height and width after C5 and its pooling, for an image of `size` px."""
        size = output_size(size, 11, stride=4, padding=self.first_padding)
        for _ in range(3):
            size = output_size(size, self.pooling_kernel, stride=2)
        return size

    @property
    def pooling_kernel(self) -> int:
        return 3 if self.overlapping_pooling else 2

    def build(self) -> nn.Module:
        return AlexNet(self)


class AlexNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes), layers named as in LeNet."""

    def __init__(self, spec: AlexNetSpec):
        c1, c2, c3, c4, c5 = spec.channels
        padding = spec.first_padding
        conv1 = nn.Conv2d(spec.in_channels, c1, kernel_size=11, stride=4, padding=padding)
        conv2 = nn.Conv2d(c1, c2, kernel_size=5, padding=2, groups=spec.towers)
        conv3 = nn.Conv2d(c2, c3, kernel_size=3, padding=1)
        conv4 = nn.Conv2d(c3, c4, kernel_size=3, padding=1, groups=spec.towers)
        conv5 = nn.Conv2d(c4, c5, kernel_size=3, padding=1, groups=spec.towers)
        side, pool = spec.size_c5(spec.image_size), OrderedDict()
        if spec.adaptive_pooling:
            side, pool = POOLED, OrderedDict(pool=nn.AdaptiveAvgPool2d(POOLED))
        hidden, dropout = spec.hidden_features, spec.dropout
        super().__init__(
            OrderedDict(
                C1=_layer(spec, conv1, norm=True, pool=True),
                C2=_layer(spec, conv2, norm=True, pool=True),
                C3=_layer(spec, conv3),
                C4=_layer(spec, conv4),
                C5=_layer(spec, conv5, pool=True),
                **pool,
                flatten=nn.Flatten(),
                F6=hidden_layer(c5 * side * side, hidden, dropout=dropout),
                F7=hidden_layer(hidden, hidden, dropout=dropout),
                output=nn.Linear(hidden, spec.num_classes),
            )
        )


def _layer(
    spec: AlexNetSpec, conv: nn.Conv2d, *, norm: bool = False, pool: bool = False
) -> nn.Sequential:
    """A convolution and ReLU, where the paper has them local response norm and pooling."""
    layers = Layers(conv=conv, relu=nn.ReLU())
    if norm and spec.lrn:
        layers["norm"] = local_response_norm()
    if pool:
        layers["pool"] = nn.MaxPool2d(spec.pooling_kernel, stride=2)
    return nn.Sequential(layers)


MODERN: dict[str, Any] = {"towers": 1, "lrn": False, "image_size": 224}

FAMILY = Family(
    title="AlexNet",
    spec=AlexNetSpec,
    demos=(UNNORMALISED,),
    presets=(
        Preset(
            name="alexnet-2012",
            spec=AlexNetSpec(),
            params=60_965_224,
            macs=724_406_816,
            source="Krizhevsky et al. 2012, section 3",
        ),
        Preset(
            name="alexnet-d2l",
            spec=AlexNetSpec(**MODERN, first_padding=1, in_channels=1, num_classes=10),
            params=46_764_746,
            macs=938_146_176,
            source="Dive into Deep Learning, 8.1",
        ),
        Preset(
            name="alexnet-torchvision",
            spec=AlexNetSpec(
                **MODERN,
                first_padding=2,
                channels=(64, 192, 384, 256, 256),
                adaptive_pooling=True,
            ),
            params=61_100_840,
            macs=714_188_480,
            source="torchvision alexnet; arXiv 1404.5997",
        ),
    ),
)

"""Xception: an Inception block taken to its limit, one tower for every channel.

Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", CVPR 2017,
arXiv 1610.02357: figure 5 for the flows, section 4.7 for the activation in between. As in the
author's code, the two convolutions of the stem have no padding, and no fully connected layer stands
before the classifier. Poolings pad one pixel a side, the author's on one side of an even map only:
the sizes are the same.
"""

from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, average_head, conv_unit

LAYERS = Text("Layers", "各层")
FLOWS = Text("Flows", "入口流、中间流与出口流")
BETWEEN = {"none": None, "relu": nn.ReLU, "elu": nn.ELU}


@dataclass(frozen=True, kw_only=True)
class XceptionSpec(Spec):
    """The knobs of Xception; the defaults are the paper's."""

    family = "xception"

    separable: bool = knob(
        True,
        Text("depthwise separable", "深度可分离卷积"),
        Text(
            "On: a 3×3 for each channel, then a 1×1 across channels. Off: full 3×3 convolutions "
            "in their place, about 8 times the parameters and operations.",
            "打开：每个通道一个 3×3 卷积，再用 1×1 卷积混合通道。"
            "关闭：改用普通 3×3 卷积，参数量和运算量约为 8 倍。",
        ),
        group=LAYERS,
        term="separable",
    )
    between: str = knob(
        "none",
        Text("activation in between", "中间的激活函数"),
        Text(
            "Between the 3×3 and the 1×1 of a separable convolution. The paper finds none best.",
            "位于可分离卷积的 3×3 与 1×1 之间。论文发现不加激活函数效果最好。",
        ),
        group=LAYERS,
        term="activation",
        choices=tuple(BETWEEN),
        choice_labels=(Text("none", "无"), Text("ReLU", "ReLU"), Text("ELU", "ELU")),
    )
    residual: bool = knob(
        True,
        Text("residual", "残差连接"),
        Text(
            "Off: no shortcuts; in the paper the network then trains much more slowly.",
            "关闭：没有捷径；论文中这样的网络收敛慢得多，准确率也低得多。",
        ),
        group=LAYERS,
        term="residual",
    )
    middle_blocks: int = knob(
        8,
        Text("blocks of the middle flow", "中间流的块数"),
        Text(
            "Equal blocks of three convolutions that keep size and channels; 8 in the paper.",
            "由三个卷积组成、尺寸和通道数不变的相同块；论文为 8 个。",
        ),
        group=FLOWS,
        term="depths",
        bounds=(1, 32),
        slider=True,
        smaller=True,
    )
    stem_channels: tuple[int, ...] = knob(
        (32, 64),
        Text("stem channels", "初始层通道数"),
        Text(
            "Channels of the two full convolutions at the beginning; the first halves the size.",
            "开头两个普通卷积的通道数；第一个卷积使尺寸减半。",
        ),
        group=FLOWS,
        term="stem",
        bounds=(1, 256),
        lengths=(2, 2),
        smaller=True,
    )
    entry_channels: tuple[int, ...] = knob(
        (128, 256, 728),
        Text("channels of the entry flow", "入口流的通道数"),
        Text(
            "One number a block; each block halves the size. The last is the middle flow's, too: "
            "most parameters grow with its square.",
            "每块一个数，每块使尺寸减半。最后一个也是中间流的通道数：大部分参数量按其平方增长。",
        ),
        group=FLOWS,
        term="channels",
        bounds=(1, 2048),
        lengths=(1, 5),
        smaller=True,
    )
    exit_channels: tuple[int, ...] = knob(
        (1024, 1536, 2048),
        Text("channels of the exit flow", "出口流的通道数"),
        Text(
            "Of its block, which halves the size once more, and of the two convolutions after it.",
            "依次为再次减半尺寸的块与其后两个卷积的通道数。",
        ),
        group=FLOWS,
        term="channels",
        bounds=(1, 4096),
        lengths=(3, 3),
        smaller=True,
    )
    image_size: int = 299

    def conflicts(self) -> list[Problem]:
        problems = self.image_conflict(_fits, Text("", ""))
        if not self.separable and self.between != "none":
            message = Text(
                "{knob} is {knob:{now}}; a full convolution has no place for it. Take "
                "{knob:none}, or switch {separable} on.",
                "{knob}为 {knob:{now}}；普通卷积中没有放置它的位置。请取“{knob:none}”，"
                "或打开{separable}。",
            )
            problems.append(self.problem("between", message, now=self.between))
        return problems

    def conv(self, channels: int, out: int) -> nn.Module:
        """A 3×3 convolution of the flows: (N, channels, H, W) -> (N, out, H, W)."""
        if self.separable:
            return SeparableConv(channels, out, between=BETWEEN[self.between])
        return nn.Conv2d(channels, out, 3, padding=1, bias=False)

    def build(self) -> nn.Module:
        return Xception(self)


def _fits(size: int) -> bool:
    """The stem's 3×3 of stride 2 and its second 3×3 have no padding; all other layers have."""
    return (size - 3) // 2 + 1 >= 3


class Xception(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: XceptionSpec):
        super().__init__()
        first, channels = spec.stem_channels
        self.stem = nn.Sequential(
            OrderedDict(
                conv1=conv_unit(spec.in_channels, first, 3, stride=2),
                conv2=conv_unit(first, channels, 3),
            )
        )
        entry = Layers()
        middle = Layers()
        for number, out in enumerate(spec.entry_channels, start=1):
            widths = (channels, out, out)
            entry[f"block{number}"] = XceptionBlock(spec, widths, halve=True, relu_first=number > 1)
            channels = out
        for number in range(1, spec.middle_blocks + 1):
            middle[f"block{number}"] = XceptionBlock(spec, (channels,) * 4)
        self.entry, self.middle = nn.Sequential(entry), nn.Sequential(middle)
        out, *wide = spec.exit_channels
        last = Layers(block=XceptionBlock(spec, (channels, channels, out), halve=True))
        for number, wider in enumerate(wide, start=1):
            last[f"conv{number}"] = spec.conv(out, wider)
            last[f"norm{number}"] = nn.BatchNorm2d(wider)
            last[f"relu{number}"] = nn.ReLU()
            out = wider
        self.exit = nn.Sequential(last)
        self.head = average_head(out, spec.num_classes)


class XceptionBlock(nn.Module):
    """x + F(x): (N, C, H, W) -> (N, C', H, W), or (N, C', ⌈H/2⌉, ⌈W/2⌉) with a pooling at the end.

    F is ReLU, separable convolution and batch norm for each step from one width to the next. Where
    the block halves the size, the shortcut is a 1×1 convolution of stride 2, normalised.

    Args:
        widths: channels before the first convolution and after each.
        relu_first: the first block has no ReLU before its first convolution.
    """

    def __init__(
        self,
        spec: XceptionSpec,
        widths: tuple[int, ...],
        *,
        halve: bool = False,
        relu_first: bool = True,
    ):
        super().__init__()
        layers = Layers()
        for number, after in enumerate(widths[1:], start=1):
            before = widths[number - 1]
            if number > 1 or relu_first:
                layers[f"relu{number}"] = nn.ReLU()
            layers[f"conv{number}"] = spec.conv(before, after)
            layers[f"norm{number}"] = nn.BatchNorm2d(after)
        if halve:
            layers["pool"] = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.body = nn.Sequential(layers)
        self.shortcut: nn.Module | None = None
        if spec.residual:
            self.shortcut = nn.Identity()
            if halve:
                self.shortcut = conv_unit(widths[0], widths[-1], 1, stride=2, activation=None)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.body(x)
        return y if self.shortcut is None else y + self.shortcut(x)


class SeparableConv(nn.Sequential):
    """(N, C, H, W) -> (N, C', H, W): in space first, then across channels.

    Depthwise, one 3×3 for each channel c: u[c, i, j] = Σ_ab v[c, a, b] · x[c, i + a, j + b].
    Pointwise: y[o, i, j] = Σ_c w[o, c] · u[c, i, j]. 9·C + C·C' weights for a full one's 9·C·C'.

    Args:
        between: an activation of u, if any.
    """

    def __init__(self, channels: int, out: int, *, between: type[nn.Module] | None):
        layers = Layers(
            depthwise=nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        )
        if between is not None:
            layers["activation"] = between()
        layers["pointwise"] = nn.Conv2d(channels, out, 1, bias=False)
        super().__init__(layers)


FAMILY = Family(
    title="Xception",
    spec=XceptionSpec,
    presets=(
        Preset(
            name="xception",
            spec=XceptionSpec(),
            params=22_855_952,
            macs=8_357_403_496,
            source="arXiv 1610.02357, figure 5",
        ),
    ),
)

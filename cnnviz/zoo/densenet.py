"""DenseNet: every layer sees the maps of all layers before it.

Huang, Liu, van der Maaten, Weinberger, "Densely Connected Convolutional Networks", CVPR 2017,
arXiv 1608.06993; the ImageNet configurations are its table 1, the CIFAR ones its table 2.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, average_head, imagenet_stem
from cnnviz.zoo.shared_knobs import bias_knob, stem_knob

GROWTH = Text("Growth", "增长")
STAGES = Text("Stages", "阶段")
STEM = Text("Stem and convolutions", "初始层与卷积")
MOST_LAYERS = 256


def compressed(channels: int, theta: float) -> int:
    """⌊θm⌋ of m channels; the margin keeps 0.29 × 100 from becoming 28."""
    return math.floor(theta * channels + 1e-9)


@dataclass(frozen=True, kw_only=True)
class DenseNetSpec(Spec):
    """The knobs of DenseNet; the defaults are DenseNet-121."""

    family = "densenet"

    growth_rate: int = knob(
        32,
        Text("growth rate", "增长率"),
        Text(
            "Channels that each layer adds (32 on ImageNet). Parameters grow with its square.",
            "每一层新增的通道数（ImageNet 网络取 32）。参数量按其平方增长。",
        ),
        group=GROWTH,
        term="growth_rate",
        symbol="k",
        bounds=(1, 64),
        slider=True,
        smaller=True,
    )
    compression: float = knob(
        0.5,
        Text("compression", "压缩因子"),
        Text(
            "Share of its channels that a transition keeps: 0.5 in DenseNet-BC, 1 for all.",
            "过渡层保留的通道比例：DenseNet-BC 取 0.5，取 1 则不压缩。",
        ),
        group=GROWTH,
        term="compression",
        symbol="θ",
        bounds=(0.1, 1.0),
        step=0.05,
        slider=True,
    )
    bottleneck_ratio: int = knob(
        4,
        Text("bottleneck ratio", "瓶颈倍数"),
        Text(
            "Width of the 1×1 convolution before each 3×3, in multiples of k (4 in DenseNet-B, "
            "0 for none). It bounds the input of the 3×3, however long the block.",
            "每个 3×3 卷积前 1×1 卷积的宽度，以 k 为单位（DenseNet-B 取 4，取 0 则没有）。"
            "块再长，3×3 卷积的输入也不会变宽。",
        ),
        group=GROWTH,
        term="bottleneck_ratio",
        bounds=(0, 8),
        slider=True,
    )
    depths: tuple[int, ...] = knob(
        (6, 12, 24, 16),
        Text("layers in each dense block", "各稠密块的层数"),
        Text(
            "One number per dense block; later layers of a block cost more, their input is wider.",
            "每个稠密块一个数；块中越靠后的层输入越宽，计算量越大。",
        ),
        group=STAGES,
        term="depths",
        bounds=(1, 128),
        lengths=(1, 11),
        smaller=True,
    )
    stem: str = stem_knob(STEM)
    stem_channels: int = knob(
        64,
        Text("stem channels", "初始层通道数"),
        Text(
            "Channels that enter the first dense block: 64 on ImageNet (96 in DenseNet-161), "
            "2k on CIFAR with bottlenecks, 16 without.",
            "进入第一个稠密块的通道数：ImageNet 上为 64（DenseNet-161 为 96），"
            "CIFAR 上有瓶颈时为 2k，没有时为 16。",
        ),
        group=STEM,
        term="channels",
        symbol="k₀",
        bounds=(1, 256),
        smaller=True,
    )
    conv_bias: bool = bias_knob(STEM)

    def conflicts(self) -> list[Problem]:
        remedy = Text(
            "Enlarge it, take fewer dense blocks, or the {stem:cifar} {stem}.",
            "请增大图像、减少稠密块，或改用 {stem:cifar} {stem}。",
        )
        return [
            *self.image_conflict(self._fits, remedy),
            *self.total_conflict("depths", MOST_LAYERS),
            *self._compression_conflict(),
        ]

    def _compression_conflict(self) -> list[Problem]:
        message = Text(
            "{knob} is {theta}; transition {index} would keep none of its {channels} "
            "channels. It must be at least {least:.2f}.",
            "{knob}为 {theta}；过渡层 {index} 的 {channels} 个通道将一个不剩，"
            "至少应为 {least:.2f}。",
        )
        channels = self.stem_channels
        for index, depth in enumerate(self.depths[:-1], start=1):
            channels += depth * self.growth_rate
            if self.kept(channels) == 0:
                least = math.ceil(100 / channels) / 100
                values = {"theta": self.compression, "index": index, "channels": channels}
                return [self.problem("compression", message, least=least, **values)]
            channels = self.kept(channels)
        return []

    def kept(self, channels: int) -> int:
        """Channels behind a transition that reads so many."""
        return compressed(channels, self.compression)

    def build(self) -> nn.Module:
        return DenseNet(self)

    def _fits(self, size: int) -> bool:
        if self.stem == "imagenet":
            size = (size + 3) // 4
        return size >= 2 ** (len(self.depths) - 1)


class DenseNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: DenseNetSpec):
        super().__init__()
        channels = spec.stem_channels
        self.stem = _stem(spec)
        for index, depth in enumerate(spec.depths, start=1):
            block = DenseBlock(
                channels,
                depth=depth,
                growth_rate=spec.growth_rate,
                bottleneck_ratio=spec.bottleneck_ratio,
                bias=spec.conv_bias,
            )
            self.add_module(f"block{index}", block)
            channels += depth * spec.growth_rate
            if index < len(spec.depths):
                kept = spec.kept(channels)
                self.add_module(f"transition{index}", Transition(channels, kept, spec.conv_bias))
                channels = kept
        before: dict[str, Any] = {"norm": nn.BatchNorm2d(channels), "relu": nn.ReLU()}
        self.head = average_head(channels, spec.num_classes, **before)


class DenseBlock(nn.Sequential):
    """(N, C, H, W) -> (N, C + depth·k, H, W): each layer's maps are appended to its input.

    The concatenation runs along: layer l reads the one tensor [x₀, …, x_{l-1}].
    """

    def __init__(self, channels: int, *, depth: int, growth_rate: int, **layer: Any):
        super().__init__(
            OrderedDict(
                (
                    f"layer{index + 1}",
                    DenseLayer(channels + index * growth_rate, growth_rate=growth_rate, **layer),
                )
                for index in range(depth)
            )
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer in self:
            x = torch.cat([x, layer(x)], dim=1)  # C -> C + k
        return x


class DenseLayer(nn.Sequential):
    """H_l: (N, C, H, W) -> (N, k, H, W), BN-ReLU-Conv(3×3) with an optional 1×1 before it."""

    def __init__(self, channels: int, *, growth_rate: int, bottleneck_ratio: int, bias: bool):
        layers = Layers()
        if bottleneck_ratio:
            width = bottleneck_ratio * growth_rate
            layers["norm1"] = nn.BatchNorm2d(channels)
            layers["relu1"] = nn.ReLU()
            layers["conv1"] = nn.Conv2d(channels, width, kernel_size=1, bias=bias)
            channels = width
        layers["norm2"] = nn.BatchNorm2d(channels)
        layers["relu2"] = nn.ReLU()
        layers["conv2"] = nn.Conv2d(channels, growth_rate, kernel_size=3, padding=1, bias=bias)
        super().__init__(layers)


class Transition(nn.Sequential):
    """(N, C, H, W) -> (N, ⌊θC⌋, ⌊H/2⌋, ⌊W/2⌋)."""

    def __init__(self, channels: int, kept: int, bias: bool):
        super().__init__(
            OrderedDict(
                norm=nn.BatchNorm2d(channels),
                relu=nn.ReLU(),
                conv=nn.Conv2d(channels, kept, kernel_size=1, bias=bias),
                pool=nn.AvgPool2d(kernel_size=2),
            )
        )


def _stem(spec: DenseNetSpec) -> nn.Module:
    """(N, C, H, W) -> (N, k₀, ⌈H/4⌉, ⌈W/4⌉), or (N, k₀, H, W) for CIFAR."""
    if spec.stem == "imagenet":
        norm = nn.BatchNorm2d(spec.stem_channels)
        return imagenet_stem(spec.in_channels, spec.stem_channels, norm=norm, bias=spec.conv_bias)
    conv = nn.Conv2d(spec.in_channels, spec.stem_channels, 3, padding=1, bias=spec.conv_bias)
    return nn.Sequential(OrderedDict(conv=conv))


PAPER = "arXiv 1608.06993"


TABLE_1 = f"{PAPER}, table 1"
TABLE_2 = f"{PAPER}, table 2"


def _preset(
    name: str, params: int, macs: int, source: str, *, cifar: bool = False, **knobs: Any
) -> Preset:
    if cifar:
        knobs |= {"image_size": 32, "num_classes": 10, "stem": "cifar"}
    spec = DenseNetSpec(**knobs)
    return Preset(name=f"densenet-{name}", spec=spec, params=params, macs=macs, source=source)


def _plain(name: str, depth: int, k: int, params: int, macs: int) -> Preset:
    """Without bottleneck and compression: 3·depth + 4 layers."""
    knobs = {"depths": (depth,) * 3, "bottleneck_ratio": 0, "compression": 1.0}
    return _preset(
        name, params, macs, TABLE_2, cifar=True, growth_rate=k, stem_channels=16, **knobs
    )


def _bc(name: str, depth: int, k: int, params: int, macs: int) -> Preset:
    """With both: 6·depth + 4 layers."""
    knobs = {"depths": (depth,) * 3, "stem_channels": 2 * k}
    return _preset(name, params, macs, TABLE_2, cifar=True, growth_rate=k, **knobs)


FAMILY = Family(
    title="DenseNet",
    known_as="DenseNet-BC",
    spec=DenseNetSpec,
    presets=(
        _preset("121", 7_978_856, 2_834_161_664, TABLE_1),
        _preset("169", 14_149_480, 3_359_843_328, TABLE_1, depths=(6, 12, 32, 32)),
        _preset("201", 20_013_928, 4_291_365_888, TABLE_1, depths=(6, 12, 48, 32)),
        _preset("264", 33_337_704, 5_751_653_376, TABLE_1, depths=(6, 12, 64, 48)),
        _preset(
            "161",
            28_681_000,
            7_727_907_072,
            "torchvision densenet161",
            growth_rate=48,
            stem_channels=96,
            depths=(6, 12, 36, 24),
        ),
        _preset(
            "d2l",
            758_226,
            702_742_448,
            "Dive into Deep Learning, 8.7",
            depths=(4, 4, 4, 4),
            bottleneck_ratio=0,
            conv_bias=True,
            in_channels=1,
            num_classes=10,
        ),
        _plain("40-k12", 12, 12, 1_019_722, 264_812_928),
        _plain("100-k12", 32, 12, 6_979_642, 1_769_516_448),
        _plain("100-k24", 32, 24, 27_249_082, 6_889_347_744),
        _bc("bc-100-k12", 16, 12, 769_162, 287_929_692),
        _bc("bc-250-k24", 41, 24, 15_324_406, 5_418_785_724),
        _bc("bc-190-k40", 31, 40, 25_624_430, 9_301_945_740),
    ),
)

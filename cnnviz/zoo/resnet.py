"""ResNet: each block learns what to add to its input.

He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv 1512.03385:
table 1 for ImageNet, section 4.2 for CIFAR. Groups: Xie et al., arXiv 1611.05431.
"""

from collections import OrderedDict
from dataclasses import dataclass
from math import gcd

import torch
import torch.nn.functional as F
from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import average_head, bias_knob, imagenet_stem, stem_knob

BLOCKS = Text("Blocks", "残差块")
GROUPS = Text("Groups and normalisation", "分组与规范化")
STEM = Text("Stem and convolutions", "初始层与卷积")
EXPANSION = {"basic": 1, "bottleneck": 4}
MOST_BLOCKS = 200
MOST_CHANNELS = 16_384


@dataclass(frozen=True, kw_only=True)
class ResNetSpec(Spec):
    """The knobs of ResNet; the defaults are ResNet-50 of 2015."""

    family = "resnet"

    block: str = knob(
        "bottleneck",
        Text("block", "残差块类型"),
        Text(
            "basic: two 3×3. bottleneck: 1×1, 3×3, 1×1, the 3×3 on a quarter of the channels.",
            "basic：两个 3×3 卷积。bottleneck：1×1、3×3、1×1，3×3 只处理四分之一的通道。",
        ),
        group=BLOCKS,
        term="residual",
        choices=("basic", "bottleneck"),
        choice_labels=(Text("basic", "基本块"), Text("bottleneck", "瓶颈块")),
    )
    depths: tuple[int, ...] = knob(
        (3, 4, 6, 3),
        Text("blocks in each stage", "各阶段块数"),
        Text(
            "One number per stage; each stage but the first halves size and doubles channels.",
            "每个阶段一个数；从第二个阶段起，每个阶段尺寸减半、通道数加倍。",
        ),
        group=BLOCKS,
        term="depths",
        bounds=(1, 64),
        lengths=(1, 7),
    )
    residual: bool = knob(
        True,
        Text("residual", "残差连接"),
        Text(
            "Off: the paper's plain network, without shortcuts; it gets worse with depth.",
            "关闭：论文中的普通网络，层相同但没有捷径；它随深度退化，ResNet 正是为此而生。",
        ),
        group=BLOCKS,
        term="residual",
    )
    shortcut: str = knob(
        "projection",
        Text("shortcut", "捷径"),
        Text(
            "Where the shape changes, A: new channels are zero, no parameters; B: a 1×1 "
            "convolution. C: a 1×1 convolution in every block.",
            "形状改变处，A：新通道补零，无参数；B：1×1 卷积。C：每个块都用 1×1 卷积。",
        ),
        group=BLOCKS,
        term="residual",
        choices=("zero-pad", "projection", "projection-all"),
        choice_labels=(
            Text("A: zero-pad", "A：补零"),
            Text("B: projection", "B：投影"),
            Text("C: projection-all", "C：全部投影"),
        ),
    )
    stride_on: str = knob(
        "1x1",
        Text("stride of a bottleneck on", "瓶颈块的步幅位于"),
        Text(
            "What halves the size: the first 1×1 (2015, 3.8 G MACs) or the 3×3 (torchvision, 4.1).",
            "由谁使尺寸减半：第一个 1×1（2015 年，3.8 G 次乘加）或 3×3（torchvision，4.1 G）。",
        ),
        group=BLOCKS,
        term="residual",
        choices=("1x1", "3x3"),
        choice_labels=(Text("the 1×1", "1×1 卷积"), Text("the 3×3", "3×3 卷积")),
    )
    stem: str = stem_knob(STEM)
    stem_channels: int = knob(
        64,
        Text("stem channels", "初始层通道数"),
        Text(
            "Channels of the first stage: 64 on ImageNet, 16 on CIFAR.",
            "第一个阶段的通道数：ImageNet 上为 64，CIFAR 上为 16。",
        ),
        group=STEM,
        term="channels",
        bounds=(1, 256),
    )
    conv_bias: bool = bias_knob(STEM)
    groups: int = knob(
        1,
        Text("groups", "分组数"),
        Text(
            "Groups of the 3×3 in a bottleneck (32 in ResNeXt-50 32×4d).",
            "瓶颈块中 3×3 卷积的分组数（ResNeXt-50 32×4d 为 32）。",
        ),
        group=GROUPS,
        term="groups",
        symbol="C",
        bounds=(1, 32),
    )
    group_width: int = knob(
        64,
        Text("group width", "组宽"),
        Text(
            "Channels of a group in stage 1, doubled each stage; a block has groups × width.",
            "第一个阶段每组的通道数，逐阶段加倍；块的宽度 = 分组数 × 组宽。",
        ),
        group=GROUPS,
        term="groups",
        symbol="d",
        bounds=(1, 256),
    )
    normalisation: str = knob(
        "batch",
        Text("normalisation", "规范化方式"),
        Text(
            "After every convolution: over the batch, 32 groups of channels, all channels, none.",
            "每个卷积之后：按批量、按 32 组通道、按单张图像的全部通道（层），或不规范化。",
        ),
        group=GROUPS,
        term="batch_norm",
        choices=("batch", "group", "layer", "none"),
        choice_labels=(
            Text("batch", "批量规范化"),
            Text("group", "组规范化"),
            Text("layer", "层规范化"),
            Text("none", "无"),
        ),
    )

    def conflicts(self) -> list[Problem]:
        problems = self.total_conflict("depths", MOST_BLOCKS)
        for name, only in (("groups", 1), ("group_width", 64)):
            value = getattr(self, name)
            if self.block == "basic" and value != only:
                message = Text(
                    "{name} is {value}; only bottlenecks have groups. Take that block, or {only}.",
                    "{name} 为 {value}；只有瓶颈块可以分组。请选择瓶颈块，或取 {only}。",
                )
                filled = message.format(name=name, value=value, only=only)
                problems.append(Problem(name, filled))
        last = len(self.depths) - 1
        widest = max(self.channels(last), self.width(last))
        if widest > MOST_CHANNELS:
            message = Text(
                "depths has {stages} stages; the last would have {widest:,} channels, and {most:,} "
                "is the most. Take fewer stages, or fewer channels in the first.",
                "depths 有 {stages} 个阶段；最后一个阶段将有 {widest:,} 个通道，最多 {most:,} 个。"
                "请减少阶段，或减少第一个阶段的通道数。",
            )
            filled = message.format(stages=last + 1, widest=widest, most=MOST_CHANNELS)
            problems.append(Problem("depths", filled))
        return problems

    def channels(self, stage: int) -> int:
        """Channels that leave a stage, counted from 0."""
        return self.stem_channels * EXPANSION[self.block] * 2**stage

    def width(self, stage: int) -> int:
        """Channels inside a block of a stage."""
        first = self.groups * self.group_width if self.block == "bottleneck" else self.stem_channels
        return first * 2**stage

    def norm(self, channels: int) -> nn.Module:
        """The normalisation of a map of `channels` channels."""
        if self.normalisation == "batch":
            return nn.BatchNorm2d(channels)
        if self.normalisation == "none":
            return nn.Identity()
        return nn.GroupNorm(gcd(32, channels) if self.normalisation == "group" else 1, channels)

    def build(self) -> nn.Module:
        return ResNet(self)


class ResNet(nn.Module):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: ResNetSpec):
        super().__init__()
        channels = spec.stem_channels
        self.stem = _stem(spec)
        for stage, depth in enumerate(spec.depths):
            blocks = OrderedDict()
            for index in range(depth):
                stride = 2 if stage and not index else 1
                blocks[f"block{index + 1}"] = Residual(spec, channels, stage=stage, stride=stride)
                channels = spec.channels(stage)
            self.add_module(f"stage{stage + 1}", nn.Sequential(blocks))
        self.head = average_head(channels, spec.num_classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for part in self.children():
            x = part(x)
        return x


class Residual(nn.Module):
    """ReLU(x + F(x)): (N, C, H, W) -> (N, C', H/stride, W/stride); without the x in a plain net."""

    def __init__(self, spec: ResNetSpec, channels: int, *, stage: int, stride: int):
        super().__init__()
        self.body = _body(spec, channels, stage=stage, stride=stride)
        self.shortcut = _shortcut(spec, channels, stage=stage, stride=stride)
        self.relu = nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.body(x)
        return self.relu(y if self.shortcut is None else y + self.shortcut(x))


class ZeroPad(nn.Module):
    """Shortcut A: every stride-th pixel, new channels zero."""

    def __init__(self, *, stride: int, new_channels: int):
        super().__init__()
        self.stride, self.new_channels = stride, new_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new_channels))


def _stem(spec: ResNetSpec) -> nn.Module:
    norm = spec.norm(spec.stem_channels)
    if spec.stem == "imagenet":
        return imagenet_stem(spec.in_channels, spec.stem_channels, norm=norm, bias=spec.conv_bias)
    conv = nn.Conv2d(spec.in_channels, spec.stem_channels, 3, padding=1, bias=spec.conv_bias)
    return nn.Sequential(OrderedDict(conv=conv, norm=norm, relu=nn.ReLU()))


def _body(spec: ResNetSpec, channels: int, *, stage: int, stride: int) -> nn.Sequential:
    """F(x): the convolutions of a block, each normalised, ReLU between them."""
    width, out, bias = spec.width(stage), spec.channels(stage), spec.conv_bias
    if spec.block == "basic":
        convs = [
            nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=bias),
            nn.Conv2d(width, out, 3, padding=1, bias=bias),
        ]
    else:
        first, second = (stride, 1) if spec.stride_on == "1x1" else (1, stride)
        convs = [
            nn.Conv2d(channels, width, 1, stride=first, bias=bias),
            nn.Conv2d(width, width, 3, stride=second, padding=1, groups=spec.groups, bias=bias),
            nn.Conv2d(width, out, 1, bias=bias),
        ]
    layers = OrderedDict()
    for number, conv in enumerate(convs, start=1):
        layers[f"conv{number}"] = conv
        layers[f"norm{number}"] = spec.norm(conv.out_channels)
        if number < len(convs):
            layers[f"relu{number}"] = nn.ReLU()
    return nn.Sequential(layers)


def _shortcut(spec: ResNetSpec, channels: int, *, stage: int, stride: int) -> nn.Module | None:
    """What is added to F(x); a projection with a bias, the course's, is not normalised."""
    out = spec.channels(stage)
    if not spec.residual:
        return None
    if stride == 1 and channels == out and spec.shortcut != "projection-all":
        return nn.Identity()
    if spec.shortcut == "zero-pad":
        return ZeroPad(stride=stride, new_channels=out - channels)
    conv = nn.Conv2d(channels, out, 1, stride=stride, bias=spec.conv_bias)
    return conv if spec.conv_bias else nn.Sequential(OrderedDict(conv=conv, norm=spec.norm(out)))


PAPER = "arXiv 1512.03385"
BASIC = {"block": "basic"}


def _imagenet(name: str, depths: tuple[int, ...], params: int, macs: int, **knobs) -> Preset:
    spec = ResNetSpec(depths=depths, **knobs)
    return Preset(name=name, spec=spec, params=params, macs=macs, source=f"{PAPER}, table 1")


def _cifar(layers: int, params: int, macs: int) -> list[Preset]:
    """The residual and the plain net of 6n + 2 layers."""
    return [
        Preset(
            name=f"{name}-{layers}",
            spec=ResNetSpec(
                **BASIC,
                depths=((layers - 2) // 6,) * 3,
                stem="cifar",
                stem_channels=16,
                shortcut="zero-pad",
                residual=name == "resnet",
                image_size=32,
                num_classes=10,
            ),
            params=params,
            macs=macs,
            source=f"{PAPER}, section 4.2",
        )
        for name in ("resnet", "plain")
    ]


_CIFAR = [
    *_cifar(20, 269_722, 40_551_040),
    *_cifar(32, 464_154, 68_862_592),
    *_cifar(44, 658_586, 97_174_144),
    *_cifar(56, 853_018, 125_485_696),
    *_cifar(110, 1_727_962, 252_887_680),
]

FAMILY = Family(
    title="ResNet",
    spec=ResNetSpec,
    presets=(
        _imagenet("resnet-50", (3, 4, 6, 3), 25_557_032, 3_857_973_248),
        _imagenet("resnet-18", (2, 2, 2, 2), 11_689_512, 1_814_073_344, **BASIC),
        _imagenet("resnet-34", (3, 4, 6, 3), 21_797_672, 3_663_761_408, **BASIC),
        _imagenet("resnet-101", (3, 4, 23, 3), 44_549_160, 7_570_194_432),
        _imagenet("resnet-152", (3, 8, 36, 3), 60_192_808, 11_282_415_616),
        Preset(
            name="resnet-18-d2l",
            spec=ResNetSpec(
                **BASIC, depths=(2, 2, 2, 2), conv_bias=True, in_channels=1, num_classes=10
            ),
            params=11_178_378,
            macs=1_734_890_496,
            source="Dive into Deep Learning, 8.6",
        ),
        *sorted(_CIFAR, key=lambda preset: preset.name.startswith("plain")),
    ),
)

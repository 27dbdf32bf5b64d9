"""ResNet: each block learns what to add to its input.

He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv 1512.03385.
The block and the papers of its variants are in `residual.py`, the presets in `resnet_presets.py`.
"""

from collections import OrderedDict
from dataclasses import dataclass
from math import gcd
from typing import Any

from torch import nn

from cnnviz.families import Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, average_head, imagenet_stem
from cnnviz.zoo.residual import (
    ORDERS,
    BasicBlock,
    Bottleneck,
    Order,
    PlainBlock,
    Projection,
    Residual,
    SqueezeExcite,
    ZeroPad,
    activation,
    basic,
    bottleneck,
    order_knob,
    reduction_knob,
    widening_knob,
)
from cnnviz.zoo.shared_knobs import bias_knob, stem_knob

BLOCKS = Text("Blocks", "残差块")
SHORTCUTS = Text("Shortcut and normalisation", "捷径与规范化")
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
            "基本块：两个 3×3 卷积。瓶颈块：1×1、3×3、1×1，3×3 只处理四分之一的通道。",
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
    order: str = order_knob(BLOCKS)
    reduction: int = reduction_knob(BLOCKS)
    groups: int = knob(
        1,
        Text("groups", "分组数"),
        Text(
            "Groups of the 3×3 in a bottleneck (32 in ResNeXt-50 32×4d).",
            "瓶颈块中 3×3 卷积的分组数（ResNeXt-50 32×4d 为 32）。",
        ),
        group=BLOCKS,
        term="groups",
        symbol="C",
        bounds=(1, 64),
    )
    group_width: int = knob(
        64,
        Text("group width", "组宽"),
        Text(
            "Channels of a group in stage 1, doubled each stage; a block has groups × width.",
            "第一个阶段每组的通道数，逐阶段加倍；块的宽度 = 分组数 × 组宽。",
        ),
        group=BLOCKS,
        term="groups",
        symbol="d",
        bounds=(1, 256),
        smaller=True,
    )
    widening: int = widening_knob(BLOCKS)
    shortcut: str = knob(
        "projection",
        Text("shortcut", "捷径"),
        Text(
            "Where the shape changes, A: new channels are zero, no parameters; B: a 1×1 "
            "convolution. C: a 1×1 convolution in every block.",
            "形状改变处，A：新通道补零，无参数；B：1×1 卷积。C：每个块都用 1×1 卷积。",
        ),
        group=SHORTCUTS,
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
        group=SHORTCUTS,
        term="residual",
        choices=("1x1", "3x3"),
        choice_labels=(Text("the 1×1", "1×1 卷积"), Text("the 3×3", "3×3 卷积")),
    )
    normalisation: str = knob(
        "batch",
        Text("normalisation", "规范化方式"),
        Text(
            "After every convolution: over the batch, 32 groups of channels, all channels, none.",
            "每个卷积之后的规范化：按批量、按 32 组通道、按单张图像的全部通道（层），或不规范化。",
        ),
        group=SHORTCUTS,
        term="batch_norm",
        choices=("batch", "group", "layer", "none"),
        choice_labels=(
            Text("batch", "批量规范化"),
            Text("group", "组规范化"),
            Text("layer", "层规范化"),
            Text("none", "无"),
        ),
    )
    stem: str = stem_knob(STEM)
    stem_channels: int = knob(
        64,
        Text("stem channels", "初始层通道数"),
        Text(
            "Channels of the stem and, but for widening, of the first stage: 64 on ImageNet, 16 on "
            "CIFAR.",
            "初始层的通道数，也是加宽之前第一个阶段的通道数：ImageNet 上为 64，CIFAR 上为 16。",
        ),
        group=STEM,
        term="channels",
        bounds=(1, 256),
        smaller=True,
    )
    conv_bias: bool = bias_knob(STEM)

    def conflicts(self) -> list[Problem]:
        problems = self.total_conflict("depths", MOST_BLOCKS)
        if not self.residual and self.order != "original":
            message = Text(
                "{knob} is {knob:{now}}; it is about the addition, and without {residual} there "
                "is none. Take {knob:original}, or switch {residual} on.",
                "{knob}为“{knob:{now}}”；它决定的是相加前后的顺序，而关闭{residual}后没有相加。"
                "请取“{knob:original}”，或打开{residual}。",
            )
            problems.append(self.problem("order", message, now=self.order))
        if self.reduction > self.channels(0):
            message = Text(
                "{knob} is {r}; of the {channels} channels of stage 1 none would be left. "
                "Take a smaller one, or at least {r} channels.",
                "{knob}为 {r}；第一个阶段的 {channels} 个通道将一个不剩。"
                "请减小它，或至少取 {r} 个通道。",
            )
            values = {"r": self.reduction, "channels": self.channels(0)}
            problems.append(self.problem("reduction", message, **values))
        for name, only in (("groups", 1), ("group_width", 64)):
            value = getattr(self, name)
            if self.block == "basic" and value != only:
                message = Text(
                    "{knob} is {value}; only bottlenecks have groups. Take that block, or {only}.",
                    "{knob}为 {value}；只有瓶颈块可以分组。请选择瓶颈块，或取 {only}。",
                )
                problems.append(self.problem(name, message, value=value, only=only))
        if self.block == "bottleneck" and self.widening != 1:
            message = Text(
                "{knob} is {value}; only basic blocks are widened as a whole. Take that block, or "
                "1 and a larger {group_width}, which widens a bottleneck inside.",
                "{knob}为 {value}；只有基本块可以整体加宽。请选择基本块，或取 1 并增大"
                "{group_width}，它加宽瓶颈块的内部。",
            )
            problems.append(self.problem("widening", message, value=self.widening))
        return (problems + self._width_conflicts()) or self._norm_conflict()

    def _norm_conflict(self) -> list[Problem]:
        """The problem of a normalisation over a single number, which torch refuses."""
        if self.normalisation in ("batch", "none") or self._norms_several(self.image_size):
            return []
        message = Text(
            "{knob} is {knob:{now}}; of an image of {size} px it would normalise single numbers. "
            "Take {knob:batch}, or an {image_size} of {least} or more.",
            "{knob}为“{knob:{now}}”；图像为 {size} 像素时，它将对单个数作规范化。"
            "请取“{knob:batch}”，或将{image_size}取为 {least} 或更大。",
        )
        least = next(size for size in range(self.image_size, 1025) if self._norms_several(size))
        values = {"now": self.normalisation, "size": self.image_size, "least": least}
        return [self.problem("normalisation", message, **values)]

    def _norms_several(self, size: int) -> bool:
        """Whether each normalisation over an image of `size` px is over several numbers."""
        halved = 2 if self.stem == "imagenet" else 0
        before = "norm" in ORDERS[self.order].before  # and so after the stem's pooling
        maps = [(self.stem_channels, halved if before else halved // 2)]
        for stage in range(len(self.depths)):
            maps += [(count(stage), halved + stage) for count in (self.width, self.channels)]
        return all(size > 2**times or self.groups_of(count) < count for count, times in maps)

    def _width_conflicts(self) -> list[Problem]:
        """The problem of stages, or of groups in a block, with too many channels."""
        last = len(self.depths) - 1
        values = {"stages": last + 1, "most": MOST_CHANNELS}
        if (widest := self.channels(last)) > MOST_CHANNELS:
            message = Text(
                "{knob} has {stages} stages; the last would have {widest:,} channels, and {most:,} "
                "is the most. Take fewer stages, or fewer channels in the first.",
                "{knob}有 {stages} 个阶段；最后一个阶段将有 {widest:,} 个通道，最多 {most:,} 个。"
                "请减少阶段，或减少第一个阶段的通道数。",
            )
            return [self.problem("depths", message, **values, widest=widest)]
        if (widest := self.width(last)) > MOST_CHANNELS:
            message = Text(
                "{knob} is {groups_now} and {group_width} {now}: a block of stage 1 has {first:,} "
                "channels, one of stage {stages} would have {widest:,}, and {most:,} is the most. "
                "Take {group_width} {width_most} or less, fewer groups, or fewer stages.",
                "{knob}为 {groups_now}，{group_width}为 {now}：第 1 个阶段的块内有 {first:,} 个"
                "通道，第 {stages} 个阶段的块内将有 {widest:,} 个，最多 {most:,} 个。"
                "请将{group_width}取为 {width_most} 或更小，或减少分组数，或减少阶段。",
            )
            values |= {"groups_now": self.groups, "now": self.group_width, "first": self.width(0)}
            values["width_most"] = MOST_CHANNELS // 2**last // self.groups
            return [self.problem("groups", message, **values, widest=widest)]
        return []

    def channels(self, stage: int) -> int:
        """Channels that leave a stage, counted from 0."""
        return self.stem_channels * self.widening * EXPANSION[self.block] * 2**stage

    def width(self, stage: int) -> int:
        """Channels inside a block of a stage."""
        if self.block == "bottleneck":
            return self.groups * self.group_width * 2**stage
        return self.stem_channels * self.widening * 2**stage

    def norm(self, channels: int) -> nn.Module:
        """The normalisation of a map of `channels` channels."""
        if self.normalisation == "batch":
            return nn.BatchNorm2d(channels)
        if self.normalisation == "none":
            return nn.Identity()
        return nn.GroupNorm(self.groups_of(channels), channels)

    def groups_of(self, channels: int) -> int:
        """The groups of a group or layer normalisation."""
        return gcd(32, channels) if self.normalisation == "group" else 1

    def build(self) -> nn.Module:
        return ResNet(self)


class ResNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: ResNetSpec):
        super().__init__()
        order = ORDERS[spec.order]
        channels = spec.stem_channels
        self.stem = _stem(spec, order)
        for stage, depth in enumerate(spec.depths):
            blocks = Layers()
            for index in range(depth):
                stride = 2 if stage and not index else 1
                blocks[f"block{index + 1}"] = _block(spec, channels, stage=stage, stride=stride)
                channels = spec.channels(stage)
            self.add_module(f"stage{stage + 1}", nn.Sequential(blocks))
        # a sum that no later block activates is activated here
        before: dict[str, Any] = activation(order.before, spec.norm, channels)
        self.head = average_head(channels, spec.num_classes, **before)


def _stem(spec: ResNetSpec, order: Order) -> nn.Sequential:
    """The convolution, and of normalisation and ReLU what the first block does not do itself."""
    left = [name for name in ("norm", "relu") if name not in order.before]
    channels, bias = spec.stem_channels, spec.conv_bias
    layers = activation(left, spec.norm, channels)
    if spec.stem == "imagenet":
        norm, relu = layers.get("norm"), "relu" in layers
        return imagenet_stem(spec.in_channels, channels, norm=norm, relu=relu, bias=bias)
    conv = nn.Conv2d(spec.in_channels, channels, 3, padding=1, bias=bias)
    return nn.Sequential(OrderedDict(conv=conv, **layers))


def _block(spec: ResNetSpec, channels: int, *, stage: int, stride: int) -> Residual:
    width, out, bias = spec.width(stage), spec.channels(stage), spec.conv_bias
    if spec.block == "basic":
        block: type[Residual] = BasicBlock
        convs = basic(channels, width, stride=stride, bias=bias)
    else:
        block = Bottleneck
        convs = bottleneck(
            channels,
            width,
            out,
            stride=stride,
            stride_on=spec.stride_on,
            groups=spec.groups,
            bias=bias,
        )
    shares: dict[str, Any] = {"order": ORDERS[spec.order], "norm": spec.norm}
    shortcut: nn.Module | None = None
    if not spec.residual:
        block = PlainBlock
    elif stride == 1 and channels == out and spec.shortcut != "projection-all":
        shortcut = nn.Identity()
    elif spec.shortcut == "zero-pad":
        shortcut = ZeroPad(stride=stride, new_channels=out - channels)
    else:
        shortcut = Projection(channels, out, stride=stride, bias=bias, **shares)
    gate = SqueezeExcite(out, out // spec.reduction) if spec.reduction else None
    return block(convs, shortcut, gate=gate, **shares)

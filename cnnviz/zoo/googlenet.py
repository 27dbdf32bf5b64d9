"""GoogLeNet: each block looks at its input with several kernel sizes at once.

Szegedy et al., "Going Deeper with Convolutions", CVPR 2015, arXiv 1409.4842: table 1 for the
splits, figure 2 for the two modules, section 5 for the auxiliary heads. Left out are the two local
response normalisations of figure 3, as in torchvision and the course; neither they nor dropout,
here the paper's in every preset, has parameters or multiply-accumulates.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace

from torch import nn

from cnnviz.families import NORMALISED, UNNORMALISED, Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import AuxiliaryHead, Branches, WithAuxiliaryHeads, average_head

MODULE = Text("Modules and convolutions", "模块与卷积")
SPLITS = {stage: Text(f"Splits of stage {stage}", f"第 {stage} 阶段的通道分配") for stage in "345"}
MOST_CHANNELS = 1024  # of one convolution
BLOCKS = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")


def _split(block: str, *channels: int) -> tuple[int, ...]:
    """The six numbers of a block of table 1."""
    return knob(
        channels,
        Text(f"inception {block}", f"Inception {block} 块"),
        Text(
            "Channels of 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5 and pool projection.",
            "依次为 1×1、3×3 降维、3×3、5×5 降维、5×5 与池化投影的通道数。",
        ),
        group=SPLITS[block[0]],
        term="split",
        bounds=(1, MOST_CHANNELS),
        lengths=(6, 6),
    )


@dataclass(frozen=True, kw_only=True)
class GoogLeNetSpec(Spec):
    """The knobs of GoogLeNet; the defaults are the network of 2014."""

    family = "googlenet"

    module: str = knob(
        "v1",
        Text("module", "模块"),
        Text(
            "v1: 1×1 convolutions reduce the channels before 3×3 and 5×5 and after the pooling. "
            "naive: without them; every block adds to the channels of the one before.",
            "V1：在 3×3、5×5 之前和池化之后用 1×1 卷积减少通道数。"
            "朴素：没有这些 1×1 卷积，通道数逐块累加。",
        ),
        group=MODULE,
        term="split",
        choices=("v1", "naive"),
        choice_labels=(Text("v1", "V1 模块"), Text("naive", "朴素模块")),
    )
    five_by_five: str = knob(
        "5x5",
        Text("third branch", "第三条分支"),
        Text(
            "5×5 as in the paper, or 3×3 as in torchvision's listing.",
            "论文为 5×5；torchvision 的代码为 3×3。",
        ),
        group=MODULE,
        term="split",
        choices=("5x5", "3x3"),
        choice_labels=(Text("5×5", "5×5 卷积"), Text("3×3", "3×3 卷积")),
    )
    auxiliary_heads: bool = knob(
        False,
        Text("auxiliary heads", "辅助分类器"),
        Text(
            "Two more classifiers, after 4a and 4d. They help gradients in training (loss × 0.3) "
            "and are taken off afterwards; on, they are counted.",
            "在 4a 和 4d 之后各加一个分类器，训练时提供额外的梯度（损失乘 0.3），推断时去掉；"
            "打开后计入各项数值。",
        ),
        group=MODULE,
        term="head",
    )
    batch_norm: bool = knob(
        False,
        Text("batch norm", "批量规范化"),
        Text(
            "After every convolution; younger than the paper, in torchvision's listing.",
            "加在每个卷积之后；晚于该论文，torchvision 的代码使用了它。",
        ),
        group=MODULE,
        term="batch_norm",
    )
    conv_bias: bool = knob(
        True,
        Text("bias in convolutions", "卷积带偏置"),
        Text(
            "A bias in every convolution; batch norm makes it superfluous.",
            "每个卷积都带偏置；使用批量规范化时偏置是多余的。",
        ),
        group=MODULE,
        term="bias",
    )
    inception_3a: tuple[int, ...] = _split("3a", 64, 96, 128, 16, 32, 32)
    inception_3b: tuple[int, ...] = _split("3b", 128, 128, 192, 32, 96, 64)
    inception_4a: tuple[int, ...] = _split("4a", 192, 96, 208, 16, 48, 64)
    inception_4b: tuple[int, ...] = _split("4b", 160, 112, 224, 24, 64, 64)
    inception_4c: tuple[int, ...] = _split("4c", 128, 128, 256, 24, 64, 64)
    inception_4d: tuple[int, ...] = _split("4d", 112, 144, 288, 32, 64, 64)
    inception_4e: tuple[int, ...] = _split("4e", 256, 160, 320, 32, 128, 128)
    inception_5a: tuple[int, ...] = _split("5a", 256, 160, 320, 32, 128, 128)
    inception_5b: tuple[int, ...] = _split("5b", 384, 192, 384, 48, 128, 128)

    def conflicts(self) -> list[Problem]:
        remedy = Text("", "")
        if self.auxiliary_heads:
            remedy = Text(
                "Or switch the auxiliary heads off: they pool 5×5.",
                "也可以关闭辅助分类器：它们使用 5×5 池化。",
            )
        return self.image_conflict(self._fits, remedy)

    def _fits(self, size: int) -> bool:
        """Stage 4 has a sixteenth of the size; its auxiliary heads need 5 px, stage 5 needs 2."""
        return stage_4_size(size) >= (5 if self.auxiliary_heads else 2)

    def build(self) -> nn.Module:
        return GoogLeNet(self)


def stage_4_size(image_size: int) -> int:
    """Pixels a side in stage 4: ⌈n/2⌉ by the first convolution, ⌊n/2⌋ by each of three poolings."""
    return (image_size + 1) // 2 // 8


class GoogLeNet(WithAuxiliaryHeads):
    """(N, C, H, W) -> (N, classes); with auxiliary heads, a tuple of three such outputs."""

    def __init__(self, spec: GoogLeNetSpec):
        super().__init__()
        stem = _conv(spec, "conv1", spec.in_channels, 64, 7, stride=2)
        stem["pool1"] = _halving()
        stem |= _conv(spec, "conv2", 64, 64, 1) | _conv(spec, "conv3", 64, 192, 3)
        stem["pool2"] = _halving()
        self.stem = _sequence(stem)
        channels = 192
        for block in BLOCKS:
            if block in ("4a", "5a"):
                self.add_module(f"pool_{block[0]}", _halving())
            module = Inception(spec, channels, getattr(spec, f"inception_{block}"))
            self.add_module(f"inception_{block}", module)
            channels = module.out_channels
            if spec.auxiliary_heads and block in ("4a", "4d"):
                self.add_module(f"auxiliary_{block}", _auxiliary_head(spec, channels))
        self.head = average_head(channels, spec.num_classes, dropout=0.4)


class Inception(Branches):
    """Four branches side by side, joined: (N, C, H, W) -> (N, out_channels, H, W).

    Args:
        split: channels of 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5 and pool projection; the naive
            module has no reductions and no projection, so C channels leave its pooling.
    """

    def __init__(self, spec: GoogLeNetSpec, channels: int, split: tuple[int, ...]):
        conv1, reduce3, conv3, reduce5, conv5, pool = split
        third = 5 if spec.five_by_five == "5x5" else 3
        naive = spec.module == "naive"
        pooling: dict[str, nn.Module] = {"pool": nn.MaxPool2d(kernel_size=3, stride=1, padding=1)}
        if naive:
            reduced3, reduced5, pooled = {}, {}, pooling
            reduce3 = reduce5 = pool = channels
        else:
            reduced3 = _conv(spec, "reduce", channels, reduce3, 1)
            reduced5 = _conv(spec, "reduce", channels, reduce5, 1)
            pooled = {**pooling, **_conv(spec, "project", channels, pool, 1)}
        super().__init__(
            branch1=_sequence(_conv(spec, "conv", channels, conv1, 1)),
            branch2=_sequence({**reduced3, **_conv(spec, "conv", reduce3, conv3, 3)}),
            branch3=_sequence({**reduced5, **_conv(spec, "conv", reduce5, conv5, third)}),
            branch4=_sequence(pooled),
        )
        self.out_channels = conv1 + conv3 + conv5 + pool


def _auxiliary_head(spec: GoogLeNetSpec, channels: int) -> AuxiliaryHead:
    """On a map of stage 4, which it pools, reduces and flattens."""
    size = (stage_4_size(spec.image_size) - 5) // 3 + 1
    return AuxiliaryHead(
        OrderedDict(
            pool=nn.AvgPool2d(kernel_size=5, stride=3),
            **_conv(spec, "conv", channels, 128, 1),
            flatten=nn.Flatten(),
            linear=nn.Linear(128 * size * size, 1024),
            relu=nn.ReLU(),
            dropout=nn.Dropout(0.7),
            classifier=nn.Linear(1024, spec.num_classes),
        )
    )


def _conv(
    spec: GoogLeNetSpec, name: str, channels: int, out: int, kernel: int, *, stride: int = 1
) -> dict[str, nn.Module]:
    """A convolution that keeps the size at stride 1, batch norm if the spec has it, and ReLU."""
    padding = kernel // 2
    conv = nn.Conv2d(channels, out, kernel, stride=stride, padding=padding, bias=spec.conv_bias)
    norm = {f"{name}_norm": nn.BatchNorm2d(out)} if spec.batch_norm else {}
    return {name: conv, **norm, f"{name}_relu": nn.ReLU()}


def _sequence(layers: dict[str, nn.Module]) -> nn.Sequential:
    return nn.Sequential(OrderedDict(layers))


def _halving() -> nn.Module:
    """(N, C, H, W) -> (N, C, ⌊H/2⌋, ⌊W/2⌋), from 2 pixels on."""
    return nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)


PAPER = "arXiv 1409.4842, table 1"

FAMILY = Family(
    title="GoogLeNet",
    known_as="Inception v1",
    spec=GoogLeNetSpec,
    demos=(replace(NORMALISED, when=lambda spec: spec.batch_norm), UNNORMALISED),
    presets=(
        Preset(
            name="googlenet",
            spec=GoogLeNetSpec(),
            params=6_998_552,
            macs=1_582_671_872,
            source=PAPER,
            known_as="Inception v1",
        ),
        Preset(
            name="googlenet-torchvision",
            spec=GoogLeNetSpec(batch_norm=True, five_by_five="3x3", conv_bias=False),
            params=6_624_904,
            macs=1_498_376_192,
            source="torchvision googlenet",
        ),
        Preset(
            name="googlenet-d2l",
            spec=GoogLeNetSpec(image_size=96, in_channels=1, num_classes=10),
            params=5_977_530,
            macs=276_066_304,
            source="Dive into Deep Learning, 8.4",
        ),
    ),
)

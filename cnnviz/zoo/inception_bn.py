"""Inception-BN (v2): GoogLeNet with batch norm, and two 3×3 in place of every 5×5.

Ioffe, Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal
Covariate Shift", ICML 2015, arXiv 1502.03167: the table of its appendix (figure 5). The table's
filters of 4c and 4d add up to 608 channels and those of 4e to 1,056, where its column of output
sizes prints 576 and 1,024; built are the filters, as in the listings of the time. The first
convolution is an ordinary one; the paper's is separable with a depth multiplier of 8. The two
auxiliary heads, of which the table says nothing, are left out, and so is dropout, as in the paper.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

from torch import nn

from cnnviz.families import NORMALISED, UNNORMALISED, Family, Preset, Spec
from cnnviz.knobs import knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Branches, average_head, conv_chain, conv_unit, pooled_projection
from cnnviz.zoo.shared_knobs import batch_norm_knob

MODULE = Text("Modules and convolutions", "模块与卷积")
SPLITS = {stage: Text(f"Splits of stage {stage}", f"第 {stage} 阶段的通道分配") for stage in "345"}
MOST_CHANNELS = 1024  # of one convolution
BLOCKS = ("3a", "3b", "3c", "4a", "4b", "4c", "4d", "4e", "5a", "5b")
HALVING = ("3c", "4e")


def _split(block: str, *channels: int) -> tuple[int, ...]:
    """The numbers of a block of the table: six, or four where the block halves the size."""
    what = Text(
        "Channels of 1×1, 3×3 reduce, 3×3, double 3×3 reduce, double 3×3 and pool projection.",
        "依次为 1×1、3×3 降维、3×3、双 3×3 降维、双 3×3 与池化投影的通道数。",
    )
    if block in HALVING:
        what = Text(
            "Channels of 3×3 reduce, 3×3, double 3×3 reduce and double 3×3; stride 2. The pooling "
            "passes all channels of the input through.",
            "依次为 3×3 降维、3×3、双 3×3 降维与双 3×3 的通道数，步幅为 2；"
            "池化分支让输入的全部通道直接通过。",
        )
    return knob(
        channels,
        Text(f"inception {block}", f"Inception {block} 块"),
        what,
        group=SPLITS[block[0]],
        term="split",
        bounds=(1, MOST_CHANNELS),
        lengths=(len(channels), len(channels)),
    )


@dataclass(frozen=True, kw_only=True)
class InceptionBNSpec(Spec):
    """The knobs of Inception-BN; the defaults are the network of 2015."""

    family = "inception-bn"

    batch_norm: bool = batch_norm_knob(MODULE)
    third_branch: str = knob(
        "3x3-twice",
        Text("third branch", "第三条分支"),
        Text(
            "Two 3×3 as in the paper, or one 5×5 as in GoogLeNet: the same window, for C channels "
            "in and out 18C² weights against 25C².",
            "论文用两个 3×3，GoogLeNet 用一个 5×5：窗口相同，"
            "输入输出均为 C 个通道时权重为 18C² 比 25C²。",
        ),
        group=MODULE,
        term="factorisation",
        choices=("3x3-twice", "5x5"),
        choice_labels=(Text("3×3 twice", "两个 3×3 卷积"), Text("5×5", "一个 5×5 卷积")),
    )
    pooling: str = knob(
        "mixed",
        Text("pooling in the blocks", "块内池化"),
        Text(
            "What the fourth branch pools by. mixed, the paper's: average, in the last block the "
            "maximum. Blocks of stride 2 always take the maximum.",
            "第四条分支的池化方式。混合（论文）：平均池化，最后一块用最大池化。"
            "步幅为 2 的块总是用最大池化。",
        ),
        group=MODULE,
        term="pooling",
        choices=("mixed", "average", "max"),
        choice_labels=(Text("mixed", "混合"), Text("average", "平均"), Text("max", "最大")),
    )
    inception_3a: tuple[int, ...] = _split("3a", 64, 64, 64, 64, 96, 32)
    inception_3b: tuple[int, ...] = _split("3b", 64, 64, 96, 64, 96, 64)
    inception_3c: tuple[int, ...] = _split("3c", 128, 160, 64, 96)
    inception_4a: tuple[int, ...] = _split("4a", 224, 64, 96, 96, 128, 128)
    inception_4b: tuple[int, ...] = _split("4b", 192, 96, 128, 96, 128, 128)
    inception_4c: tuple[int, ...] = _split("4c", 160, 128, 160, 128, 160, 128)
    inception_4d: tuple[int, ...] = _split("4d", 96, 128, 192, 160, 192, 128)
    inception_4e: tuple[int, ...] = _split("4e", 128, 192, 192, 256)
    inception_5a: tuple[int, ...] = _split("5a", 352, 192, 320, 160, 224, 128)
    inception_5b: tuple[int, ...] = _split("5b", 352, 192, 320, 192, 224, 128)

    def pools_largest(self, block: str) -> bool:
        """Whether the fourth branch of a block pools by the maximum, not by the mean."""
        return self.pooling == "max" or (self.pooling == "mixed" and block == BLOCKS[-1])

    def build(self) -> nn.Module:
        return InceptionBN(self)


class InceptionBN(nn.Sequential):
    """(N, C, H, W) -> (N, classes); all that halves the size rounds up, so every image fits."""

    def __init__(self, spec: InceptionBNSpec):
        super().__init__()
        norm = spec.batch_norm
        self.stem = nn.Sequential(
            OrderedDict(
                conv1=conv_unit(spec.in_channels, 64, 7, stride=2, padding=3, norm=norm),
                pool1=_halving(),
                conv2=conv_unit(64, 64, 1, norm=norm),
                conv3=conv_unit(64, 192, 3, padding=1, norm=norm),
                pool2=_halving(),
            )
        )
        channels = 192
        for block in BLOCKS:
            split = getattr(spec, f"inception_{block}")
            if block in HALVING:
                module: GridReduction | Inception = GridReduction(spec, channels, split)
            else:
                module = Inception(spec, channels, split, largest=spec.pools_largest(block))
            self.add_module(f"inception_{block}", module)
            channels = module.out_channels
        self.head = average_head(channels, spec.num_classes)


class Inception(Branches):
    """Four branches side by side, joined: (N, C, H, W) -> (N, out_channels, H, W).

    Args:
        split: channels of 1×1, 3×3 reduce, 3×3, double 3×3 reduce, double 3×3, pool projection.
        largest: whether the fourth branch pools by the maximum.
    """

    def __init__(
        self, spec: InceptionBNSpec, channels: int, split: tuple[int, ...], *, largest: bool
    ):
        conv1, reduce3, conv3, reduce5, conv5, project = split
        norm = spec.batch_norm
        super().__init__(
            branch1=conv_unit(channels, conv1, 1, norm=norm),
            branch2=conv_chain(channels, norm=norm, reduce=(reduce3, 1), conv=(conv3, 3)),
            branch3=conv_chain(channels, norm=norm, reduce=(reduce5, 1), **_third(spec, conv5)),
            branch4=pooled_projection(channels, project, norm=norm, largest=largest),
        )
        self.out_channels = conv1 + conv3 + conv5 + project


class GridReduction(Branches):
    """Three branches of stride 2, joined: (N, C, H, W) -> (N, out_channels, ⌈H/2⌉, ⌈W/2⌉).

    Args:
        split: channels of 3×3 reduce, 3×3, double 3×3 reduce, double 3×3; C more are passed on.
    """

    def __init__(self, spec: InceptionBNSpec, channels: int, split: tuple[int, ...]):
        reduce3, conv3, reduce5, conv5 = split
        halves: dict[str, Any] = {"norm": spec.batch_norm, "stride": 2}
        super().__init__(
            branch1=conv_chain(channels, **halves, reduce=(reduce3, 1), conv=(conv3, 3)),
            branch2=conv_chain(channels, **halves, reduce=(reduce5, 1), **_third(spec, conv5)),
            pool=_halving(),
        )
        self.out_channels = conv3 + conv5 + channels


def _third(spec: InceptionBNSpec, out: int) -> dict[str, Any]:
    """Return the third branch's convolutions for a 5×5 window: channels and kernel of each."""
    if spec.third_branch == "5x5":
        return {"conv": (out, 5)}
    return {"conv1": (out, 3), "conv2": (out, 3)}


def _halving() -> nn.Module:
    """(N, C, H, W) -> (N, C, ⌈H/2⌉, ⌈W/2⌉)."""
    return nn.MaxPool2d(kernel_size=3, stride=2, padding=1)


FAMILY = Family(
    title="Inception-BN (v2)",
    spec=InceptionBNSpec,
    demos=(replace(NORMALISED, when=lambda spec: spec.batch_norm), UNNORMALISED),
    presets=(
        Preset(
            name="inception-bn",
            spec=InceptionBNSpec(),
            params=11_285_224,
            macs=2_032_600_064,
            source="arXiv 1502.03167, figure 5 (filters as in the table)",
            known_as="Inception v2",
        ),
    ),
)

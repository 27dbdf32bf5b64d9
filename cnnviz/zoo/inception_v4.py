"""Inception-v4: three uniform kinds of Inception blocks with two reductions between them.

Szegedy, Ioffe, Vanhoucke, Alemi, "Inception-v4, Inception-ResNet and the Impact of Residual
Connections on Learning", AAAI 2017, arXiv 1602.07261: figure 9 for the whole, 3 to 8 for its
parts, table 1 for reduction A. The network has no residual connections; those are in
Inception-ResNet, of the same paper. Two details of the figures cannot be meant and are
read as the authors' code has them: the second long convolution of block B's third branch is 7×1
(figure 5 has 1×7 twice), and the last convolution of the stem has stride 2. As there, block B's
fourth branch begins with 7×1 and ends with 1×7, and average pooling leaves the padding out.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import Problem
from cnnviz.text import Text
from cnnviz.zoo.blocks import Branches, average_head
from cnnviz.zoo.inception_parts import (
    REDUCTION,
    STEM_CHANNELS,
    Reduction,
    chain,
    depths_knob,
    factorised_knob,
    fits,
    flat_and_tall,
    numbered,
    reduction_a,
    reduction_knob,
    smoothing,
    stem_v4,
    tall_and_flat,
)
from cnnviz.zoo.shared_knobs import dropout_knob


@dataclass(frozen=True, kw_only=True)
class InceptionV4Spec(Spec):
    """The knobs of Inception-v4; the defaults are the network of the paper."""

    family = "inception-v4"

    image_size: int = 299

    depths: tuple[int, ...] = depths_knob((4, 7, 3), Text("The paper has 4-7-3.", "论文为 4-7-3。"))
    factorised: bool = factorised_knob()
    reduction_a: tuple[int, ...] = reduction_knob((192, 224, 256, 384))
    dropout: float = dropout_knob(REDUCTION, 0.2)

    def conflicts(self) -> list[Problem]:
        return self.image_conflict(fits, Text("", ""))

    def build(self) -> nn.Module:
        return InceptionV4(self)


class InceptionV4(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: InceptionV4Spec):
        count_a, count_b, count_c = spec.depths
        factorised = {"factorised": spec.factorised}
        to_b = reduction_a(STEM_CHANNELS, spec.reduction_a)
        super().__init__(
            OrderedDict(
                stem=stem_v4(spec.in_channels, **factorised),
                inception_a=_stage(InceptionV4A, STEM_CHANNELS, count_a),
                reduction_a=to_b,
                inception_b=_stage(InceptionV4B, to_b.out_channels, count_b, **factorised),
                reduction_b=_reduction_b(InceptionV4B.out_channels, **factorised),
                inception_c=_stage(InceptionV4C, 1536, count_c, **factorised),
                head=average_head(1536, spec.num_classes, dropout=spec.dropout),
            )
        )


class InceptionV4A(Branches):
    """Figure 4, windows of 1, 3 and 5 (two 3×3): (N, C, H, W) -> (N, 384, H, W)."""

    out_channels = 384

    def __init__(self, channels: int):
        super().__init__(
            chain(channels, (96, 1)),
            chain(channels, (64, 1), (96, 3)),
            chain(channels, (64, 1), (96, 3), (96, 3)),
            chain(channels, (96, 1), pool=smoothing()),
        )


class InceptionV4B(Branches):
    """Figure 5, windows of 1, 7 and 13 (two 7×7): (N, C, H, W) -> (N, 1024, H, W)."""

    out_channels = 1024

    def __init__(self, channels: int, *, factorised: bool):
        once = flat_and_tall(7, 224, 256, factorised=factorised)
        twice = (
            *tall_and_flat(7, 192, 224, factorised=factorised),
            *tall_and_flat(7, 224, 256, factorised=factorised),
        )
        super().__init__(
            chain(channels, (384, 1)),
            chain(channels, (192, 1), *once),
            chain(channels, (192, 1), *twice),
            chain(channels, (128, 1), pool=smoothing()),
        )


class InceptionV4C(Branches):
    """Figure 6, two branches that fork at their ends: (N, C, H, W) -> (N, 1536, H, W)."""

    out_channels = 1536

    def __init__(self, channels: int, *, factorised: bool):
        three = tall_and_flat(3, 448, 512, factorised=factorised)
        super().__init__(
            chain(channels, (256, 1)),
            _forked(chain(channels, (384, 1)), 384),
            _forked(chain(channels, (384, 1), *three), 512),
            chain(channels, (256, 1), pool=smoothing()),
        )


def _forked(trunk: nn.Sequential, channels: int) -> nn.Sequential:
    """A chain whose map goes into a 1×3 and a 3×1 side by side, 256 channels each."""
    trunk.fork = Branches(chain(channels, (256, (1, 3))), chain(channels, (256, (3, 1))))
    return trunk


def _reduction_b(channels: int, *, factorised: bool) -> Reduction:
    """Figure 8: (N, C, H, W) -> (N, C + 512, H', W')."""
    seven = flat_and_tall(7, 256, 320, factorised=factorised)
    return Reduction(channels, ((192, 1), (192, 3)), ((256, 1), *seven, (320, 3)))


def _stage(block: Any, channels: int, count: int, **settings: bool) -> nn.Sequential:
    """`count` blocks: (N, C, H, W) -> (N, block.out_channels, H, W)."""
    inputs = (channels, *(block.out_channels,) * (count - 1))
    return numbered(block(width, **settings) for width in inputs)


FAMILY = Family(
    title="Inception-v4",
    spec=InceptionV4Spec,
    presets=(
        Preset(
            name="inception-v4",
            spec=InceptionV4Spec(),
            params=42_679_816,
            macs=12_253_974_624,
            source="arXiv 1602.07261, figure 9",
        ),
    ),
)

"""The blocks of Inception-v3, one for each resolution, and what halves the maps between them.

Szegedy, Vanhoucke, Ioffe, Shlens, Wojna, arXiv 1512.00567: figures 5, 6 and 7; 10 for the
reduction. All but the reduction keep height and width.
"""

from typing import Any

from torch import nn

from cnnviz.zoo.blocks import Branches, conv_chain, conv_unit, pooled_projection

Units = dict[str, Any]  # channels and kernel of each convolution unit of a chain, by name


class StackedInception(Branches):
    """1×1, 5×5, two 3×3, pooling: (N, C, H, W) -> (N, 224 + pool, H, W); figure 5.

    Args:
        five: what sees 5×5 in the second branch, with 64 channels at its end.
    """

    def __init__(self, channels: int, pool: int, *, five: Units, norm: bool):
        super().__init__(
            branch1=conv_unit(channels, 64, 1, norm=norm),
            branch2=conv_chain(channels, norm=norm, reduce=(48, 1), **five),
            branch3=conv_chain(channels, norm=norm, reduce=(64, 1), conv1=(96, 3), conv2=(96, 3)),
            branch4=pooled_projection(channels, pool, norm=norm),
        )
        self.out_channels = 64 + 64 + 96 + pool


class AsymmetricInception(Branches):
    """1×1, 7×7, two 7×7, pooling: (N, C, H, W) -> (N, 768, H, W); figure 6.

    Args:
        width: channels inside the branches with 7×7.
        factorised: each 7×7 is taken apart.
    """

    def __init__(self, channels: int, width: int, *, factorised: bool, norm: bool):
        one = seven("conv", width, 192, factorised=factorised)
        two = seven("conv1", width, width, factorised=factorised, tall_first=True)
        two |= seven("conv2", width, 192, factorised=factorised, tall_first=True)
        super().__init__(
            branch1=conv_unit(channels, 192, 1, norm=norm),
            branch2=conv_chain(channels, norm=norm, reduce=(width, 1), **one),
            branch3=conv_chain(channels, norm=norm, reduce=(width, 1), **two),
            branch4=pooled_projection(channels, 192, norm=norm),
        )
        self.out_channels = 4 * 192


class ExpandedInception(Branches):
    """1×1, 3×3, two 3×3, pooling: (N, C, H, W) -> (N, 1856 + pool, H, W); figure 7.

    Args:
        expanded: the last 3×3 of a branch is a 1×3 and a 3×1 that read the same map.
    """

    def __init__(self, channels: int, pool: int, *, expanded: bool, norm: bool):
        single = conv_chain(channels, norm=norm, reduce=(384, 1))
        double = conv_chain(channels, norm=norm, reduce=(448, 1), conv=(384, 3))
        for branch in (single, double):
            branch.add_module("expand", _expansion(384, expanded=expanded, norm=norm))
        super().__init__(
            branch1=conv_unit(channels, 320, 1, norm=norm),
            branch2=single,
            branch3=double,
            branch4=pooled_projection(channels, pool, norm=norm),
        )
        self.out_channels = 320 + 2 * 384 + 2 * 384 + pool


class GridReduction(Branches):
    """Branches of stride 2 and a pooling: (N, C, H, W) -> (N, C + C', ⌊(H−1)/2⌋, ⌊(W−1)/2⌋)."""


def seven(name: str, width: int, out: int, *, factorised: bool, tall_first: bool = False) -> Units:
    """Units that see 7×7: a 1×7 to `width` and a 7×1 to `out` channels, or one full 7×7."""
    if not factorised:
        return {name: (out, 7)}
    shapes = ((7, 1), (1, 7)) if tall_first else ((1, 7), (7, 1))
    return {f"{name}_a": (width, shapes[0]), f"{name}_b": (out, shapes[1])}


def _expansion(channels: int, *, expanded: bool, norm: bool) -> nn.Module:
    """(N, C, H, W) -> (N, 2C, H, W)."""
    if not expanded:
        return conv_unit(channels, 2 * channels, 3, padding=1, norm=norm)
    return Branches(
        wide=conv_unit(channels, channels, (1, 3), padding=(0, 1), norm=norm),
        tall=conv_unit(channels, channels, (3, 1), padding=(1, 0), norm=norm),
    )

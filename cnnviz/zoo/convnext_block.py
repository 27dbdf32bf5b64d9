"""ConvNeXt's block, and every block on the way to it from ResNet-50's bottleneck."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from cnnviz.zoo.blocks import Layers, name_of
from cnnviz.zoo.residual import ORDERS, Projection

EPSILON = 1e-6  # of layer norm, and what layer scale starts from


class LayerNorm2d(nn.LayerNorm):
    """Layer norm over the channels of each pixel: (N, C, H, W) -> (N, C, H, W).

    y[c] = γ[c]·(x[c] − μ) / √(σ² + ε) + β[c], with μ and σ² of the C numbers of one pixel.
    """

    def __init__(self, channels: int):
        super().__init__(channels, eps=EPSILON)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class LayerScale(nn.Module):
    """γ·x, a factor a channel that is learned and starts at ε: (N, C, H, W) -> (N, C, H, W)."""

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels, 1, 1), EPSILON))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.weight * x


class StochasticDepth(nn.Module):
    """In training, zero for a share p of the images, else x / (1 − p): (N, C, H, W) -> the same.

    To `dropout3d`, which leaves whole channels out, the N images are channels of one.
    """

    def __init__(self, share: float):
        super().__init__()
        self.share = share

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.dropout3d(x.unsqueeze(0), self.share, self.training).squeeze(0)

    def extra_repr(self) -> str:
        return f"share={self.share:.3f}"


class Design(NamedTuple):
    """What all blocks of a network have in common.

    Args:
        kernel: of the one convolution with a window.
        depthwise: it has a kernel a channel, else full ones.
        window_first: it comes before both 1×1 convolutions, else between them.
        norm: LayerNorm2d or BatchNorm2d.
        few_norms: only one, after the window.
        activation: ReLU or GELU.
        few_activations: only one, after the first 1×1.
        layer_scale: each channel of F has a factor of its own.
    """

    kernel: int
    depthwise: bool
    window_first: bool
    norm: type[nn.Module]
    few_norms: bool
    activation: type[nn.Module]
    few_activations: bool
    layer_scale: bool


class ConvNeXtBlock(nn.Module):
    """x + γ·F(x): (N, C, H, W) -> (N, C', ⌈H/stride⌉, ⌈W/stride⌉), with a projected x if need be.

    F of ConvNeXt: depthwise 7×7 on C channels, layer norm, 1×1 to 4·C, GELU, 1×1 back to C. Weights
    and biases: 49·C + 8·C² + 9·C with the norm and γ. F of ResNet: 1×1, 3×3, 1×1, with batch norm
    after each, and a ReLU between them and after the sum.

    Args:
        hidden: channels between the two 1×1.
        drop: share of the images that training leaves F out for.
    """

    def __init__(
        self, channels: int, hidden: int, out: int, *, stride: int, drop: float, design: Design
    ):
        super().__init__()
        self.layer_scale = LayerScale(out) if design.layer_scale else None
        window = channels if design.window_first else hidden
        sizes = [(channels, hidden, 1), (hidden, out, 1)]
        sizes.insert(0 if design.window_first else 1, (window, window, design.kernel))
        body = Layers()
        for number, (source, target, kernel) in enumerate(sizes, start=1):
            has_window = kernel > 1
            normed = has_window or not design.few_norms
            body[f"conv{number}"] = nn.Conv2d(
                source,
                target,
                kernel,
                stride=stride if has_window else 1,
                padding=kernel // 2,
                groups=source if has_window and design.depthwise else 1,
                bias=not normed or design.norm is LayerNorm2d,
            )
            if normed:
                body[f"norm{number}"] = design.norm(target)
            first_1x1 = number == (2 if design.window_first else 1)
            if first_1x1 or (number < 3 and not design.few_activations):
                body[f"{name_of(design.activation)}{number}"] = design.activation()
        self.body = nn.Sequential(body)
        self.stochastic_depth = StochasticDepth(drop) if drop else None
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or channels != out:
            self.shortcut = Projection(
                channels, out, stride=stride, bias=False, order=ORDERS["original"], norm=design.norm
            )
        self.activation = None if design.few_activations else design.activation()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.body(x)
        if self.layer_scale is not None:
            y = self.layer_scale(y)
        if self.stochastic_depth is not None:
            y = self.stochastic_depth(y)
        y = self.shortcut(x) + y
        return y if self.activation is None else self.activation(y)


class Downsampling(nn.Sequential):
    """Normalisation and a 2×2 convolution of stride 2: (N, C, H, W) -> (N, C', ⌊H/2⌋, ⌊W/2⌋)."""

    def __init__(self, channels: int, out: int, *, norm: type[nn.Module]):
        layers = Layers(norm=norm(channels), conv=nn.Conv2d(channels, out, 2, stride=2))
        super().__init__(layers)

"""The inverted residual block of MobileNetV2, which MobileNetV3 and the EfficientNets go on from.

Sandler et al., arXiv 1801.04381, table 1 and figure 4; with squeeze-and-excitation and larger
windows Tan et al., "MnasNet", arXiv 1807.11626, figure 7; fused,
Tan, Le, arXiv 2104.00298, figure 2.
"""

import torch
from torch import nn

from cnnviz.knobs import knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, conv_unit
from cnnviz.zoo.residual import SqueezeExcite


def gate_knob(group: Text) -> int:
    """Squeeze-and-excitation in a block of an EfficientNet: its reduction r, or off."""
    return knob(
        4,
        Text("SE reduction", "SE 缩减比"),
        Text(
            "Squeeze-and-excitation weighs the wide channels inside a block by what the whole map "
            "shows. Between its two small layers are C / r channels, C those that enter the "
            "block (r = 4 in the paper).",
            "压缩与激励（SE）：根据整张特征图给块内扩宽后的各通道加权；"
            "两个小层之间有 C / r 个通道，C 为块的输入通道数（论文取 r = 4）。",
        ),
        group=group,
        term="squeeze_excite",
        symbol="r",
        choices=(0, 2, 4, 8, 16),
        choice_labels=(Text("off", "关"), *(Text(f"{r}", f"{r}") for r in (2, 4, 8, 16))),
    )


def last_channels_knob(group: Text) -> int:
    """The width of an EfficientNet's 1×1 convolution between its last stage and its head."""
    return knob(
        1280,
        Text("channels before the head", "分类头前的通道数"),
        Text(
            "Of the 1×1 convolution after the last stage, before the width multiplier.",
            "最后一个阶段之后 1×1 卷积的通道数（乘宽度系数之前）。",
        ),
        group=group,
        term="channels",
        bounds=(1, 2560),
    )


class InvertedResidual(nn.Module):
    """x + F(x): (N, C, H, W) -> (N, C', H/stride, W/stride), with the x where the shape stays.

    F: 1×1 from C to M channels, depthwise k×k (y[c] = v[c] ∗ x[c], one kernel a channel), the gate
    if there is one, 1×1 to C' without an activation; batch norm after each convolution. Weights
    but the gate's: C·M + k²·M + M·C'. Where M is C the first 1×1 is left out.

    Args:
        width: M, the channels inside.
        kernel: k, odd.
        gate: squeeze-and-excitation of M channels; None for none.
        linear: no activation follows the last 1×1.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        width: int,
        stride: int,
        activation: type[nn.Module],
        kernel: int = 3,
        gate: nn.Module | None = None,
        residual: bool = True,
        linear: bool = True,
    ):
        super().__init__()
        layers = Layers()
        if width != channels:
            layers["expand"] = conv_unit(channels, width, 1, activation=activation)
        layers["depthwise"] = conv_unit(
            width,
            width,
            kernel,
            stride=stride,
            padding=kernel // 2,
            groups=width,
            activation=activation,
        )
        if gate is not None:
            layers["squeeze_excite"] = gate
        layers["project"] = conv_unit(width, out, 1, activation=None if linear else activation)
        self.body = nn.Sequential(layers)
        self.is_residual = residual and stride == 1 and channels == out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x) if self.is_residual else self.body(x)


class MBConv(InvertedResidual):
    """An inverted residual of t·C channels inside, with a gate on them.

    The gate's small layer has C/r channels, of the C that enter the block, at least one.

    Args:
        expand_ratio: t.
        reduction: r; 0 for no gate.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        expand_ratio: int,
        kernel: int,
        stride: int,
        reduction: int,
        activation: type[nn.Module],
    ):
        width = expand_ratio * channels
        gate = None
        if reduction:
            narrow = max(1, channels // reduction)
            gate = SqueezeExcite(width, narrow, activation=activation)
        super().__init__(
            channels,
            out,
            width=width,
            kernel=kernel,
            stride=stride,
            gate=gate,
            activation=activation,
        )


class FusedMBConv(nn.Module):
    """x + F(x): (N, C, H, W) -> (N, C', H/stride, W/stride), with the x where the shape stays.

    F: a full 3×3 from C to t·C channels in place of MBConv's 1×1 and depthwise 3×3, then a 1×1 to
    C' without an activation; at t = 1 the 3×3 alone. 9·C·t·C + t·C·C' weights.

    Args:
        expand_ratio: t.
    """

    def __init__(
        self,
        channels: int,
        out: int,
        *,
        expand_ratio: int,
        stride: int,
        activation: type[nn.Module],
    ):
        super().__init__()
        width = expand_ratio * channels if expand_ratio > 1 else out
        layers = Layers(
            expand=conv_unit(channels, width, 3, stride=stride, padding=1, activation=activation)
        )
        if expand_ratio > 1:
            layers["project"] = conv_unit(width, out, 1, activation=None)
        self.body = nn.Sequential(layers)
        self.is_residual = stride == 1 and channels == out

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x) if self.is_residual else self.body(x)

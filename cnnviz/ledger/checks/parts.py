"""What the sums share: parameters of layers, and presets built without memory."""

from fractions import Fraction
from typing import Any

from torch import nn

from cnnviz.analysis.build import build_on_meta
from cnnviz.zoo import PRESETS

Number = int | Fraction


def params(*layers: nn.Module) -> int:
    return sum(parameter.numel() for layer in layers for parameter in layer.parameters())


def conv(channels: int, out: int, kernel: int, **settings: Any) -> nn.Conv2d:
    return nn.Conv2d(channels, out, kernel, device="meta", **settings)


def on_meta(preset: str) -> nn.Module:
    return build_on_meta(PRESETS[preset].spec)

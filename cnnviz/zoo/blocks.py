"""Blocks that several families share."""

import math
from collections import OrderedDict

import torch
from torch import nn

ACTIVATIONS = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "silu": nn.SiLU,
    "hardswish": nn.Hardswish,
    "gelu": nn.GELU,
}

Layers = OrderedDict[str, nn.Module]  # the children of an nn.Sequential by name


def nearest_multiple(value: float, divisor: int) -> int:
    """The multiple of `divisor` nearest to `value`, the larger of two, at least `divisor`."""
    return max(divisor, math.floor(value / divisor + 0.5) * divisor)


def divisible(channels: float, divisor: int) -> int:
    """The multiple of `divisor` nearest to `channels`, or the next if that is less than 90 %."""
    rounded = nearest_multiple(channels, divisor)
    return rounded if rounded >= 0.9 * channels else rounded + divisor


def scaled_channels(channels: int, multiplier: float) -> int:
    """α times the channels of a MobileNet, in eights; at α = 1 they stay as they are."""
    return channels if multiplier == 1 else in_eights(multiplier * channels)


def in_eights(channels: float) -> int:
    """Channels rounded as the MobileNets' authors and torchvision do.

    To the nearest multiple of 8, at least 8, and to the next one if that is less than 90 % of the
    exact number: 11.2 would be 8 and is 16.
    """
    return divisible(channels, 8)


def imagenet_stem(
    in_channels: int, channels: int, *, norm: nn.Module | None, bias: bool, relu: bool = True
) -> nn.Sequential:
    """7×7 convolution and max pooling: (N, C, H, W) -> (N, channels, ⌈H/4⌉, ⌈W/4⌉).

    Args:
        norm, relu: what stands between the two; a pre-activated block brings its own.
    """
    layers = Layers(
        conv=nn.Conv2d(in_channels, channels, kernel_size=7, stride=2, padding=3, bias=bias)
    )
    if norm is not None:
        layers["norm"] = norm
    if relu:
        layers["relu"] = nn.ReLU()
    layers["pool"] = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
    return nn.Sequential(layers)


def conv_unit(
    channels: int,
    out: int,
    kernel: int | tuple[int, int],
    *,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    groups: int = 1,
    norm: bool = True,
    activation: type[nn.Module] | None = nn.ReLU,
) -> nn.Sequential:
    """Convolution, batch norm, activation: (N, C, H, W) -> (N, out, H', W').

    Args:
        norm: batch norm follows; without it, the convolution has a bias.
        activation: what comes last; None for a linear unit.
    """
    layers = Layers(
        conv=nn.Conv2d(
            channels, out, kernel, stride=stride, padding=padding, groups=groups, bias=not norm
        )
    )
    if norm:
        layers["norm"] = nn.BatchNorm2d(out)
    if activation is not None:
        layers[name_of(activation)] = activation()
    return nn.Sequential(layers)


def name_of(activation: type[nn.Module]) -> str:
    """What an activation is called in a unit: relu, silu, hardswish; ReLU6 is a relu, too."""
    return activation.__name__.lower().removesuffix("6")


def small_stem(in_channels: int, channels: int) -> nn.Sequential:
    """3×3 unit of stride 2 and max pooling: (N, C, H, W) -> (N, channels, ⌈H/4⌉, ⌈W/4⌉)."""
    stem = conv_unit(in_channels, channels, 3, stride=2, padding=1)
    stem.pool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
    return stem


class Branches(nn.Module):
    """Children side by side, their maps joined: (N, C, H, W) -> (N, ΣCᵢ, H', W').

    Args:
        unnamed: are called branch1, branch2, …
    """

    def __init__(self, *unnamed: nn.Module, **named: nn.Module):
        super().__init__()
        numbered = {f"branch{number}": branch for number, branch in enumerate(unnamed, start=1)}
        for name, branch in (numbered | named).items():
            self.add_module(name, branch)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([branch(x) for branch in self.children()], dim=1)


def conv_chain(
    channels: int,
    *,
    norm: bool = True,
    stride: int = 1,
    padded: bool = True,
    **units: tuple[int, int | tuple[int, int]],
) -> nn.Sequential:
    """Units one after another: (N, C, H, W) -> (N, C', ⌈H/stride⌉, ⌈W/stride⌉).

    Args:
        stride: of the last unit.
        padded: whether the last unit is; those before it keep the size.
        units: channels and odd kernel of each, by name.
    """
    last = list(units)[-1]
    layers = Layers()
    for name, (out, kernel) in units.items():
        high, wide = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        same = (high // 2, wide // 2)
        layers[name] = conv_unit(
            channels,
            out,
            kernel,
            stride=stride if name == last else 1,
            padding=same if padded or name != last else 0,
            norm=norm,
        )
        channels = out
    return nn.Sequential(layers)


def pooled_projection(
    channels: int, out: int, *, norm: bool = True, largest: bool = False
) -> nn.Sequential:
    """3×3 pooling that keeps the size, then a 1×1 unit: (N, C, H, W) -> (N, out, H, W).

    Args:
        largest: by the maximum instead of the mean.
    """
    pool = nn.MaxPool2d if largest else nn.AvgPool2d
    return nn.Sequential(
        OrderedDict(
            pool=pool(kernel_size=3, stride=1, padding=1),
            project=conv_unit(channels, out, 1, norm=norm),
        )
    )


class AuxiliaryHead(nn.Sequential):
    """A classifier on maps from the middle of a network: (N, C, H, W) -> (N, classes)."""


class WithAuxiliaryHeads(nn.Module):
    """Children one after another: (N, C, H, W) -> (N, classes).

    An auxiliary head among them reads and changes nothing; with one, the result is a tuple of such
    outputs, the network's own first.
    """

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        auxiliary = []
        for part in self.children():
            if isinstance(part, AuxiliaryHead):
                auxiliary.append(part(x))
            else:
                x = part(x)
        return (x, *auxiliary) if auxiliary else x


def average_head(
    channels: int, num_classes: int, *, dropout: float = 0, **before: nn.Module
) -> nn.Sequential:
    """Global average pooling and a linear layer: (N, C, H, W) -> (N, classes).

    Args:
        dropout: share of the features that training leaves out, if any.
        before: layers that come first, by name.
    """
    return nn.Sequential(
        OrderedDict(
            **before,
            pool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(),
            **({"dropout": nn.Dropout(dropout)} if dropout else {}),
            classifier=nn.Linear(channels, num_classes),
        )
    )


def hidden_layer(features: int, out: int, *, dropout: float) -> nn.Sequential:
    """Linear layer, ReLU and, if any, dropout: (N, features) -> (N, out)."""
    layers = Layers(linear=nn.Linear(features, out), relu=nn.ReLU())
    if dropout:
        layers["dropout"] = nn.Dropout(dropout)
    return nn.Sequential(layers)


def fully_connected_head(
    features: int, num_classes: int, *, hidden: int, dropout: float
) -> nn.Sequential:
    """Two hidden layers and the classifier: (N, C, H, W) -> (N, classes).

    Args:
        features: C·H·W of the map that it flattens.
    """
    return nn.Sequential(
        OrderedDict(
            flatten=nn.Flatten(),
            hidden1=hidden_layer(features, hidden, dropout=dropout),
            hidden2=hidden_layer(hidden, hidden, dropout=dropout),
            classifier=nn.Linear(hidden, num_classes),
        )
    )


def local_response_norm() -> nn.Module:
    """x / (k + α·Σx²)^β, the sum over n neighbouring channels: (N, C, H, W) -> (N, C, H, W).

    With AlexNet's k = 2, n = 5, α = 1e-4 and β = 0.75. torch's alpha is n·α: it takes the mean.
    """
    neighbours = 5
    return nn.LocalResponseNorm(neighbours, alpha=neighbours * 1e-4, beta=0.75, k=2.0)


def output_size(size: int, kernel: int, *, stride: int = 1, padding: int = 0) -> int:
    """Pixels a side that a window leaves of `size`: ⌊(n - k + 2p) / s⌋ + 1."""
    return (size - kernel + 2 * padding) // stride + 1

"""The residual block: its convolutions, its shortcut, and what is done before and after adding.

He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", arXiv 1512.03385, figure 5 for
the two bodies and section 3.3 for the shortcuts; by the same, "Identity Mappings in Deep Residual
Networks", arXiv 1603.05027, figure 4 for the five orders. Groups: Xie et al., arXiv 1611.05431.
Squeeze-and-excitation: Hu et al., arXiv 1709.01507. Wide basic blocks: Zagoruyko, Komodakis, arXiv
1605.07146, table 1.

The figure shows identity shortcuts. Where a projection takes their place it reads the pre-activated
map, and it is normalised where the body ends in a normalisation; this is timm's resnetv2_50.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

from cnnviz.knobs import knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, name_of

Norm = Callable[[int], nn.Module]


class Order(NamedTuple):
    """Normalisation ("norm") and ReLU ("relu") at the three places where the orders differ.

    Args:
        before: in front of the first convolution.
        end: after the last convolution, before the addition.
        after: after the addition.
    """

    before: tuple[str, ...]
    end: tuple[str, ...]
    after: tuple[str, ...]


ORDERS = {
    "original": Order((), ("norm",), ("relu",)),
    "norm-after-add": Order((), (), ("norm", "relu")),
    "relu-before-add": Order((), ("norm", "relu"), ()),
    "relu-pre-activation": Order(("relu",), ("norm",), ()),
    "pre-activation": Order(("norm", "relu"), (), ()),
}
REDUCTIONS = (2, 4, 8, 16, 32)  # those that Hu et al. compare


def order_knob(group: Text) -> str:
    """Which of the five orders of He et al., figure 4."""
    return knob(
        "original",
        Text("order", "运算顺序"),
        Text(
            "Where normalisation, ReLU and addition stand. original (2015): ReLU comes last, on "
            "the sum. Pre-activation (2016): both come before the convolutions, and the sum goes "
            "on untouched from block to block, through up to 1001 layers.",
            "规范化、ReLU 与相加的先后。原始（2015 年）：最后对相加的结果作 ReLU。"
            "预激活（2016 年）：规范化与 ReLU 都放在卷积之前，相加的结果不经改动地逐块传下去，"
            "1001 层也能训练。",
        ),
        group=group,
        term="preactivation",
        choices=tuple(ORDERS),
        choice_labels=(
            Text("original", "原始"),
            Text("norm after addition", "相加后规范化"),
            Text("ReLU before addition", "相加前 ReLU"),
            Text("ReLU-only pre-activation", "仅 ReLU 预激活"),
            Text("full pre-activation", "完全预激活"),
        ),
    )


def reduction_knob(group: Text) -> int:
    """Squeeze-and-excitation: its reduction r, or off."""
    return knob(
        0,
        Text("SE reduction", "SE 缩减比"),
        Text(
            "Squeeze-and-excitation weighs the channels at the end of each block by what the whole "
            "map shows. Between its two small layers are C / r channels (r = 16 in the paper): a "
            "larger r costs less.",
            "压缩与激励（SE）：在每个块末尾，根据整张特征图给各通道加权；"
            "两个小全连接层之间有 C / r 个通道（论文取 r = 16），r 越大，参数越少。",
        ),
        group=group,
        term="squeeze_excite",
        symbol="r",
        choices=(0, *REDUCTIONS),
        choice_labels=(
            Text("off", "关"),
            *(Text(f"{r}", f"{r}") for r in REDUCTIONS),
        ),
    )


def widening_knob(group: Text) -> int:
    """How many times as wide as the stem the first stage's basic blocks are."""
    return knob(
        1,
        Text("widening factor", "加宽因子"),
        Text(
            "Basic blocks have k times the channels that they would have, the stem keeps its own: "
            "8 in WRN-16-8, 10 in WRN-28-10. Parameters and operations grow with k². A bottleneck "
            "is widened inside, by its group width: 128 in wide-resnet-50-2.",
            "基本块的通道数为原来的 k 倍，初始层不变：WRN-16-8 取 8，WRN-28-10 取 10；"
            "参数量和运算量随 k² 增长。瓶颈块则用组宽加宽内部：wide-resnet-50-2 取 128。",
        ),
        group=group,
        term="channels",
        symbol="k",
        bounds=(1, 16),
        smaller=True,
    )


class Residual(nn.Module):
    """x + F(x) and what the order adds: (N, C, H, W) -> (N, C', H/stride, W/stride).

    Args:
        convs: the convolutions of F.
        shortcut: what is added to F(x); nothing in a `PlainBlock`.
        order: where normalisation and ReLU stand; between two convolutions it is always both.
        norm: makes the normalisation of a map of so many channels.
        gate: squeeze-and-excitation, the last step of F; None for none.
    """

    def __init__(
        self,
        convs: Sequence[nn.Conv2d],
        shortcut: nn.Module | None,
        *,
        order: Order,
        norm: Norm,
        gate: nn.Module | None,
    ):
        super().__init__()
        channels, out = convs[0].in_channels, convs[-1].out_channels
        before = activation(order.before, norm, channels)
        self.preactivation = nn.Sequential(before) if before else None
        body = Layers()
        for number, conv in enumerate(convs, start=1):
            body[f"conv{number}"] = conv
            names = order.end if number == len(convs) else ("norm", "relu")
            following = activation(names, norm, conv.out_channels)
            body |= {f"{name}{number}": layer for name, layer in following.items()}
        if gate is not None:
            body["squeeze_excite"] = gate
        self.body = nn.Sequential(body)
        self.shortcut = shortcut
        self.after = order.after
        for name, layer in activation(order.after, norm, out).items():
            self.add_module(name, layer)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        activated = x if self.preactivation is None else self.preactivation(x)
        y = self.body(activated)
        if self.shortcut is not None:
            y = y + self.shortcut(activated if isinstance(self.shortcut, Projection) else x)
        for name in self.after:
            y = self.get_submodule(name)(y)
        return y


class BasicBlock(Residual):
    """Two 3×3 convolutions and a shortcut."""


class Bottleneck(Residual):
    """1×1, 3×3 and 1×1, the 3×3 on fewer channels, and a shortcut."""


class PlainBlock(Residual):
    """The same layers without the shortcut, which learn F(x) in place of x + F(x)."""


def activation(names: Sequence[str], norm: Norm, channels: int) -> OrderedDict[str, nn.Module]:
    """The layers that an order names, for a map of `channels` channels."""
    return OrderedDict((name, norm(channels) if name == "norm" else nn.ReLU()) for name in names)


def basic(channels: int, width: int, *, stride: int, bias: bool) -> list[nn.Conv2d]:
    """Two 3×3: C -> width -> width."""
    return [
        nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=bias),
        nn.Conv2d(width, width, 3, padding=1, bias=bias),
    ]


def bottleneck(
    channels: int,
    width: int,
    out: int,
    *,
    stride: int,
    stride_on: str,
    groups: int,
    bias: bool,
) -> list[nn.Conv2d]:
    """1×1, 3×3 in groups, 1×1: C -> width -> width -> out."""
    first, second = (stride, 1) if stride_on == "1x1" else (1, stride)
    return [
        nn.Conv2d(channels, width, 1, stride=first, bias=bias),
        nn.Conv2d(width, width, 3, stride=second, padding=1, groups=groups, bias=bias),
        nn.Conv2d(width, out, 1, bias=bias),
    ]


class Projection(nn.Sequential):
    """Shortcuts B and C, a 1×1 convolution: (N, C, H, W) -> (N, C', H/stride, W/stride).

    With a bias, as in the course, it is not normalised.
    """

    def __init__(
        self, channels: int, out: int, *, stride: int, bias: bool, order: Order, norm: Norm
    ):
        layers = Layers(conv=nn.Conv2d(channels, out, 1, stride=stride, bias=bias))
        if "norm" in order.end and not bias:
            layers["norm"] = norm(out)
        super().__init__(layers)


class ZeroPad(nn.Module):
    """Shortcut A: every stride-th pixel, new channels zero."""

    def __init__(self, *, stride: int, new_channels: int):
        super().__init__()
        self.stride, self.new_channels = stride, new_channels

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new_channels))


class SqueezeExcite(nn.Module):
    """x · g(W₂ f(W₁ z + b₁) + b₂), z the mean of each map: (N, C, H, W) -> (N, C, H, W).

    W₁ takes C numbers to fewer and W₂ takes them back; on a map of one pixel, the paper's fully
    connected layers are 1×1 convolutions. Unlike the paper's, and like timm's, they have biases.

    Args:
        narrow: channels between the two, ⌊C/r⌋ in the paper.
        activation, gate: f and g; the paper has ReLU and sigmoid.
    """

    def __init__(
        self,
        channels: int,
        narrow: int,
        *,
        activation: type[nn.Module] = nn.ReLU,
        gate: type[nn.Module] = nn.Sigmoid,
    ):
        super().__init__()
        layers = Layers(pool=nn.AdaptiveAvgPool2d(1), reduce=nn.Conv2d(channels, narrow, 1))
        layers[name_of(activation)] = activation()
        layers["expand"] = nn.Conv2d(narrow, channels, 1)
        layers[name_of(gate)] = gate()
        self.gate = nn.Sequential(layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.gate(x)

"""Convolutions."""

from math import prod
from typing import Any

from cnnviz.analysis.memory import rules as saves
from cnnviz.analysis.ops.call import Call, Shape
from cnnviz.analysis.ops.record import CONVOLUTION, Op
from cnnviz.analysis.receptive import reach
from cnnviz.text import Text


def _macs(call: Call) -> int:
    # every output element is a sum over (C / groups) · kernel
    return call.output.numel() * prod(call.shape(1, "weight")[1:])


def _macs_transposed(call: Call) -> int:
    # every input element is spread over (C' / groups) · kernel
    return prod(call.shape(0, "input")) * prod(call.shape(1, "weight")[1:])


def _settings(call: Call) -> dict[str, Any]:
    return _window(call) | dilation(call.argument(5, "dilation", 1))


def _settings_transposed(call: Call) -> dict[str, Any]:
    return _window(call) | dilation(call.argument(7, "dilation", 1))


def _window(call: Call) -> dict[str, Any]:
    return {
        "kernel": call.shape(1, "weight")[2:],
        "stride": call.argument(3, "stride", 1),
        "padding": call.argument(4, "padding", 0),
        "groups": int(call.argument(6, "groups", 1)),  # the seventh argument, transposed or not
    }


def dilation(steps: int | Shape) -> dict[str, int | Shape]:
    """The steps between a kernel's taps, where they are not neighbours."""
    return {} if steps in (1, (1,), (1, 1), (1, 1, 1)) else {"dilation": steps}


_SLIDES = Text(
    "Slides {channels} filter{channels:|s} of {kernel}×{depth} over the map; each output channel "
    "looks at {depth} input channel{depth:|s}.",
    "用 {channels} 个 {kernel}×{depth} 的滤波器在特征图上滑动；"
    "每个输出通道读取 {depth} 个输入通道。",
)
_SPREADS = Text(
    "Spreads every input value over a {kernel} window of each of {channels} output "
    "map{channels:|s}, times learned weights; where windows overlap they add up.",
    "把每个输入值乘以学得的权重，铺到 {channels} 个输出特征图的 {kernel} 窗口上，重叠处相加。",
)
OPS = tuple(
    op
    for axes in (1, 2, 3)
    for op in (
        Op(
            name=f"conv{axes}d",
            kind=CONVOLUTION,
            word=Text("conv", "卷积"),
            axes=axes,
            macs=_macs,
            biased=True,
            settings=_settings,
            saves=saves.convolution,
            reach=reach.windows,
            says=_SLIDES,
        ),
        Op(
            name=f"conv_transpose{axes}d",
            kind=CONVOLUTION,
            word=Text("transposed conv", "转置卷积"),
            axes=axes,
            macs=_macs_transposed,
            biased=True,
            settings=_settings_transposed,
            saves=saves.convolution,
            reach=reach.transposed_windows,
            says=_SPREADS,
        ),
    )
)

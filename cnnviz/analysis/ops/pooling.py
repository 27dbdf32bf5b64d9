"""Pooling, to a window or to a size, and reductions over axes."""

from typing import Any

from cnnviz.analysis.memory import rules as saves
from cnnviz.analysis.ops.call import Call
from cnnviz.analysis.ops.convolution import dilation
from cnnviz.analysis.ops.record import POOLING, UNKNOWN, Op
from cnnviz.analysis.receptive import reach, reads
from cnnviz.text import Text


def _window(call: Call) -> dict[str, Any]:
    kernel = call.argument(1, "kernel_size")
    return {
        "kernel": kernel,
        "stride": call.argument(2, "stride") or kernel,
        "padding": call.argument(3, "padding", 0),
    }


def _max(call: Call) -> dict[str, Any]:
    settings = _window(call) | dilation(call.argument(4, "dilation", 1))
    return settings | _rounding(call, 5)


def _mean(call: Call) -> dict[str, Any]:
    return _window(call) | _rounding(call, 4)


def _rounding(call: Call, position: int) -> dict[str, Any]:
    return {"ceil_mode": True} if call.argument(position, "ceil_mode", False) else {}


_LARGEST = Text(
    "Keeps the largest value of each {kernel} window.", "取每个 {kernel} 窗口中的最大值。"
)
_MEANS = Text(
    "Takes the mean, or the sum, of each {kernel} window.", "取每个 {kernel} 窗口的平均值（或和）。"
)
_MEAN_OF_ALL = Text(
    "Takes the mean of each whole map: one number per channel.",
    "对每个特征图整体求平均：每个通道一个数。",
)
_MAX, _AVG = Text("max pool", "最大池化"), Text("avg pool", "平均池化")
OPS = (
    *(
        op
        for axes in (1, 2, 3)
        for op in (
            Op(
                name=f"max_pool{axes}d",
                kind=POOLING,
                word=_MAX,
                axes=axes,
                settings=_max,
                saves=saves.largest,
                reach=reach.windows,
                says=_LARGEST,
            ),
            Op(
                name=f"avg_pool{axes}d",
                kind=POOLING,
                word=_AVG,
                axes=axes,
                settings=_mean,
                saves=saves.input_,
                reach=reach.windows,
                says=_MEANS,
            ),
            Op(
                name=f"adaptive_max_pool{axes}d",
                kind=POOLING,
                word=Text("global max pool", "全局最大池化"),
                axes=axes,
                saves=saves.largest,
                reach=reach.adaptive,
            ),
            Op(
                name=f"adaptive_avg_pool{axes}d",
                kind=POOLING,
                word=Text("global avg pool", "全局平均池化"),
                axes=axes,
                saves=saves.average_to_size,
                reach=reach.adaptive,
                says=_MEAN_OF_ALL,
            ),
        )
    ),
    *(
        Op(name=name, kind=POOLING, word=word, saves=UNKNOWN, reach=UNKNOWN)
        for name, word in (
            ("lp_pool1d", Text("power pool", "Lp 池化")),
            ("lp_pool2d", Text("power pool", "Lp 池化")),
            ("fractional_max_pool2d", Text("fractional max pool", "分数最大池化")),
            ("max_unpool2d", Text("max unpool", "最大反池化")),
        )
    ),
    *(
        Op(
            name=name,
            kind=POOLING,
            word=word,
            saves=rule,
            reach=reach.reduced,
            reads=reads.dims,
        )
        for name, word, rule in (
            ("mean", Text("mean", "均值"), saves.nothing),
            ("amax", Text("maximum over axes", "沿轴最大值"), saves.input_and_output),
            ("amin", Text("minimum over axes", "沿轴最小值"), saves.input_and_output),
            ("max", Text("maximum", "最大值"), UNKNOWN),
            ("min", Text("minimum", "最小值"), UNKNOWN),
        )
    ),
)

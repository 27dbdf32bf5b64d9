"""What a sweep shows of each network, with its name and how it is written."""

from collections.abc import Callable
from typing import Any, NamedTuple

from cnnviz.numbers import duration, pixels, short
from cnnviz.text import Text


class Measure(NamedTuple):
    """One figure of a network.

    Args:
        is_whole: whether it is a whole number.
    """

    label: Text
    show: Callable[[Any], str]
    is_whole: bool = True


def _sides(value: Any) -> str:
    return pixels(value) or "–"


MEASURES = {  # the fields of `Figures`
    "params": Measure(Text("Parameters", "参数量"), short),
    "macs": Measure(Text("MACs", "乘加次数（MACs）"), short),
    "saved_bytes": Measure(
        Text("Saved for the backward pass, one image", "为反向传播保存的激活（一张图像）"),
        lambda value: short(value, "B"),
    ),
    "receptive_field": Measure(Text("Receptive field", "感受野"), _sides),
    "depth": Measure(Text("Depth", "深度"), str),
}
FORWARD_MS, TEST_ACCURACY = "forward_ms", "test_accuracy"
ASKED = {  # measured only where asked
    FORWARD_MS: Measure(
        Text("Time forward, one image", "前向用时（一张图像）"),
        lambda value: duration(value / 1e3),
        is_whole=False,
    ),
    TEST_ACCURACY: Measure(
        Text("Test accuracy, short training", "短训练的测试准确率"),
        lambda value: f"{value:.1%}",
        is_whole=False,
    ),
}
ALL = MEASURES | ASKED

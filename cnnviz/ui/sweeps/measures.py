"""What a sweep shows of each network, with its name and how it is written."""

from collections.abc import Callable
from typing import Any, NamedTuple

from cnnviz.numbers import pixels, short
from cnnviz.text import Text


class Measure(NamedTuple):
    """One figure of a network: a field of `Figures`."""

    label: Text
    show: Callable[[Any], str]


def _sides(value: Any) -> str:
    return pixels(value) or "–"


MEASURES = {
    "params": Measure(Text("Parameters", "参数量"), short),
    "macs": Measure(Text("MACs", "乘加次数（MACs）"), short),
    "saved_bytes": Measure(
        Text("Saved for the backward pass, one image", "为反向传播保存的激活（一张图像）"),
        lambda value: short(value, "B"),
    ),
    "receptive_field": Measure(Text("Receptive field", "感受野"), _sides),
    "depth": Measure(Text("Depth", "深度"), str),
}

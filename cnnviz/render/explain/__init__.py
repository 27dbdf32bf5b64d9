"""One sentence for each op or block: what it does, with its own numbers."""

from cnnviz.analysis.graph import Node
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.ops.record import CONVOLUTION, NO_SENTENCE
from cnnviz.analysis.ops.table import OPS
from cnnviz.render.blocks import known
from cnnviz.render.explain.blocks import ANY_BLOCK, BLOCKS
from cnnviz.render.kinds import is_depthwise
from cnnviz.text import Text

_POOL_TO_SIZE = Text(
    "Takes means over as many windows as it needs to make each map {size}, whatever the image.",
    "无论图像多大，都分窗口求平均，使每个特征图变为 {size}。",
)
_DEPTHWISE = Text(
    "One {kernel} filter for each of {inputs} channels; channels do not mix: 1/{inputs} of the "
    "operations of a full convolution.",
    "{inputs} 个通道各用一个 {kernel} 滤波器，通道之间不混合：运算量为普通卷积的 1/{inputs}。",
)
_BROKEN = Text(
    "What it gets is too small or of another shape than it needs; the pass ends here.",
    "得到的输入太小，或形状与所需不符；前向计算到此为止。",
)


def explain(node: Node) -> Text:
    """The sentence for a node; empty if its name says it all."""
    if node.broken:
        return _BROKEN
    settings = dict(node.attributes)
    values = {
        "channels": _channels(node.output_shape),
        "inputs": _channels(node.input_shapes[0]),
        "sum": " + ".join(map(_channels, node.input_shapes)),
        "groups": settings.get("groups", "?"),
        "kernel": "×".join(map(str, settings.get("kernel", ()))),
        "count": len(node.positions),
    }
    if node.is_block:
        return BLOCKS.get(known(node.operation), ANY_BLOCK).format(**values)
    if node.operation == "adaptive_avg_pool2d" and node.output_shape[2:] != (1, 1):
        return _POOL_TO_SIZE.format(size="×".join(map(str, node.output_shape[2:])))
    if is_depthwise(node):
        return _DEPTHWISE.format(**values)
    if node.operation == "linear":  # over the last axis, which need not be that of channels
        values |= {"channels": node.output_shape[-1], "inputs": node.input_shapes[0][-1]}
    if node.kind in (CONVOLUTION, f"grouped {CONVOLUTION}") and "groups" in settings:
        values["depth"] = node.input_shapes[0][1] // settings["groups"]
    op = OPS.get(node.operation)
    return (op.says if op else NO_SENTENCE).format(**values)


def _channels(shape: Shape) -> str:
    return str(shape[1]) if len(shape) > 1 else "?"

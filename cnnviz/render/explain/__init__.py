"""One sentence for each op or block: what it does, with its own numbers."""

from cnnviz.analysis.graph import Node
from cnnviz.analysis.ops import Shape
from cnnviz.render.blocks import known
from cnnviz.render.explain.blocks import ANY_BLOCK, BLOCKS
from cnnviz.render.explain.ops import CONVOLUTION, DEPTHWISE, OPS, POOL_TO_SIZE
from cnnviz.render.kinds import is_depthwise
from cnnviz.text import Text

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
        return POOL_TO_SIZE.format(size="×".join(map(str, node.output_shape[2:])))
    if is_depthwise(node):
        return DEPTHWISE.format(**values)
    if node.operation.startswith("conv"):
        depth = node.input_shapes[0][1] // settings["groups"]
        return CONVOLUTION.format(depth=depth, **values)
    return OPS.get(node.operation, Text("", "")).format(**values)


def _channels(shape: Shape) -> str:
    return str(shape[1]) if len(shape) > 1 else "?"

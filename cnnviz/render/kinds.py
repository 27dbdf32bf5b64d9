"""The colour (Okabe-Ito), mark and word of each kind of op, the same everywhere."""

from typing import NamedTuple

from cnnviz.analysis import Layer
from cnnviz.analysis.bypass import IDENTITY, INTO_CONCAT, PROJECTION
from cnnviz.analysis.graph import Node
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.ops.table import WORDS, word
from cnnviz.text import Text


class Kind(NamedTuple):
    """How a kind of op is shown.

    Args:
        mark: a letter or sign, for readers who cannot tell the colours apart.
        ink: text colour on `colour`.
        hatch: plotly's sign, where there is no room for the mark; of two kinds that look alike to
            the colour-blind at least one has it.
    """

    label: Text
    colour: str
    mark: Text
    ink: str = "#111827"
    hatch: str = ""


KINDS = {
    "convolution": Kind(Text("convolution", "卷积"), "#0072B2", Text("C", "卷"), "#FFFFFF"),
    "grouped convolution": Kind(
        Text("grouped convolution", "分组卷积"), "#56B4E9", Text("G", "组")
    ),
    "linear": Kind(Text("linear", "全连接"), "#CC79A7", Text("L", "全"), hatch="/"),
    "normalisation": Kind(Text("normalisation", "规范化"), "#999999", Text("N", "规"), hatch="x"),
    "activation": Kind(Text("activation", "激活"), "#F0E442", Text("A", "激")),
    "pooling": Kind(Text("pooling", "池化"), "#009E73", Text("P", "池")),
    "merge": Kind(Text("merge, arithmetic", "合并与逐元素运算"), "#E69F00", Text("M", "合")),
    "reshape": Kind(Text("reshape", "形状变换"), "#FFFFFF", Text("R", "形")),
    "other": Kind(Text("other", "其他"), "#E5E7EB", Text("O", "其")),
    "unknown": Kind(Text("unknown op", "未知算子"), "#D55E00", Text("?", "?")),
    "broken": Kind(Text("cannot run", "无法运行"), "#C7360A", Text("✕", "✕"), "#FFFFFF"),
    "unused": Kind(Text("not used in this pass", "本次前向未使用"), "#E5E7EB", Text("–", "–")),
    "block": Kind(Text("block", "块"), "#E4ECF5", Text("▸", "▸")),
}


class EdgeKind(NamedTuple):
    """How an edge past layers is drawn; width and dash set it apart without colour, too."""

    label: Text
    colour: str
    width: int
    line: str


EDGES = {
    IDENTITY: EdgeKind(Text("identity shortcut", "恒等捷径"), "#B45309", 3, "solid"),
    PROJECTION: EdgeKind(Text("projection shortcut", "投影捷径"), "#B45309", 3, "dashed"),
    INTO_CONCAT: EdgeKind(Text("passed on to a concat", "直接送入拼接"), "#0B7A75", 2, "solid"),
}

OPERATIONS = WORDS  # of torch's functions

# The conventions for counting operations (cnnviz/analysis/counting).
COUNTED = {
    "macs": Text("MACs", "乘加次数（MACs）"),
    "flops": Text("FLOPs", "浮点运算次数（FLOPs）"),
    "all": Text("All operations", "全部运算次数"),
}

_POOL_TO_SIZE = Text("avg pool to {size}", "平均池化至 {size}")
DEPTHWISE = Text("depthwise conv", "逐通道卷积")


def shape_text(*shapes: Shape) -> str:
    """C×H×W of one image: (1, 64, 56, 56) -> 64×56×56; several shapes are joined by +."""
    return " + ".join("×".join(map(str, shape[1:])) for shape in shapes if shape) or "–"


def groups_of(op: Layer | Node) -> int:
    """The groups of a convolution or a channel shuffle; 1 for other ops."""
    groups: int = dict(op.attributes).get("groups", 1)
    return groups


def is_depthwise(op: Layer | Node) -> bool:
    """Whether a convolution has one group per input channel."""
    return op.kind == "grouped convolution" and groups_of(op) == op.input_shapes[0][1]


def op_word(op: Layer | Node, language: str) -> str:
    """The name of an op; a convolution with one group per channel is depthwise."""
    if is_depthwise(op):
        return DEPTHWISE(language)
    if op.operation == "adaptive_avg_pool2d" and op.output_shape[2:] not in ((), (1, 1)):
        size = "×".join(map(str, op.output_shape[2:]))
        return _POOL_TO_SIZE.format(size=size)(language)
    return word(op.operation)(language)


def kernel_text(op: Layer | Node) -> str:
    """The size of a window: 3×3."""
    return "×".join(map(str, dict(op.attributes).get("kernel", ())))


def op_settings(op: Layer | Node, *, groups: bool = True) -> str:
    """Kernel, stride and groups of an op: 3×3 /2 g=8."""
    settings = dict(op.attributes)
    parts = []
    if "kernel" in settings:
        parts.append(kernel_text(op))
        if any(step != 1 for step in settings["stride"]):
            parts.append("/" + "×".join(map(str, dict.fromkeys(settings["stride"]))))
    if groups and not is_depthwise(op) and groups_of(op) > 1:
        parts.append(f"g={groups_of(op)}")
    if "factor" in settings:
        parts.append(f"{settings['factor']:g}")
    return " ".join(parts)


def op_text(op: Layer | Node, language: str, *, groups: bool = True) -> str:
    """An op's name and settings: conv 3×3 /2 g=8."""
    return f"{op_word(op, language)} {op_settings(op, groups=groups)}".rstrip()

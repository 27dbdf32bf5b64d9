"""How each kind of op is shown: one colour (Okabe-Ito) and one word, everywhere the same."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.graph import Node
from cnnviz.analysis.names import OPERATIONS
from cnnviz.analysis.ops import Shape
from cnnviz.text import Text


class Kind(NamedTuple):
    """Word, fill colour and the text colour that has contrast on it."""

    label: Text
    colour: str
    ink: str = "#111827"


KINDS = {
    "convolution": Kind(Text("convolution", "卷积"), "#0072B2", "#FFFFFF"),
    "grouped convolution": Kind(Text("grouped convolution", "分组卷积"), "#56B4E9"),
    "linear": Kind(Text("linear", "全连接"), "#CC79A7"),
    "normalisation": Kind(Text("normalisation", "规范化"), "#999999"),
    "activation": Kind(Text("activation", "激活"), "#F0E442"),
    "pooling": Kind(Text("pooling", "池化"), "#009E73"),
    "merge": Kind(Text("merge, arithmetic", "合并与逐元素运算"), "#E69F00"),
    "reshape": Kind(Text("reshape", "形状变换"), "#FFFFFF"),
    "other": Kind(Text("other", "其他"), "#E5E7EB"),
    "unknown": Kind(Text("unknown op", "未知算子"), "#D55E00"),
    "broken": Kind(Text("cannot run", "无法运行"), "#C7360A", "#FFFFFF"),
    "unused": Kind(Text("not used in this pass", "本次前向未使用"), "#E5E7EB"),
    "block": Kind(Text("block", "块"), "#E4ECF5"),
}

# The ways to count operations (analysis/counting.py).
COUNTED = {
    "macs": Text("MACs", "乘加次数（MACs）"),
    "flops": Text("FLOPs", "浮点运算次数（FLOPs）"),
    "all": Text("All operations", "全部运算次数"),
}

# The blocks of the zoo by class; in English they go by the name of the class.
BLOCKS = {
    "Sequential": "顺序块",
    "VGGBlock": "VGG 块",
    "NiNBlock": "NiN 块",
    "DenseBlock": "稠密块",
    "DenseLayer": "稠密层",
    "Transition": "过渡层",
    "Inception": "Inception 块",
    "StackedInception": "双 3×3 Inception 块",
    "AsymmetricInception": "非对称 Inception 块",
    "ExpandedInception": "扩展 Inception 块",
    "GridReduction": "网格缩减块",
    "Branches": "并行分支",
    "Reduction": "缩减块",
    "InceptionV4A": "Inception-A 块",
    "InceptionV4B": "Inception-B 块",
    "InceptionV4C": "Inception-C 块",
    "InceptionResNetA": "Inception-ResNet-A 块",
    "InceptionResNetB": "Inception-ResNet-B 块",
    "InceptionResNetC": "Inception-ResNet-C 块",
    "AuxiliaryHead": "辅助分类器",
    "Residual": "残差块",
    "PlainBlock": "普通块",
    "SeparableConv": "可分离卷积",
    "DepthwiseSeparable": "深度可分离卷积",
    "FullConvolution": "普通卷积",
    "InvertedResidual": "倒残差块",
    "XceptionBlock": "Xception 块",
    "ShuffleUnit": "ShuffleNet 单元",
    "ShuffleUnitV2": "ShuffleNet V2 单元",
    "Projection": "投影捷径",
    "SqueezeExcite": "压缩与激励（SE）",
    "ZeroPad": "补零捷径",
    "ConnectionTableConv": "连接表卷积",
    "TrainableSubsampling": "可训练下采样",
    "RBF": "径向基函数（RBF）",
}

_POOL_TO_SIZE = Text("avg pool to {size}", "平均池化至 {size}")
DEPTHWISE = Text("depthwise conv", "逐通道卷积")
_MAIN = ("convolution", "grouped convolution", "linear", "pooling")


def shape_text(*shapes: Shape) -> str:
    """C×H×W of one image: (1, 64, 56, 56) -> 64×56×56; several are joined by +."""
    return " + ".join("×".join(map(str, shape[1:])) for shape in shapes if shape) or "–"


def is_depthwise(op: Layer | Node) -> bool:
    """Whether a convolution keeps every channel to itself."""
    groups = dict(op.attributes).get("groups", 1)
    return op.kind == "grouped convolution" and groups == op.input_shapes[0][1]


def op_text(op: Layer | Node, language: str, *, groups: bool = True) -> str:
    """An op in a few characters: conv 3×3 /2 g=8 is a 3×3 kernel, stride 2, in 8 groups.

    With as many groups as channels it is a depthwise convolution, and is called so.
    """
    word = DEPTHWISE if is_depthwise(op) else OPERATIONS.get(op.operation)
    if op.operation == "adaptive_avg_pool2d" and op.output_shape[2:] not in ((), (1, 1)):
        word = _POOL_TO_SIZE.format(size="×".join(map(str, op.output_shape[2:])))
    parts = [word(language) if word else op.operation]
    settings = dict(op.attributes)
    if "kernel" in settings:
        parts.append("×".join(map(str, settings["kernel"])))
        if any(step != 1 for step in settings["stride"]):
            parts.append("/" + "×".join(map(str, dict.fromkeys(settings["stride"]))))
    if groups and word is not DEPTHWISE and settings.get("groups", 1) > 1:
        parts.append(f"g={settings['groups']}")
    if "factor" in settings:
        parts.append(f"{settings['factor']:g}")
    return " ".join(parts)


def block_name(class_name: str, language: str) -> str:
    """What a block of this class is called."""
    return BLOCKS.get(class_name, class_name) if language == "zh" else class_name


def block_text(block: Node, layers: Iterable[Layer], language: str) -> str:
    """What is in a block: its repeated child, else its main ops, else its class."""
    if block.repeated:
        name, times = block.repeated
        return f"{block_name(name, language)} ×{times}"
    main = [layer for layer in layers if layer.kind in _MAIN]
    in_order = [op_text(layer, language, groups=False) for layer in main]
    texts = list(dict.fromkeys(in_order))
    runs = [(text, len(list(run))) for text, run in groupby(in_order)]
    if len(runs) == len(texts):  # three convolutions, then pooling; not 1×1, 3×3, 1×1
        texts = [f"{text} ×{times}" if times > 1 else text for text, times in runs]
    if len(texts) > 3 and block.operation == "Sequential":
        counts = Counter(OPERATIONS[layer.operation](language) for layer in main)
        texts = [f"{word} ×{times}" for word, times in counts.items()]
    comma = Text(", ", "、")(language)
    if 0 < len(texts) <= 3:
        return comma.join(texts)
    return block_name(block.operation, language)


def node_text(node: Node, report: Report, language: str) -> str:
    """An op or a block in a few words."""
    if not node.is_block:
        return op_text(node, language)
    return block_text(node, (report.layers[position] for position in node.positions), language)

"""Names of blocks by the class of their module."""

from cnnviz.text import Text

BLOCKS = {
    "Sequential": Text("Row of layers", "顺序块"),
    "VGGBlock": Text("VGG block", "VGG 块"),
    "NiNBlock": Text("NiN block", "NiN 块"),
    "DenseBlock": Text("Dense block", "稠密块"),
    "DenseLayer": Text("Dense layer", "稠密层"),
    "Transition": Text("Transition", "过渡层"),
    "Inception": Text("Inception", "Inception 块"),
    "StackedInception": Text("Stacked Inception", "双 3×3 Inception 块"),
    "AsymmetricInception": Text("Asymmetric Inception", "非对称 Inception 块"),
    "ExpandedInception": Text("Expanded Inception", "扩展 Inception 块"),
    "GridReduction": Text("Grid reduction", "网格缩减块"),
    "Branches": Text("Branches", "并行分支"),
    "Reduction": Text("Reduction", "缩减块"),
    "InceptionV4A": Text("Inception-A", "Inception-A 块"),
    "InceptionV4B": Text("Inception-B", "Inception-B 块"),
    "InceptionV4C": Text("Inception-C", "Inception-C 块"),
    "InceptionResNetA": Text("Inception-ResNet-A", "Inception-ResNet-A 块"),
    "InceptionResNetB": Text("Inception-ResNet-B", "Inception-ResNet-B 块"),
    "InceptionResNetC": Text("Inception-ResNet-C", "Inception-ResNet-C 块"),
    "AuxiliaryHead": Text("Auxiliary head", "辅助分类器"),
    "Bottleneck": Text("Bottleneck", "瓶颈块"),
    "BasicBlock": Text("Basic block", "基本块"),
    "PlainBlock": Text("Plain block", "普通块"),
    "ConvNeXtBlock": Text("ConvNeXt block", "ConvNeXt 块"),
    "LayerNorm2d": Text("Layer norm", "层规范化"),
    "LayerScale": Text("Layer scale", "层缩放"),
    "StochasticDepth": Text("Stochastic depth", "随机深度"),
    "Downsampling": Text("Downsampling", "下采样层"),
    "RegNetBlock": Text("RegNet block", "RegNet 块"),
    "SeparableConv": Text("Separable convolution", "可分离卷积"),
    "DepthwiseSeparable": Text("Depthwise separable", "深度可分离卷积"),
    "FullConvolution": Text("Full convolution", "普通卷积"),
    "InvertedResidual": Text("Inverted residual", "倒残差块"),
    "MBConv": Text("MBConv", "MBConv 块"),
    "FusedMBConv": Text("Fused MBConv", "融合 MBConv 块"),
    "XceptionBlock": Text("Xception block", "Xception 块"),
    "ShuffleUnit": Text("Shuffle unit", "混洗单元"),
    "ShuffleUnitV2": Text("Shuffle unit V2", "混洗单元 V2"),
    "Projection": Text("Projection", "投影捷径"),
    "SqueezeExcite": Text("SE gate", "SE 门控"),
    "ZeroPad": Text("Zero padding", "补零捷径"),
    "ConnectionTableConv": Text("Connection table", "连接表卷积"),
    "TrainableSubsampling": Text("Trainable subsampling", "可训练下采样"),
    "RBF": Text("RBF", "径向基函数（RBF）"),
    "Fire": Text("Fire", "Fire 模块"),
}

# Class names of the same blocks in other libraries.
_ALIASES = {
    "_DenseBlock": "DenseBlock",
    "_DenseLayer": "DenseLayer",
    "_Transition": "Transition",
    "CNBlock": "ConvNeXtBlock",
    "InceptionAux": "AuxiliaryHead",
    "SqueezeExcitation": "SqueezeExcite",
}
# Blocks that are a plain row of layers, labelled by their content.
ROWS = frozenset(("Sequential", "VGGBlock", "NiNBlock", "Transition"))


def known(class_name: str) -> str:
    """The class of `BLOCKS` for a class of another library; other names come back unchanged."""
    return _ALIASES.get(class_name, class_name)


def block_name(class_name: str, language: str) -> str:
    """The name of a block; the class name if it is not in `BLOCKS`."""
    word = BLOCKS.get(known(class_name))
    return word(language) if word else class_name

"""Activations, dropout and other functions of one map that keep its size."""

from cnnviz.analysis.memory import rules as saves
from cnnviz.analysis.memory.saved import SavingRule
from cnnviz.analysis.ops import shapes
from cnnviz.analysis.ops.record import ACTIVATION, NO_SENTENCE, OTHER, UNKNOWN, Op
from cnnviz.analysis.receptive import reach, reads
from cnnviz.text import Text

# Name, word, what it saves, and whether the trace may leave it out.
_KEEPING_SHAPE: tuple[tuple[str, Text, SavingRule | None, bool], ...] = (
    ("relu", Text("ReLU", "ReLU"), saves.output, True),
    ("relu6", Text("ReLU6", "ReLU6"), saves.input_, True),
    ("leaky_relu", Text("leaky ReLU", "Leaky ReLU 激活"), saves.input_unless_in_place, True),
    ("prelu", Text("PReLU", "PReLU 激活"), saves.input_, False),
    ("rrelu", Text("RReLU", "RReLU 激活"), UNKNOWN, False),
    ("elu", Text("ELU", "ELU"), saves.input_unless_in_place, True),
    ("selu", Text("SELU", "SELU 激活"), saves.input_unless_in_place, True),
    ("celu", Text("CELU", "CELU 激活"), saves.input_unless_in_place, False),
    ("gelu", Text("GELU", "GELU 激活"), saves.input_, True),
    ("silu", Text("SiLU", "SiLU 激活"), saves.input_, True),
    ("mish", Text("Mish", "Mish 激活"), saves.input_, True),
    ("sigmoid", Text("sigmoid", "sigmoid"), saves.output, True),
    ("tanh", Text("tanh", "tanh"), saves.output, True),
    ("hardtanh", Text("hard tanh", "hard tanh 函数"), saves.input_, True),
    ("hardsigmoid", Text("hard sigmoid", "hard sigmoid 函数"), saves.input_, True),
    ("hardswish", Text("hard swish", "hard swish 函数"), saves.input_, True),
    ("logsigmoid", Text("log sigmoid", "log sigmoid 函数"), saves.input_and_another, False),
    ("softplus", Text("softplus", "softplus 函数"), saves.input_, False),
    ("softsign", Text("softsign", "softsign 函数"), saves.input_and_another, False),
    ("threshold", Text("threshold", "阈值"), saves.input_, False),
    ("clamp", Text("clamp", "截断"), saves.input_, False),
    ("clip", Text("clamp", "截断"), saves.input_, False),
)
_DROPOUTS = (
    ("dropout", Text("dropout", "暂退法"), saves.mask, True),
    ("dropout1d", Text("channel dropout", "通道暂退法"), saves.mask, False),
    ("dropout2d", Text("channel dropout", "通道暂退法"), saves.mask, True),
    ("dropout3d", Text("channel dropout", "通道暂退法"), saves.mask, False),
    ("alpha_dropout", Text("alpha dropout", "alpha 暂退法"), UNKNOWN, False),
    ("feature_dropout", Text("channel dropout", "通道暂退法"), UNKNOWN, False),
    ("feature_alpha_dropout", Text("alpha dropout", "alpha 暂退法"), UNKNOWN, False),
)
_DROPS = Text(
    "In training it sets values to zero at random and scales up the rest; in evaluation it does "
    "nothing.",
    "训练时随机将一部分值置零并放大其余的值；推断时不起作用。",
)
_SAYS = {
    "relu": Text("Keeps positive values and sets negative ones to zero.", "正值保留，负值置零。"),
    "relu6": Text(
        "Keeps values from 0 to 6; smaller ones become 0, larger ones 6.",
        "保留 0 到 6 之间的值；更小的置 0，更大的置 6。",
    ),
    "elu": Text(
        "Keeps positive values; a negative x becomes e^x − 1, which flattens towards −1.",
        "正值保留；负值 x 变为 e^x − 1，逐渐趋于 −1。",
    ),
    "gelu": Text(
        "x·Φ(x), with Φ the normal distribution: like ReLU, but smooth, and a little below zero "
        "for small negative values.",
        "x·Φ(x)，Φ 为标准正态分布函数：与 ReLU 相似但处处光滑，绝对值较小的负值略低于零。",
    ),
    "silu": Text(
        "x·sigmoid(x): like ReLU, but smooth, and a little below zero for small negative values.",
        "x·sigmoid(x)：与 ReLU 相似但处处光滑，绝对值较小的负值略低于零。",
    ),
    "hardswish": Text(
        "Multiplies x by ReLU6(x + 3)/6: SiLU from straight pieces; zero below −3, x above 3.",
        "x 乘以 ReLU6(x + 3)/6：用折线近似 SiLU；小于 −3 时为 0，大于 3 时为 x。",
    ),
    "hardsigmoid": Text(
        "ReLU6(x + 3)/6, the sigmoid from straight pieces: 0 below −3, 1 above 3.",
        "ReLU6(x + 3)/6，用折线近似 sigmoid：小于 −3 时为 0，大于 3 时为 1。",
    ),
    "sigmoid": Text(
        "Squashes every value into (0, 1); flat at both ends, where gradients vanish.",
        "把每个值压缩到 (0, 1)；两端平缓，梯度在那里消失。",
    ),
    "tanh": Text("Squashes every value into (−1, 1).", "把每个值压缩到 (−1, 1)。"),
    "softmax": Text(
        "Turns values into shares that add up to 1: e^x of each, over the sum of all.",
        "把数值变为总和为 1 的占比：各自的 e^x 除以全部之和。",
    ),
    "dropout": _DROPS,
    "dropout2d": _DROPS,
}
OPS = (
    *(
        Op(
            name=name,
            kind=kind,
            word=word,
            saves=rule,
            reach=reach.same,
            shape=shapes.like_input if is_left_out else None,
            says=_SAYS.get(name, NO_SENTENCE),
        )
        for kind, table in ((ACTIVATION, _KEEPING_SHAPE), (OTHER, _DROPOUTS))
        for name, word, rule, is_left_out in table
    ),
    *(
        Op(
            name=name,
            kind=ACTIVATION,
            word=word,
            saves=rule,
            reach=reach.along,
            reads=reads.dims,
            says=_SAYS.get(name, NO_SENTENCE),
        )
        for name, word, rule in (
            ("softmax", Text("softmax", "softmax 函数"), saves.output),
            ("log_softmax", Text("log softmax", "log softmax 函数"), saves.output),
            ("softmin", Text("softmin", "softmin 函数"), UNKNOWN),
            ("glu", Text("gated halves", "门控线性单元"), UNKNOWN),
        )
    ),
)

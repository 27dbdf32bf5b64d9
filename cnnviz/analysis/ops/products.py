"""Linear layers, matrix products, attention and recurrence."""

from math import prod

from torch import Tensor

from cnnviz.analysis.memory import rules as saves
from cnnviz.analysis.ops import shapes
from cnnviz.analysis.ops.call import Call
from cnnviz.analysis.ops.record import LINEAR, UNKNOWN, Op
from cnnviz.analysis.receptive import reach, reads
from cnnviz.text import Text


def _product(call: Call) -> int:
    # every output element is a sum over the last axis of the input
    return call.output.numel() * call.shape(0, "input")[-1]


def _added_product(call: Call) -> int:
    return call.output.numel() * call.shape(1, "mat1")[-1]


def _attention(call: Call) -> int:
    query, key, value = (
        call.shape(index, name) for index, name in enumerate(("query", "key", "value"))
    )
    return prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _recurrence(call: Call) -> int:
    # every step of every sequence is multiplied by all matrices
    lists = [value for value in call.args if isinstance(value, tuple | list)]
    weights = [weight for part in lists for weight in part if isinstance(weight, Tensor)]
    steps = prod(call.shape(0, "input")[:-1])
    return steps * sum(weight.numel() for weight in weights if weight.ndim == 2)


_MATMUL = Text("matrix product", "矩阵乘法")
_ADDED = Text("matrix product and sum", "矩阵乘法与相加")
_ATTENTION = Text("attention", "注意力")
OPS = (
    Op(
        name="linear",
        kind=LINEAR,
        word=Text("linear", "全连接"),
        macs=_product,
        biased=True,
        shape=shapes.linear,
        saves=saves.product,
        reach=reach.mixed,
        says=Text(
            "Fully connected: each of {channels} outputs is a weighted sum of all {inputs} inputs.",
            "全连接：{channels} 个输出中的每一个都是全部 {inputs} 个输入的加权和。",
        ),
    ),
    *(
        Op(
            name=name,
            kind=LINEAR,
            word=_MATMUL,
            macs=_product,
            saves=rule,
            reach=reach.product,
            reads=reads.side,
        )
        for name, rule in (
            ("mm", saves.product),
            ("bmm", saves.product),
            ("matmul", saves.matmul),
            ("mv", UNKNOWN),
            ("dot", UNKNOWN),
        )
    ),
    *(
        Op(
            name=name,
            kind=LINEAR,
            word=_ADDED,
            macs=_added_product,
            saves=rule,
            reach=UNKNOWN,
        )
        for name, rule in (
            ("addmm", saves.added_product),
            ("baddbmm", saves.added_product),
            ("addmv", UNKNOWN),
        )
    ),
    Op(
        name="scaled_dot_product_attention",
        kind=LINEAR,
        word=_ATTENTION,
        macs=_attention,
        saves=UNKNOWN,
        reach=reach.whole,
        says=Text(
            "Each query is multiplied with all keys; the softmax of the products says how much of "
            "each value it takes.",
            "每个查询与所有键相乘；乘积经 softmax 后成为读取各个值的权重。",
        ),
    ),
    *(
        Op(
            name=name,
            kind=LINEAR,
            word=Text(word, f"{word} 循环层"),
            macs=_recurrence,
            saves=UNKNOWN,
            reach=reach.whole,
        )
        for name, word in (
            ("gru", "GRU"),
            ("lstm", "LSTM"),
            ("rnn_tanh", "RNN"),
            ("rnn_relu", "RNN"),
        )
    ),
)

# Of these the operators below tell the cost.
TAKEN_APART = {
    **dict.fromkeys(("multi_head_attention_forward", "flex_attention"), _ATTENTION),
    "einsum": Text("einsum", "爱因斯坦求和"),
    "tensordot": Text("tensor product", "张量缩并"),
    "bilinear": Text("bilinear", "双线性"),
    "linalg_multi_dot": _MATMUL,
    "chain_matmul": _MATMUL,
    "gru_cell": Text("GRU cell", "GRU 单元"),
    "lstm_cell": Text("LSTM cell", "LSTM 单元"),
    "rnn_tanh_cell": Text("RNN cell", "RNN 单元"),
    "rnn_relu_cell": Text("RNN cell", "RNN 单元"),
    "scripted": Text("scripted code", "脚本化代码"),
}

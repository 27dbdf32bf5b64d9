"""Arithmetic, number by number, and what joins several maps."""

from typing import Any

from cnnviz.analysis.memory import rules as saves
from cnnviz.analysis.memory.saved import SavingRule
from cnnviz.analysis.ops import shapes
from cnnviz.analysis.ops.call import Call
from cnnviz.analysis.ops.record import MERGE, NO_SENTENCE, UNKNOWN, Op
from cnnviz.analysis.receptive import reach, reads
from cnnviz.text import Text


def _factor(call: Call) -> dict[str, Any]:
    factor = call.argument(1, "other")
    return {"factor": factor} if isinstance(factor, float) else {}


_CONCAT, _DIVIDE = Text("concat", "拼接"), Text("divide", "相除")
_NUMBER_BY_NUMBER: tuple[tuple[str, Text, SavingRule | None], ...] = (
    ("add", Text("add", "相加"), saves.nothing),
    ("sub", Text("subtract", "相减"), saves.nothing),
    ("rsub", Text("subtract", "相减"), saves.nothing),
    ("div", _DIVIDE, saves.quotient),
    ("true_divide", _DIVIDE, UNKNOWN),
    ("floor_divide", Text("divide, rounded down", "整除"), UNKNOWN),
    ("remainder", Text("remainder", "取余"), UNKNOWN),
    ("pow", Text("power", "乘方"), saves.power),
    ("sqrt", Text("square root", "平方根"), saves.output),
    ("rsqrt", Text("1 / square root", "平方根倒数"), saves.output),
    ("reciprocal", Text("reciprocal", "倒数"), saves.output),
    ("exp", Text("exponential", "指数"), saves.output),
    ("log", Text("logarithm", "对数"), saves.input_),
    ("abs", Text("absolute value", "绝对值"), saves.input_),
    ("sign", Text("sign", "符号"), UNKNOWN),
    ("sin", Text("sine", "正弦"), UNKNOWN),
    ("cos", Text("cosine", "余弦"), UNKNOWN),
    ("erf", Text("erf", "误差函数"), UNKNOWN),
    ("floor", Text("round down", "向下取整"), UNKNOWN),
    ("ceil", Text("round up", "向上取整"), UNKNOWN),
    ("round", Text("round", "取整"), UNKNOWN),
    ("addcmul", Text("scale and shift", "缩放与平移"), saves.added_product),
    ("addcdiv", Text("divide and shift", "相除与平移"), UNKNOWN),
    ("lerp", Text("interpolate", "插值"), UNKNOWN),
    ("maximum", Text("larger of two", "取较大者"), UNKNOWN),
    ("minimum", Text("smaller of two", "取较小者"), UNKNOWN),
    ("where", Text("choose", "按条件选取"), UNKNOWN),
    ("masked_fill", Text("fill where masked", "按掩码填充"), UNKNOWN),
    ("nan_to_num", Text("replace NaN", "替换 NaN"), UNKNOWN),
    *((name, Text("compare", "比较"), UNKNOWN) for name in ("eq", "ne", "lt", "le", "gt", "ge")),
    ("logical_and", Text("and", "逻辑与"), UNKNOWN),
    ("logical_or", Text("or", "逻辑或"), UNKNOWN),
    ("logical_not", Text("not", "逻辑非"), UNKNOWN),
    ("isnan", Text("is NaN", "是否 NaN"), UNKNOWN),
)
_SAYS = {
    "add": Text(
        "Adds its inputs element by element; their shapes are equal.",
        "逐元素相加，各输入形状相同。",
    ),
    "addcmul": Text(
        "Multiplies each map by one learned weight and adds one learned bias.",
        "每个特征图乘以一个可学习的权重，再加一个可学习的偏置。",
    ),
}
_SIDE_BY_SIDE = Text(
    "Puts the channels of its inputs side by side: {sum} = {channels}. Nothing is computed.",
    "把各输入的通道并排拼接：{sum} = {channels}；不做计算。",
)
OPS = (
    *(
        Op(
            name=name,
            kind=MERGE,
            word=word,
            saves=rule,
            reach=reach.same,
            says=_SAYS.get(name, NO_SENTENCE),
        )
        for name, word, rule in _NUMBER_BY_NUMBER
    ),
    *(
        Op(
            name=name,
            kind=MERGE,
            word=word,
            saves=rule,
            reach=reach.same,
            shape=shapes.like_input,
        )
        for name, word, rule in (
            ("neg", Text("negate", "取负"), saves.nothing),
            ("square", Text("square", "平方"), saves.input_),
        )
    ),
    Op(
        name="mul",
        kind=MERGE,
        word=Text("multiply", "相乘"),
        settings=_factor,
        saves=saves.product,
        reach=reach.same,
        says=Text(
            "Multiplies element by element, by one number or by a second input; a smaller one is "
            "repeated to the other's size.",
            "逐元素相乘，乘以一个数或另一个输入；较小的输入扩展到另一个的大小（广播）。",
        ),
    ),
    Op(
        name="cat",
        kind=MERGE,
        word=_CONCAT,
        shape=shapes.concatenated,
        saves=saves.nothing,
        reach=reach.same,
        says=_SIDE_BY_SIDE,
    ),
    *(
        Op(name=name, kind=MERGE, word=_CONCAT, saves=saves.nothing, reach=reach.same)
        for name in ("concat", "concatenate")
    ),
    Op(
        name="stack",
        kind=MERGE,
        word=Text("stack", "堆叠"),
        saves=saves.nothing,
        reach=reach.stacked,
        reads=reads.new_axis,
    ),
    Op(
        name="setitem",
        kind=MERGE,
        word=Text("write into", "写入"),
        saves=saves.index,
        reach=UNKNOWN,
    ),
    *(
        Op(name=name, kind=MERGE, word=word, saves=rule, reach=reach.reduced, reads=reads.dims)
        for name, word, rule in (
            ("sum", Text("sum", "求和"), saves.nothing),
            ("prod", Text("product over axes", "沿轴求积"), UNKNOWN),
            ("norm", Text("length", "范数"), UNKNOWN),
            ("var", Text("variance", "方差"), UNKNOWN),
            ("std", Text("deviation", "标准差"), UNKNOWN),
            ("logsumexp", Text("log of summed exponentials", "指数和的对数"), UNKNOWN),
            ("argmax", Text("place of the maximum", "最大值位置"), UNKNOWN),
        )
    ),
    Op(
        name="cumsum",
        kind=MERGE,
        word=Text("running sum", "累积和"),
        saves=saves.nothing,
        reach=reach.along,
        reads=reads.dims,
    ),
)

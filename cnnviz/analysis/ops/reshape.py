"""What moves numbers without computing: views, copies, casts, slices, padding, resizing."""

from collections.abc import Callable
from typing import Any

from cnnviz.analysis.memory import rules as saves
from cnnviz.analysis.ops.call import Call
from cnnviz.analysis.ops.record import NO_SENTENCE, RESHAPE, UNKNOWN, Op
from cnnviz.analysis.receptive import reach, reads
from cnnviz.text import Text

_EXPAND, _CAST = (
    Text("repeat by broadcasting", "广播扩展"),
    Text("change precision", "转换数值精度"),
)
_ORDER, _VIEW = Text("reorder axes", "重排各维"), Text("reshape", "变形")
_SPLIT, _MOVE = Text("split", "拆分"), Text("move to a device", "移动设备")
_ALIGNED: tuple[tuple[str, Text, Any], ...] = (  # each number stays at its place of the map
    *((name, _SPLIT, saves.nothing) for name in ("chunk", "split", "tensor_split")),
    ("unbind", Text("take apart", "解除堆叠"), saves.nothing),
    ("contiguous", Text("in memory order", "连续化"), saves.nothing),
    ("clone", Text("copy", "复制"), saves.nothing),
    ("detach", Text("stop gradients", "截断梯度"), saves.nothing),
    *((name, _EXPAND, saves.nothing) for name in ("expand", "expand_as", "broadcast_to")),
    ("repeat", Text("repeat", "重复"), saves.nothing),
    ("repeat_interleave", Text("repeat each", "逐项重复"), UNKNOWN),
    *((name, _CAST, saves.cast) for name in ("to", "float", "half", "type", "type_as")),
    *((name, _CAST, saves.cast) for name in ("double", "bfloat16", "int", "long", "bool")),
    *((name, _MOVE, UNKNOWN) for name in ("cpu", "cuda")),
    ("channel_shuffle", Text("channel shuffle", "通道混洗"), saves.nothing),
)
_ROWS_OF_NUMBERS = (
    ("flatten", Text("flatten", "展平")),
    ("unflatten", Text("unflatten", "反展平")),
    *((name, _VIEW) for name in ("view", "view_as", "reshape", "reshape_as")),
    ("squeeze", Text("drop an axis", "去掉一维")),
    ("unsqueeze", Text("add an axis", "增加一维")),
)
_ORDERS = ("permute", "transpose", "swapaxes", "swapdims", "movedim", "moveaxis")
_OTHERS: tuple[tuple[str, Text, Any], ...] = (
    ("t", Text("transpose", "转置"), saves.nothing),
    ("select", Text("pick", "切片"), saves.nothing),
    ("narrow", Text("slice", "切片"), saves.nothing),
    ("gather", Text("gather", "按索引收集"), UNKNOWN),
    ("scatter", Text("scatter", "按索引写入"), UNKNOWN),
    ("take_along_dim", Text("gather", "按索引收集"), UNKNOWN),
    ("topk", Text("largest k", "最大的 k 个"), UNKNOWN),
    ("sort", Text("sort", "排序"), UNKNOWN),
    ("roll", Text("roll", "循环移位"), saves.nothing),
    ("unfold", Text("unfold windows", "展开窗口"), UNKNOWN),
    ("fold", Text("fold windows", "折叠窗口"), UNKNOWN),
    ("tril", Text("lower triangle", "下三角"), UNKNOWN),
    ("triu", Text("upper triangle", "上三角"), UNKNOWN),
    ("grid_sample", Text("sample at points", "网格采样"), UNKNOWN),
    ("embedding", Text("embedding", "嵌入"), UNKNOWN),
)


def _groups(call: Call) -> dict[str, Any]:
    return {"groups": call.argument(1, "groups")} if call.name == "channel_shuffle" else {}


_SAYS = {
    "channel_shuffle": Text(
        "Deals the channels of each of the {groups} groups out in turn, so that every group of the "
        "next layer has channels of all. Nothing is computed.",
        "把 {groups} 组的通道轮流取出重新排列，下一层的每一组都含有各组的通道；不做计算。",
    ),
    "chunk": Text(
        "Cuts the {inputs} channels into equal parts. Nothing is computed.",
        "把 {inputs} 个通道分成相等的几份；不做计算。",
    ),
    "flatten": Text(
        "Writes the maps as one vector of {channels} numbers.",
        "把特征图排成一个含 {channels} 个数的向量。",
    ),
    "index_select": Text(
        "Picks, for each output map, the input maps that the connection table names.",
        "按连接表为每个输出特征图选取输入特征图。",
    ),
    "pixel_shuffle": Text(
        "Turns the {inputs} channels into {channels} larger maps: channels become pixels. Nothing "
        "is computed.",
        "把 {inputs} 个通道重排为 {channels} 个更大的特征图：通道变为像素；不做计算。",
    ),
}
Reads = Callable[[Call], tuple[Any, ...]]


def _op(name: str, word: Text, rule: Any, reached: Any, read: Reads | None = None) -> Op:
    return Op(
        name=name,
        kind=RESHAPE,
        word=word,
        saves=rule,
        reach=reached,
        reads=read,
        says=_SAYS.get(name, NO_SENTENCE),
    )


OPS = (
    *(
        Op(
            name=name,
            kind=RESHAPE,
            word=word,
            settings=_groups,
            saves=rule,
            reach=reach.same,
            says=_SAYS.get(name, NO_SENTENCE),
        )
        for name, word, rule in _ALIGNED
    ),
    *(_op(name, word, saves.nothing, reach.reshaped) for name, word in _ROWS_OF_NUMBERS),
    *(_op(name, _ORDER, saves.nothing, reach.moved, reads.order) for name in _ORDERS),
    *(_op(name, word, rule, UNKNOWN) for name, word, rule in _OTHERS),
    _op("getitem", Text("pick", "切片"), saves.index, reach.sliced, reads.slices),
    _op("index_select", Text("select maps", "选取特征图"), saves.index, reach.along, reads.dims),
    _op("flip", Text("mirror", "翻转"), saves.nothing, reach.along, reads.dims),
    _op("pad", Text("pad", "补零"), saves.pad, reach.padded, reads.padding),
    *(
        _op(name, Text("resize", "缩放尺寸"), saves.nothing, reach.interpolated, reads.sampling)
        for name in ("interpolate", "upsample")
    ),
    _op(
        "pixel_shuffle",
        Text("channels to pixels", "像素重排（放大）"),
        saves.nothing,
        reach.shuffled,
        reads.factor,
    ),
    _op(
        "pixel_unshuffle",
        Text("pixels to channels", "像素重排（缩小）"),
        saves.nothing,
        reach.unshuffled,
        reads.factor,
    ),
)

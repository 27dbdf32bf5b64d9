"""Questions about one op of a network: its size, parameters, operations, field and channels."""

from itertools import groupby
from random import Random

from cnnviz.analysis import Layer, Report
from cnnviz.lessons.kinds.kind import CONVOLUTIONS, Asked, alike, by, node_of, op_of, same
from cnnviz.lessons.question import Question
from cnnviz.render.formulas import Formula, cost, parameters, sizes
from cnnviz.text import Text

_PIXELS = Text("px", "像素")
_LARGE = 0.005  # a count may be rounded to three digits
_MOST_TERMS = 12  # of a sum that is written out

_SIZE = Text(
    "{network}, {layer} ({op}): the maps that enter are {n}×{n} px. How many px a side are the "
    "maps that leave?",
    "{network} 的 {layer}（{op}）：输入特征图为 {n}×{n} 像素。输出特征图的边长是多少像素？",
)
_SIZE_HINTS = (
    Text(
        "How far can the window move from its first place to its last, on the padded map?",
        "在填充后的特征图上，窗口从第一个位置到最后一个位置能移动多远？",
    ),
    Text(
        "⌊(n − k + 2p)/s⌋ + 1, with n = {n}, k = {k}, p = {p}, s = {s}",
        "⌊(n − k + 2p)/s⌋ + 1，其中 n = {n}，k = {k}，p = {p}，s = {s}",
    ),
)
_PARAMS = Text(
    "How many parameters has {layer} of {network} ({op}), from {inputs} to {outputs} channels, "
    "{bias}?",
    "{network} 的 {layer}（{op}）从 {inputs} 个通道到 {outputs} 个通道，{bias}。它有多少参数？",
)
_WITH, _WITHOUT = Text("with a bias", "带偏置"), Text("without bias", "不带偏置")
_NORM = Text(
    "How many parameters does {layer} of {network} ({op}) learn, on {inputs} channels?",
    "{network} 的 {layer}（{op}）作用于 {inputs} 个通道。它有多少个可学习的参数？",
)
_PARAMS_HINTS = (
    Text(
        "Count the weights of one output channel first; the size of the map plays no part.",
        "先数一个输出通道的权重；特征图的大小没有影响。",
    ),
    Text(
        "window × input channels of its group (+ 1 for a bias), times output channels",
        "窗口 × 所在组的输入通道数（有偏置则加 1），再乘输出通道数",
    ),
)
_NORM_HINTS = (
    Text("What is learnt is γ and β.", "可学习的是 γ 和 β。"),
    Text("two numbers a channel", "每个通道两个数"),
)
_MACS = Text(
    "How many MACs does {layer} of {network} ({op}) need for one image? {inputs} channels enter, "
    "{shape} leaves.",
    "{network} 的 {layer}（{op}）处理一幅图像需要多少次乘加？输入 {inputs} 个通道，输出 {shape}。",
)
_MACS_HINTS = (
    Text(
        "Every weight is used once at every place of the output.",
        "每个权重在输出的每个位置上各用一次。",
    ),
    Text(
        "output height × width × channels, times window × input channels of a group",
        "输出的高 × 宽 × 通道数，再乘以窗口 × 每组的输入通道数",
    ),
)
_FIELD = Text(
    "How many input pixels a side does one unit of {layer} in {network} see?",
    "{network} 中 {layer} 的一个单元能看到输入图像中边长多少像素的区域？",
)
_FIELD_HINTS = (
    Text(
        "Begin with 1 px at the image. Each window makes the field larger, a stride spreads all "
        "that come after it.",
        "从图像上的 1 像素开始。每个窗口都会增大感受野，步幅则放大其后所有窗口的增量。",
    ),
    Text(
        "1 + the sum of (k − 1) × the product of all strides before",
        "1 + 各层 (k − 1) × 之前所有步幅之积的总和",
    ),
)
_JOINED = Text(
    "{network}: at {layer}, maps of {parts} channels are joined. How many channels are there then?",
    "{network}：在 {layer} 处拼接通道数为 {parts} 的特征图。拼接后有多少个通道？",
)
_JOINED_HINTS = (
    Text(
        "Joining puts maps behind each other; nothing is added up.",
        "拼接是把特征图叠放，并不相加。",
    ),
    Text("The channels of all branches sum.", "把各分支的通道数相加。"),
)
_DENSE = Text(
    "{network}: {start} channels enter {block}, and each layer adds k = {growth}. How many "
    "channels are there behind its layer {number}?",
    "{network}：{start} 个通道进入 {block}，每层增加 k = {growth} 个。"
    "第 {number} 层之后有多少个通道？",
)
_DENSE_HINTS = (
    Text(
        "What a layer makes is joined to all that was there.",
        "每层的输出都与此前的全部特征图拼接。",
    ),
    alike("k₀ + l·k"),
)


def output_size(asked: Asked, draw: Random) -> Question:
    """The side of the map that leaves a convolution or a pooling with a window."""
    network = asked.draw_network(draw)
    report = network.report
    layer = asked.draw_layer(draw, report, lambda one: _size_of(report, one) is not None)
    formula = _size_of(report, layer)
    assert formula is not None, "asked for above"
    settings, n = dict(layer.attributes), layer.input_shape[-1]
    numbers = {"k": settings["kernel"], "p": settings["padding"], "s": settings["stride"]}
    values = {name: same(each) for name, each in numbers.items()}
    return Question(
        prompt=_SIZE.format(network=network.title, layer=layer.name, op=op_of(layer), n=n),
        answer=layer.output_shape[-1],
        unit=_PIXELS,
        hints=tuple(hint.format(n=n, **values) for hint in _SIZE_HINTS),
        arithmetic=(alike(f"{formula.text} = {formula.value}"),),
        address=network.address(layer.name),
    )


def _size_of(report: Report, layer: Layer) -> Formula | None:
    """The one formula of both sides, if the window is square and makes the map smaller."""
    if layer.kind not in (*CONVOLUTIONS, "pooling"):
        return None
    found = sizes(node_of(report, layer))
    is_plain = len(found) == 1 and "ceil_mode" not in dict(layer.attributes)
    return found[0][1] if is_plain and found[0][1].value != layer.input_shape[-1] else None


def layer_params(asked: Asked, draw: Random) -> Question:
    """The parameters of a layer."""
    network = asked.draw_network(draw)
    report = network.report
    layer = asked.draw_layer(
        draw, report, lambda one: one.params and parameters(report, node_of(report, one))
    )
    formula = parameters(report, node_of(report, layer))
    assert formula is not None, "asked for above"
    is_norm = layer.kind == "normalisation"
    biased = "+ 1" in formula.text
    return Question(
        prompt=(_NORM if is_norm else _PARAMS).format(
            network=network.title,
            layer=layer.name,
            op=op_of(layer),
            inputs=layer.input_shape[1],
            outputs=layer.output_shape[1],
            bias=_WITH if biased else _WITHOUT,
        ),
        answer=layer.params,
        tolerance=_LARGE,
        hints=_NORM_HINTS if is_norm else _PARAMS_HINTS,
        arithmetic=(alike(f"{formula.text} = {formula.value:,}"),),
        address=network.address(layer.name),
    )


def layer_macs(asked: Asked, draw: Random) -> Question:
    """The multiply-accumulates of a layer."""
    network = asked.draw_network(draw)
    report = network.report
    layer = asked.draw_layer(
        draw, report, lambda one: one.macs and cost(report, node_of(report, one), "macs")
    )
    formula = cost(report, node_of(report, layer), "macs")
    assert formula is not None, "asked for above"
    return Question(
        prompt=_MACS.format(
            network=network.title,
            layer=layer.name,
            op=op_of(layer),
            inputs=layer.input_shape[1],
            shape=by(layer.output_shape[1:]),
        ),
        answer=layer.macs or 0,
        tolerance=_LARGE,
        hints=_MACS_HINTS,
        arithmetic=(alike(f"{formula.text} = {formula.value:,}"),),
        address=network.address(layer.name),
    )


def receptive_field(asked: Asked, draw: Random) -> Question:
    """The pixels a side that a unit sees, where one path explains them."""
    network = asked.draw_network(draw)
    report = network.report
    layer = asked.draw_layer(draw, report, lambda one: _is_window(one) and _grown(report, one))
    return Question(
        prompt=_FIELD.format(network=network.title, layer=layer.name),
        answer=float(str(layer.receptive_field)),
        unit=_PIXELS,
        hints=_FIELD_HINTS,
        arithmetic=(alike(f"{_grown(report, layer)} = {layer.receptive_field}"),),
        address=network.address(layer.name, tab="field"),
    )


def _is_window(layer: Layer) -> bool:
    return layer.kind in (*CONVOLUTIONS, "pooling") and "kernel" in dict(layer.attributes)


def _grown(report: Report, layer: Layer) -> str:
    """The field as a sum along the path that sees the most; "" if it is not that sum."""
    terms, jump, field = [], 1, 1
    for one in _path(report, layer):
        settings = dict(one.attributes)
        sides, strides = set(settings["kernel"]), set(settings["stride"])
        if len(sides) != 1 or len(strides) != 1:
            return ""
        side, stride = sides.pop(), strides.pop()
        field += (side - 1) * jump
        if side > 1:
            terms.append(f"({side} − 1)·{jump}")
        jump *= stride
    runs = [(term, len(list(run))) for term, run in groupby(terms)]
    if field != layer.receptive_field or len(runs) > _MOST_TERMS:
        return ""
    return " + ".join(["1", *(f"{n}·{term}" if n > 1 else term for term, n in runs)])


def _path(report: Report, layer: Layer) -> list[Layer]:
    """The windows from the image to an op, by way of the inputs that see the most."""
    found = [layer]
    while (sources := [report.layers[source] for source in found[-1].inputs if source >= 0]) and (
        all(isinstance(source.receptive_field, int) for source in sources)
    ):
        found.append(max(sources, key=lambda source: int(str(source.receptive_field))))
    return [one for one in reversed(found) if _is_window(one)]


def joined_channels(asked: Asked, draw: Random) -> Question:
    """The channels behind the joint of an Inception block."""
    network = asked.draw_network(draw)
    layer = asked.draw_layer(draw, network.report, lambda one: one.operation == "cat")
    channels = [shape[1] for shape in layer.input_shapes]
    return Question(
        prompt=_JOINED.format(network=network.title, layer=layer.name, parts=_listed(channels)),
        answer=layer.output_shape[1],
        hints=_JOINED_HINTS,
        arithmetic=(alike(f"{' + '.join(map(str, channels))} = {layer.output_shape[1]}"),),
        address=network.address(layer.scope),
    )


def _listed(channels: list[int]) -> Text:
    texts = list(map(str, channels))
    return Text(f"{', '.join(texts[:-1])} and {texts[-1]}", f"{'、'.join(texts)}")


def dense_channels(asked: Asked, draw: Random) -> Question:
    """The channels behind a layer of a dense block."""
    network = asked.draw_network(draw)
    joints = [layer for layer in network.report.layers if layer.operation == "cat"]
    last = asked.draw_layer(draw, network.report, lambda one: one.operation == "cat")
    own = [layer for layer in joints if layer.scope == last.scope]
    number = own.index(last) + 1
    start, growth = (shape[1] for shape in own[0].input_shapes)
    return Question(
        prompt=_DENSE.format(
            network=network.title, block=last.scope, start=start, growth=growth, number=number
        ),
        answer=last.output_shape[1],
        hints=_DENSE_HINTS,
        arithmetic=(alike(f"{start} + {number}·{growth} = {start + number * growth}"),),
        address=network.address(last.scope),
    )

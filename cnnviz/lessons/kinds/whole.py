"""Questions about a whole network: where its cost sits, its depth, its bytes."""

from collections.abc import Callable
from random import Random

from cnnviz.analysis import Layer
from cnnviz.analysis.depth import parts
from cnnviz.analysis.memory.step import MOMENTS
from cnnviz.analysis.report import FLOAT32
from cnnviz.lessons.kinds.kind import CONVOLUTIONS, MEASURES, Asked, alike, amount
from cnnviz.lessons.question import Question
from cnnviz.numbers import three_digits
from cnnviz.text import Text


def _is_pointwise(layer: Layer) -> bool:
    return layer.kind in CONVOLUTIONS and set(dict(layer.attributes)["kernel"]) == {1}


# What a share may be of: words, and which ops they are.
PARTS: dict[str, tuple[Text, Callable[[Layer], bool]]] = {
    "linear": (
        Text("fully connected layers", "全连接层"),
        lambda layer: layer.operation == "linear",
    ),
    "convolution": (Text("convolutions", "卷积层"), lambda layer: layer.kind in CONVOLUTIONS),
    "1x1": (Text("1×1 convolutions", "1×1 卷积"), _is_pointwise),
    "normalisation": (
        Text("normalisation layers", "规范化层"),
        lambda layer: layer.kind == "normalisation",
    ),
    "gates": (
        Text("squeeze-and-excitation gates", "SE 门控"),
        lambda layer: ".gate." in f".{layer.name}.",
    ),
}
_MB = 10**6
_CLOSE = 0.03  # a share or a size may be rounded

_SHARE = Text(
    "What share of the {measure} of {network} is in its {part}, in percent?",
    "{network} 的{measure}中，{part}占百分之多少？",
)
_SHARE_HINTS = (
    Text(
        "Open the Cost view and sum what is of that kind.",
        "打开“参数与运算”视图，把该类层的数值相加。",
    ),
    Text("{part} of {whole}", "{whole} 中的 {part}"),
)
_DEPTH = Text(
    "How many layers with weights are on the longest path of {network}?",
    "{network} 的最长路径上有多少个带权重的层？",
)
_DEPTH_HINTS = (
    Text(
        "Branches side by side count once, the longest of them; pooling and normalisation have no "
        "weight matrix.",
        "并行分支只计最长的一条；池化和规范化没有权重矩阵，不计入。",
    ),
    Text("The parts are: {names}.", "各部分为：{names}。"),
)
_BYTES = Text(
    "A training step of {network} with {optimiser} keeps the parameters, their gradients and what "
    "the optimiser remembers ({moments} a parameter), in single precision. How many MB (10⁶ bytes) "
    "is that, without activations?",
    "用 {optimiser} 训练 {network}，每步需保存参数、梯度以及优化器的状态"
    "（每个参数 {moments} 个数），均为单精度。不计激活值，共多少 MB（10⁶ 字节）？",
)
_BYTES_HINTS = (
    Text("A number in single precision takes four bytes.", "一个单精度数占四个字节。"),
    Text(
        "4 bytes × (1 + 1 + {moments}) × {params} parameters",
        "4 字节 × (1 + 1 + {moments}) × {params} 个参数",
    ),
)
_OPTIMISERS = {
    "sgd": Text("plain SGD", "不带动量的 SGD"),
    "momentum": Text("SGD with momentum", "带动量的 SGD"),
    "adam": Text("Adam", "Adam"),
}


def share_of(asked: Asked, draw: Random) -> Question:
    """The share of a measure that ops of one kind have."""
    network = asked.draw_network(draw)
    report = network.report
    words, is_part = PARTS[asked.part]
    part = sum(amount(layer, asked.measure) for layer in report.layers if is_part(layer))
    whole = amount(report, asked.measure)
    return Question(
        prompt=_SHARE.format(network=network.title, measure=MEASURES[asked.measure], part=words),
        answer=100 * part / whole,
        unit=alike("%"),
        tolerance=_CLOSE,
        hints=(_SHARE_HINTS[0], _SHARE_HINTS[1].format(part=f"{part:,}", whole=f"{whole:,}")),
        arithmetic=(alike(f"{part:,} / {whole:,} = {three_digits(100 * part / whole)} %"),),
        address=network.address(tab="cost"),
    )


def depth(asked: Asked, draw: Random) -> Question:
    """The number in a network's name."""
    network = asked.draw_network(draw)
    report = network.report
    found = parts(report)
    terms = [
        f"{len(part.blocks)}×{part.each}" if part.each > 1 and len(part.blocks) > 1 else part.total
        for part in found
    ]
    names = ", ".join(part.name for part in found)
    return Question(
        prompt=_DEPTH.format(network=network.title),
        answer=report.depth,
        hints=(
            _DEPTH_HINTS[0],
            _DEPTH_HINTS[1].format(names=Text(names, names.replace(", ", "、"))),
        ),
        arithmetic=(alike(f"{' + '.join(map(str, terms))} = {report.depth}"),),
        address=network.address(tab="depth"),
    )


def training_bytes(asked: Asked, draw: Random) -> Question:
    """What weights, gradients and an optimiser take, whatever the batch."""
    network = asked.draw_network(draw)
    params = network.report.params
    name = draw.choice(list(_OPTIMISERS))
    moments = MOMENTS[name]
    answer = FLOAT32 * (2 + moments) * params / _MB
    return Question(
        prompt=_BYTES.format(network=network.title, optimiser=_OPTIMISERS[name], moments=moments),
        answer=answer,
        unit=alike("MB"),
        tolerance=_CLOSE,
        hints=(
            _BYTES_HINTS[0],
            _BYTES_HINTS[1].format(moments=moments, params=f"{params:,}"),
        ),
        arithmetic=(
            alike(
                f"{FLOAT32}·(1 + 1 + {moments})·{params:,} = {FLOAT32 * (2 + moments) * params:,}"
            ),
            alike(f"{three_digits(answer)} MB"),
        ),
        address=network.address(tab="memory"),
    )

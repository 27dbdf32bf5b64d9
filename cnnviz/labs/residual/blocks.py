"""Five orders on a batch of numbers, and what a bottleneck costs beside a basic block."""

import numpy as np

from cnnviz.labs.parts import Part, Said, Sums, Table
from cnnviz.labs.residual.settings import ResidualSettings
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits, share
from cnnviz.text import Text
from cnnviz.zoo.residual import ORDERS

EPSILON = 1e-5
# He et al., arXiv 1603.05027, table 2: test errors of ResNet-110 on CIFAR-10 in percent
ERRORS = {
    "original": 6.61,
    "norm-after-add": 8.17,
    "relu-before-add": 7.84,
    "relu-pre-activation": 6.71,
    "pre-activation": 6.37,
}
LABELS = {
    "original": Text("original (2015)", "原始（2015 年）"),
    "norm-after-add": Text("norm after addition", "相加后规范化"),
    "relu-before-add": Text("ReLU before addition", "相加前 ReLU"),
    "relu-pre-activation": Text("ReLU-only pre-activation", "仅 ReLU 预激活"),
    "pre-activation": Text("full pre-activation (2016)", "完全预激活（2016 年）"),
}
_STEPS = {"norm": "norm", "relu": "ReLU"}


def apply(names: tuple[str, ...], x: np.ndarray) -> np.ndarray:
    """Normalise a batch, or set what is negative to 0, in this order."""
    for name in names:
        normed = (x - x.mean()) / np.sqrt(x.var() + EPSILON)
        x = normed if name == "norm" else np.maximum(x, 0)
    return x


def residual_block(x: np.ndarray, order: str, weight: float) -> np.ndarray:
    """One block on a batch of one feature, each of its two convolutions one weight."""
    how = ORDERS[order]
    y = apply(how.before, x) * weight
    y = apply(how.end, apply(("norm", "relu"), y) * weight)
    return apply(how.after, x + y)


def pipeline(order: str) -> str:
    """The order as a chain: "conv → norm → ReLU → conv → norm → + x → ReLU"."""
    how = ORDERS[order]
    before, end, after = ([_STEPS[name] for name in part] for part in how)
    return " → ".join([*before, "conv", "norm", "ReLU", "conv", *end, "+ x", *after])


def orders(settings: ResidualSettings) -> list[Part]:
    """What each order makes of a batch in one and in three blocks."""
    batch = matrix(settings.batch)[0]
    rows: list[tuple[Text | str, ...]] = []
    for order in ORDERS:
        once = residual_block(batch, order, settings.weight)
        thrice = once
        for _ in range(2):
            thrice = residual_block(thrice, order, settings.weight)
        rows.append((LABELS[order], _row(once), _row(thrice), f"{ERRORS[order]:.2f} %"))
    head = (
        Text("order", "运算顺序"),
        Text("after 1 block", "1 个块之后"),
        Text("after 3 blocks", "3 个块之后"),
        Text("error of ResNet-110 (paper)", "ResNet-110 的错误率（论文）"),
    )
    chains = tuple(
        Text(f"{LABELS[order].en}: {pipeline(order)}", f"{LABELS[order].zh}：{pipeline(order)}")
        for order in ORDERS
    )
    told = Text(
        "With w = 0, the last three orders hand the batch on as it came: nothing stands on the "
        "sum. "
        "ReLU on the sum loses what is negative, norm on it changes the shortcut, too, and ReLU "
        "before the addition lets the sum only grow. Errors: He et al. 2016, table 2, CIFAR-10.",
        "取 w = 0 时，后三种顺序把小批量原样传下去：相加之后没有任何运算。相加后 ReLU 会丢掉负值，"
        "相加后规范化连捷径也改变了，相加前 ReLU 使和只增不减。错误率：He 等 2016，表 2，"
        "CIFAR-10。",
    )
    before = Text(f"batch: {_row(batch)}", f"小批量：{_row(batch)}")
    return [Sums((before, *chains)), Table(head, tuple(rows)), Said(told)]


def _row(batch: np.ndarray) -> str:
    return "  ".join(few_digits(round(float(value), 3)) for value in batch)


def basic(channels: int) -> list[int]:
    """Parameters with biases of each convolution of a basic block."""
    return [9 * channels * channels + channels] * 2


def bottleneck(channels: int, reduction: int) -> list[int]:
    """Parameters with biases of each convolution of a bottleneck."""
    width = channels // reduction
    return [
        channels * width + width,
        9 * width * width + width,
        width * channels + channels,
    ]


def costs(settings: ResidualSettings) -> list[Part]:
    """Both blocks' parameters as arithmetic."""
    c, w = settings.channels, settings.channels // settings.reduction
    two, three = basic(c), bottleneck(c, settings.reduction)
    return [
        Sums(
            (
                Text("basic block: two 3×3", "基本块：两个 3×3"),
                f"  2 · (3·3·{c}·{c} + {c}) = 2 · {two[0]:,} = {sum(two):,}",
                Text("bottleneck: 1×1, 3×3, 1×1", "瓶颈块：1×1、3×3、1×1"),
                f"  1·1·{c}·{w} + {w} = {three[0]:,}",
                f"  3·3·{w}·{w} + {w} = {three[1]:,}",
                f"  1·1·{w}·{c} + {c} = {three[2]:,}",
                Text(
                    f"  together {sum(three):,}, that is {share(sum(three), sum(two))} of the "
                    "basic block",
                    f"  合计 {sum(three):,}，为基本块的 {share(sum(three), sum(two))}",
                ),
            )
        ),
        Said(
            Text(
                "Parameters are counted with biases. The expensive 3×3 works on {width} channels "
                "instead of {channels}.",
                "参数量含偏置。开销大的 3×3 卷积只在 {width} 个通道上进行，而不是 {channels} 个。",
            ).format(width=w, channels=c)
        ),
    ]

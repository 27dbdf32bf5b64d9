"""Running averages, and how much a result hangs on the size of the batch and on its mates."""

import numpy as np

from cnnviz.labs import listings
from cnnviz.labs.batch_norm.settings import BatchNormSettings
from cnnviz.labs.batch_norm.steps import standardised, undefined
from cnnviz.labs.exact import mean, variance
from cnnviz.labs.parts import Chart, Code, Line, Part, Said, Sums, Table
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits
from cnnviz.text import Text

BATCH_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_DRAWS = 200


def running(batches: np.ndarray, momentum: float) -> tuple[list[float], list[float]]:
    """Running mean and variance after each batch, from 0 and 1: moving = m·moving + (1 − m)·batch.

    The course keeps the variance over n; PyTorch's running variance is that over n − 1.
    """
    middle, spread = 0.0, 1.0
    means, variances = [], []
    for batch in batches:
        middle = momentum * middle + (1 - momentum) * float(mean(batch))
        spread = momentum * spread + (1 - momentum) * float(variance(batch))
        means.append(middle)
        variances.append(spread)
    return means, variances


def training_and_inference(settings: BatchNormSettings) -> list[Part]:
    """A batch after the other, and then one example with what has been gathered."""
    batches, m = matrix(settings.batches), settings.momentum
    means, variances = running(batches, m)
    kept, new = few_digits(m), few_digits(round(1 - m, 6))
    rows = []
    before, before_variance = 0.0, 1.0
    for number, (batch, middle, spread) in enumerate(
        zip(batches, means, variances, strict=True), start=1
    ):
        own, own_variance = float(mean(batch)), float(variance(batch))
        rows.append(
            (
                str(number),
                few_digits(own),
                f"{kept}·{_four(before)} + {new}·{few_digits(own)} = {_four(middle)}",
                few_digits(own_variance),
                f"{kept}·{_four(before_variance)} + {new}·{few_digits(own_variance)} "
                f"= {_four(spread)}",
            )
        )
        before, before_variance = middle, spread
    last = batches[-1]
    with_new = np.append(last, settings.new)
    trained = float(standardised(with_new, (0,), settings.epsilon)[-1])
    root = float(np.sqrt(before_variance + settings.epsilon))
    inferred = (
        _four((settings.new - before) / root)
        if root
        else Text("no number, divided by 0", "没有意义（除以 0）")
    )
    x = few_digits(settings.new)
    return [
        Table(
            (
                Text("batch", "小批量"),
                "μ",
                Text("running mean", "均值的滑动平均"),
                "σ²",
                Text("running variance", "方差的滑动平均"),
            ),
            tuple(rows),
        ),
        Sums(
            (
                Text(
                    f"inference: x̂ = ({x} − {_four(before)}) / √({_four(before_variance)} + "
                    f"{few_digits(settings.epsilon)}) = {{inferred}}",
                    f"推断：x̂ = ({x} − {_four(before)}) / √({_four(before_variance)} + "
                    f"{few_digits(settings.epsilon)}) = {{inferred}}",
                ).format(inferred=inferred),
                Text(
                    f"training, in a batch with the last row: x̂ = {_four(trained)}",
                    f"训练，与最后一行同批：x̂ = {_four(trained)}",
                ),
            )
        ),
        *undefined(variance(with_new), settings.epsilon),
        Table(
            ("", Text("training", "训练"), Text("inference", "推断")),
            (
                (
                    Text("mean and variance", "均值与方差"),
                    Text("of this batch", "当前小批量的"),
                    Text("gathered in training", "训练中累积的滑动平均"),
                ),
                (
                    Text("same input, same result", "相同输入得相同结果"),
                    Text("no, mates count", "否，取决于同批样本"),
                    Text("yes", "是"),
                ),
                (
                    Text("changes", "更新的量"),
                    Text("γ, β by gradient; averages", "γ、β（梯度）；滑动平均"),
                    Text("nothing", "无"),
                ),
            ),
        ),
        Said(
            Text(
                "PyTorch writes momentum for the share of the new batch, 0.1 for the course's 0.9, "
                "and gathers the variance over n − 1. Early on the averages still hold much of "
                "their start, 0 and 1.",
                "PyTorch 的 momentum 是新小批量的比例，教材的 0.9 在那里写作 0.1，且方差按 n − 1 "
                "累积。"
                "训练初期，滑动平均中还含有很多初值 0 和 1。",
            )
        ),
        Code(listings.running(batches, m, settings.new, settings.epsilon)),
    ]


def _four(value: float) -> str:
    return few_digits(round(value, 4))


def spreads(value: float, seed: int) -> list[tuple[float, float]]:
    """For each batch size, how much a batch's mean, and an example's result, vary over batches."""
    found = []
    generator = np.random.default_rng(seed)
    for size in BATCH_SIZES:
        mates = generator.standard_normal((_DRAWS, size - 1))
        batches = np.concatenate([np.full((_DRAWS, 1), value), mates], axis=1)
        results = standardised(batches, (1,), 1e-5)[:, 0]
        means = generator.standard_normal((_DRAWS, size)).mean(axis=1)
        found.append((float(means.std()), float(results.std())))
    return found


def batch_sizes(settings: BatchNormSettings) -> list[Part]:
    """The noise of batches of 1, 2 … 256, and one example among two sets of mates."""
    found = spreads(settings.value, settings.seed)
    generator = np.random.default_rng(settings.seed)
    rows = []
    for size, (mean_spread, result_spread) in zip(BATCH_SIZES, found, strict=True):
        examples = []
        for _ in range(2):
            batch = np.append(settings.value, generator.standard_normal(size - 1))
            examples.append(few_digits(round(float(standardised(batch, (0,), 1e-5)[0]), 3)))
        rows.append(
            (
                str(size),
                few_digits(round(mean_spread, 3)),
                few_digits(round(size**-0.5, 3)),
                *examples,
                few_digits(round(result_spread, 3)),
            )
        )
    chart = Chart(
        Text("How much results vary with the batch", "结果随小批量变化的程度"),
        Text("batch size", "批量大小"),
        Text("standard deviation", "标准差"),
        (
            Line(
                Text("mean of a batch", "小批量的均值"),
                BATCH_SIZES,
                tuple(mean for mean, _ in found),
            ),
            Line(
                Text("result of the example", "该样本的结果"),
                BATCH_SIZES,
                tuple(result for _, result in found),
            ),
        ),
        doubling=True,
    )
    head = (
        Text("batch size", "批量大小"),
        Text("spread of μ", "μ 的标准差"),
        "1 / √n",
        Text("x̂, some mates", "x̂，一批同伴"),
        Text("x̂, other mates", "x̂，另一批同伴"),
        Text("spread of x̂", "x̂ 的标准差"),
    )
    told = Text(
        "The same example has another result among other mates. A little of this noise "
        "regularises; "
        "batches of 2, 4 or 8 have too much of it, and 1 leaves nothing. Large batches (64, 128, "
        "256) estimate the mean and variance well.",
        "同一个样本，同批样本不同，结果就不同。少许这样的噪声有正则化作用；批量为 2、4、8 "
        "时噪声太大，为 1 时什么也不剩。"
        "大批量（64、128、256）对均值和方差估计得准。",
    )
    return [chart, Table(head, tuple(rows)), Said(told)]

"""The four steps on a batch, per feature and per channel, and the other norms beside them."""

import numpy as np

from cnnviz.labs import listings
from cnnviz.labs.batch_norm.settings import BatchNormSettings
from cnnviz.labs.exact import centred, mean, variance
from cnnviz.labs.grids import Grid, Step, film, numbers, signed
from cnnviz.labs.parts import Code, Part, Said, Sums, Table
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits
from cnnviz.text import Text

MEAN, VARIANCE = Text("mean μ", "均值 μ"), Text("variance σ²", "方差 σ²")
NORMALISED, RESULT = Text("normalised x̂", "规范化 x̂"), Text("result γx̂ + β", "结果 γx̂ + β")
_DIGITS = 4  # after the point, so that tables stay narrow


def standardised(x: np.ndarray, axes: tuple[int, ...], epsilon: float) -> np.ndarray:
    """x less its mean, over the root of its variance plus ε, both over `axes`.

    A variance of 0 with ε = 0 gives 0; `undefined` tells of it.
    """
    apart, root = centred(x, axes), np.sqrt(variance(x, axes) + epsilon)
    result: np.ndarray = np.divide(apart, root, out=np.zeros_like(apart), where=root > 0)
    return result


def undefined(variances: np.ndarray, epsilon: float) -> list[Part]:
    """A sentence where something is divided by 0."""
    if epsilon or variances.all():
        return []
    return [
        Said(
            Text(
                "A variance of 0 with ε = 0: 0 / 0 is no number, and 0 is written in its place "
                "(torch gives nan). That is what ε is for.",
                "方差为 0 且 ε = 0：0 / 0 没有意义，这里写作 0（torch 给出 nan）。ε 正是为此而设。",
            )
        )
    ]


def _text(values: np.ndarray) -> list[list[str]]:
    return numbers(np.round(np.atleast_2d(values), _DIGITS))


def four_steps(settings: BatchNormSettings) -> list[Part]:
    """Mean, variance, normalised, scaled and shifted, for every feature."""
    batch = matrix(settings.batch)
    gamma, beta = matrix(settings.gamma)[0], matrix(settings.beta)[0]
    means, variances = mean(batch, 0)[0], variance(batch, 0)[0]
    hat = standardised(batch, (0,), settings.epsilon)
    result = gamma * hat + beta
    count, features = batch.shape
    grids = [
        Grid(Text("batch x", "小批量 x"), numbers(batch)),
        Grid(MEAN, _text(means)),
        Grid(VARIANCE, _text(variances)),
        Grid(NORMALISED, _text(hat)),
        Grid(RESULT, _text(result)),
    ]
    column = tuple((row, 0) for row in range(count))
    read = [
        tuple((0, *cell) for cell in column),
        (*((0, *cell) for cell in column), (1, 0, 0)),
        (*((0, *cell) for cell in column), (1, 0, 0), (2, 0, 0)),
        tuple((3, *cell) for cell in column),
    ]
    written = [
        ((1, 0, 0),),
        ((2, 0, 0),),
        tuple((3, *cell) for cell in column),
        tuple((4, *cell) for cell in column),
    ]
    says = _told(batch[:, 0], float(gamma[0]), float(beta[0]), settings.epsilon)
    steps = [Step(say, *cells) for say, *cells in zip(says, read, written, strict=True)]
    words = Text(
        "The four steps of the first feature; every feature has its own mean, variance, γ and β.",
        "第一个特征的四步；每个特征各有自己的均值、方差、γ 和 β。",
    )
    more = undefined(variances, settings.epsilon)
    if count == 1:
        more.append(
            Said(
                Text(
                    "One example alone is its own mean: x − μ is 0, and every result is β. Batch "
                    "norm cannot train with a batch of 1.",
                    "只有一个样本时，它就是自己的均值：x − μ 为 0，结果都等于 β。批量为 1 "
                    "时批量规范化无法训练。",
                )
            )
        )
    told = Text(
        "Why γ and β: held at mean 0 and variance 1, a sigmoid would only see its straight middle. "
        "With γ = √(σ² + ε) and β = μ the network may even undo the step.",
        "为何要 γ 和 β：若一直保持均值 0、方差 1，sigmoid 就只用到中间近似线性的部分。"
        "取 γ = √(σ² + ε)、β = μ，网络甚至可以撤销这一步。",
    )
    table = Table(
        (Text("feature", "特征"), "μ", "σ²", "√(σ² + ε)", "x̂", Text("result y", "结果 y")),
        tuple(
            (
                str(at + 1),
                few_digits(float(means[at])),
                few_digits(float(variances[at])),
                few_digits(float(np.sqrt(variances[at] + settings.epsilon))),
                *(" ".join(_text(found[:, at])[0]) for found in (hat, result)),
            )
            for at in range(features)
        ),
    )
    return [film(grids, steps, words, step="step"), table, *more, Said(told)]


def _told(values: np.ndarray, gamma: float, beta: float, epsilon: float) -> list[Text]:
    """The four steps of one feature, the last two for its first example."""
    middle, spread = float(mean(values)), float(variance(values))
    hat = float(standardised(values, (0,), epsilon)[0])
    n, first = len(values), few_digits(float(values[0]))
    mu, var = few_digits(middle), few_digits(spread)
    total = " + ".join(signed(float(value)) for value in values)
    squares = " + ".join(f"({few_digits(float(value))} − {signed(middle)})²" for value in values)
    lines = (
        f"μ = ({total}) / {n} = {mu}",
        f"σ² = ({squares}) / {n} = {var}",
        f"x̂ = ({first} − {signed(middle)}) / √({var} + {few_digits(epsilon)}) = {few_digits(hat)}",
        f"y = {signed(gamma)} · {signed(hat)} + {signed(beta)} = {few_digits(gamma * hat + beta)}",
    )
    return [
        Text(f"{number}. {line}", f"{number}. {line}") for number, line in enumerate(lines, start=1)
    ]


def maps(settings: BatchNormSettings) -> np.ndarray:
    """Two images of two channels of 2×2 as (N, C, H, W)."""
    pair = [matrix(settings.image_1), matrix(settings.image_2)]
    return np.stack(pair).reshape(2, 2, 2, 2)


def per_channel(settings: BatchNormSettings) -> list[Part]:
    """Mean and variance of each channel over the batch, the rows and the columns."""
    x = maps(settings)
    hat = standardised(x, (0, 2, 3), settings.epsilon)
    lines: list[Text | str] = []
    for channel in range(2):
        values = x[:, channel].ravel()
        middle, spread = few_digits(float(mean(values))), few_digits(float(variance(values)))
        total = " + ".join(signed(float(value)) for value in values)
        lines.append(
            Text(
                f"channel {channel + 1}: μ = ({total}) / {len(values)} = {middle},  σ² = {spread}",
                f"通道 {channel + 1}：μ = ({total}) / {len(values)} = {middle}，σ² = {spread}",
            )
        )
        for image in range(2):
            cells = " ".join(_text(hat[image, channel].ravel())[0])
            lines.append(
                Text(f"   x̂ of image {image + 1}: {cells}", f"   图像 {image + 1} 的 x̂：{cells}")
            )
    told = Text(
        "μ of a channel is the sum over N·H·W = 2·2·2 = 8 values, over 8. All pixels of a map are "
        "treated alike, so that the map keeps its shape; two channels have 2·2 = 4 parameters "
        "(BatchNorm2d). After a fully connected layer each feature has its own (BatchNorm1d).",
        "每个通道的 μ 是 N·H·W = 2·2·2 = 8 个值之和除以 8。同一张图的所有像素同样对待，"
        "图的结构得以保留；"
        "两个通道共有 2·2 = 4 个参数（BatchNorm2d）。"
        "全连接层之后则每个特征各自规范化（BatchNorm1d）。",
    )
    grids = [
        Grid(
            Text(f"image {i + 1}, channel {c + 1}", f"图像 {i + 1}，通道 {c + 1}"), numbers(x[i, c])
        )
        for i in range(2)
        for c in range(2)
    ]
    words = Text(
        "Two images of two channels: channel 1 of both is one population, channel 2 the other.",
        "两幅双通道图像：两幅的通道 1 合为一组，通道 2 合为另一组。",
    )
    code = Code(listings.batch_norm(x, settings.epsilon))
    notes = undefined(variance(x, (0, 2, 3)), settings.epsilon)
    return [film(grids, (), words), Sums(tuple(lines)), *notes, Said(told), code]


def other_norms(settings: BatchNormSettings) -> list[Part]:
    """Four norms on the same two images of four channels, two pixels each."""
    x = np.stack([matrix(settings.norm_1), matrix(settings.norm_2)])  # (N, C, pixels)
    grouped = x.reshape(2, settings.groups, -1)
    found = {
        Text(
            "batch norm: a channel over the batch", "批量规范化：一个通道，跨整个批量"
        ): standardised(x, (0, 2), settings.epsilon),
        Text(
            "layer norm: an image over all channels", "层规范化：一幅图像的所有通道"
        ): standardised(x, (1, 2), settings.epsilon),
        Text("group norm: an image over a group", "组规范化：一幅图像的一组通道"): standardised(
            grouped, (2,), settings.epsilon
        ).reshape(x.shape),
        Text(
            "instance norm: an image, one channel", "实例规范化：一幅图像的一个通道"
        ): standardised(x, (2,), settings.epsilon),
    }
    counts = (2 * 2, 4 * 2, 4 * 2 // settings.groups, 2)
    head = (
        Text("norm over", "在何范围内规范化"),
        Text("values", "值的个数"),
        Text("image 1, four channels", "图像 1，四个通道"),
        Text("image 2, four channels", "图像 2，四个通道"),
    )
    rows = tuple(
        (name, str(count), _channels(values[0]), _channels(values[1]))
        for (name, values), count in zip(found.items(), counts, strict=True)
    )
    told = Text(
        "Only batch norm looks at other images: the last three give the same for a batch of 1, and "
        "need no running averages. They are what is taken where memory allows only small batches.",
        "只有批量规范化要看其他图像：后三种在批量为 1 时结果不变，也不需要滑动平均。"
        "显存只容得下小批量时就用它们。",
    )
    source = (
        Text(f"image 1: {_channels(x[0])}", f"图像 1：{_channels(x[0])}"),
        Text(f"image 2: {_channels(x[1])}", f"图像 2：{_channels(x[1])}"),
    )
    spreads = [variance(x, axes) for axes in ((0, 2), (1, 2), (2,))]
    every = np.concatenate([*map(np.ravel, spreads), variance(grouped, (2,)).ravel()])
    return [Sums(source), Table(head, rows), *undefined(every, settings.epsilon), Said(told)]


def _channels(image: np.ndarray) -> str:
    return " / ".join(" ".join(row) for row in numbers(np.round(image, 2)))

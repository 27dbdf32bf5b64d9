"""Kernels on stripes and on pictures, and a kernel that is learnt from a picture and its edges."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from cnnviz.labs.convolution.steps import IMAGE, KERNEL, OUTPUT, window_steps
from cnnviz.labs.edges.settings import EdgesSettings
from cnnviz.labs.grids import Grid, Step, film, numbers, rows_of
from cnnviz.labs.parts import Chart, Images, Line, Part, Said, Sums, Table
from cnnviz.labs.pictures import of_picture, visible
from cnnviz.labs.windows import correlate, windows
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits
from cnnviz.text import Text, joined

_MOST_STEPS = 41  # of learning that the film shows

FILTERS = {
    "difference": np.array([[1.0, -1.0]]),
    "difference-t": np.array([[1.0], [-1.0]]),
    "sobel-x": np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]),
    "sobel-y": np.array([[1.0, 2.0, 1.0], [0.0, 0.0, 0.0], [-1.0, -2.0, -1.0]]),
    "blur": np.full((3, 3), 1 / 9),
    "sharpen": np.array([[0.0, -1.0, 0.0], [-1.0, 5.0, -1.0], [0.0, -1.0, 0.0]]),
}


def stripes(settings: EdgesSettings) -> list[Part]:
    """The image, the kernel and the edges."""
    image = matrix(settings.stripes).T if settings.turned else matrix(settings.stripes)
    kernel = matrix(settings.kernel)
    edges = correlate(image, kernel)
    grids = [
        Grid(IMAGE, numbers(image), after="⋆"),
        Grid(KERNEL, numbers(kernel), after="="),
        Grid(OUTPUT, numbers(edges), shows=0),
    ]
    steps = window_steps(windows(image, kernel.shape), kernel, output=2)
    words = Text("An image, a kernel, and what it answers.", "图像、卷积核及其响应。")
    found = [float(value) for value in np.unique(np.round(edges, 9))]
    told = Text(
        "Values that occur: {values}. With 1 −1, 1 is an edge from white to black, −1 one from "
        "black "
        "to white, 0 no edge. Only vertical edges are found: of the transposed image nothing is "
        "left.",
        "出现的值：{values}。对于 1 −1，1 是由白到黑的边缘，−1 是由黑到白的边缘，0 表示没有边缘。"
        "它只能检测竖直边缘：图像转置后输出全为 0。",
    ).format(values=joined([few_digits(value) for value in found[:12]]))
    return [film(grids, steps, words, step="step"), Sums(rows_of(edges)), Said(told)]


def on_picture(settings: EdgesSettings) -> Sequence[Part]:
    """A filter on a picture, with its numbers."""
    kernel = matrix(settings.own) if settings.filter == "own" else FILTERS[settings.filter]
    return of_picture(settings.source, settings.which, partial(filtered, kernel))


def filtered(kernel: np.ndarray, picture: np.ndarray) -> list[Part]:
    """What a kernel makes of a picture, (H, W) of 0 to 1."""
    found = correlate(picture, kernel)
    signed = bool((kernel < 0).any())
    images = Images(
        (visible(picture), visible(found, signed=signed)),
        (
            Text("picture, {h}×{w}", "图片，{h}×{w}").format(
                h=picture.shape[0], w=picture.shape[1]
            ),
            Text("filtered, {h}×{w}; grey is 0", "滤波后，{h}×{w}；灰色为 0").format(
                h=found.shape[0], w=found.shape[1]
            )
            if signed
            else Text("filtered, {h}×{w}", "滤波后，{h}×{w}").format(
                h=found.shape[0], w=found.shape[1]
            ),
        ),
        side=280,
    )
    rows = tuple(
        (
            name,
            few_digits(float(values.min())),
            few_digits(float(values.max())),
            few_digits(round(float(values.mean()), 4)),
            few_digits(round(float(np.abs(values).mean()), 4)),
        )
        for name, values in (
            (Text("picture", "图片"), picture),
            (Text("filtered", "滤波后"), found),
        )
    )
    head = (
        "",
        Text("least", "最小"),
        Text("largest", "最大"),
        Text("mean", "平均"),
        Text("mean size", "绝对值平均"),
    )
    total = few_digits(round(float(kernel.sum()), 6))
    told = Text(
        "The weights sum to {total}: with 0 an even area gives 0 and only edges are left; with 1 "
        "it keeps its brightness.",
        "权重之和为 {total}：和为 0 时均匀区域输出 0，只剩边缘；和为 1 时亮度不变。",
    )
    return [
        images,
        Sums((Text("kernel:", "卷积核："), *rows_of(np.round(kernel, 4)))),
        Table(head, rows),
        Said(told.format(total=total)),
    ]


def learn(
    image: np.ndarray, wanted: np.ndarray, start: np.ndarray, *, steps: int, rate: float
) -> tuple[list[np.ndarray], list[float]]:
    """Gradient descent on the sum of squared errors: the kernel and the loss before each step.

    The gradient with respect to a weight is twice the correlation of the image with the error.
    """
    kernel, kernels, losses = start.copy(), [], []
    for _ in range(steps + 1):
        error = correlate(image, kernel) - wanted
        kernels.append(kernel.copy())
        losses.append(float((error**2).sum()))
        if not losses[-1] < 1e12:
            break
        kernel = kernel - rate * 2 * correlate(image, error)
    return kernels, losses


def learning(settings: EdgesSettings) -> list[Part]:
    """The kernel of the stripes is found again from the image and its edges."""
    image = np.array([[1.0, 1, 0, 0, 0, 0, 1, 1]] * 6)
    wanted = correlate(image, FILTERS["difference"])
    start = np.random.default_rng(settings.start).standard_normal((1, 2))
    kernels, losses = learn(image, wanted, start, steps=settings.steps, rate=settings.rate)
    chart = Chart(
        Text("Sum of squared errors", "误差平方和"),
        Text("step", "步"),
        Text("loss (log scale)", "损失（对数坐标）"),
        (
            Line(
                Text("loss", "损失"),
                tuple(range(len(losses))),
                tuple(max(loss, 1e-12) for loss in losses),
            ),
        ),
        logarithmic=True,
    )
    shown = sorted({0, 1, 2, 5, 10, 20, 50, 100, len(losses) - 1})
    rows = tuple(
        (
            str(step),
            " ".join(few_digits(round(float(weight), 4)) for weight in kernels[step][0]),
            few_digits(float(f"{losses[step]:.4g}")),
        )
        for step in shown
        if step < len(losses)
    )
    head = (Text("step", "步"), Text("kernel", "卷积核"), Text("loss", "损失"))
    told = Text(
        "Nobody says 1 −1: only the image and its edges, {wanted} in each row, are given. Each "
        "step takes {rate} times the gradient of the loss, 2 · Σ pixel · error, off the kernel. "
        "Too large a rate makes it diverge.",
        "没有人告诉它 1 −1：只给出图像及其边缘（每行为 {wanted}）。每一步从卷积核中减去损失梯度 "
        "2 · Σ 像素 · 误差的 {rate} 倍。"
        "学习率过大则会发散。",
    )
    film_of_steps = _descent(kernels, losses, image, wanted)
    edges = " ".join(numbers(wanted[:1])[0])
    text = Said(told.format(rate=few_digits(settings.rate), wanted=edges))
    return [film_of_steps, chart, Table(head, rows), text]


def _descent(
    kernels: list[np.ndarray], losses: list[float], image: np.ndarray, wanted: np.ndarray
) -> Part:
    """The kernel and a row of its answer after each of the first steps, beside what is wanted."""
    first = kernels[:_MOST_STEPS]
    answers = [correlate(image[:1], kernel) for kernel in first]
    grids = [
        Grid(KERNEL, _three(kernels[0]), tuple(map(_three, first))),
        Grid(
            Text("its answer, a row", "它的响应（一行）"),
            _three(answers[0]),
            tuple(map(_three, answers)),
        ),
        Grid(Text("wanted", "目标"), numbers(wanted[:1])),
    ]
    steps = [
        Step(
            Text(
                "step {n}: kernel {kernel}, its answer {answer}, loss {loss}",
                "第 {n} 步：卷积核 {kernel}，响应 {answer}，损失 {loss}",
            ).format(
                n=at,
                kernel=" ".join(_three(kernel)[0]),
                answer=" ".join(_three(answer)[0]),
                loss=few_digits(float(f"{loss:.3g}")),
            ),
            written=tuple((0, 0, column) for column in range(kernel.shape[1])),
        )
        for at, (kernel, answer, loss) in enumerate(zip(first, answers, losses, strict=False))
    ]
    words = Text(
        "The kernel on its way: a frame for each of the first steps.",
        "卷积核的变化过程：前若干步各一帧。",
    )
    return film(grids, steps, words, step="learn_step")


def _three(values: np.ndarray) -> list[list[str]]:
    return numbers(np.vectorize(lambda value: float(f"{value:.3g}"))(values))

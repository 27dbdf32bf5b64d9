"""Several channels: sums over the input's, a kernel for each output's; 1×1 as a matrix product."""

import numpy as np

from cnnviz.labs import listings
from cnnviz.labs.convolution.settings import ConvolutionSettings
from cnnviz.labs.convolution.steps import KERNEL, sum_of_products
from cnnviz.labs.exact import summed
from cnnviz.labs.grids import Grid, Step, film, numbers, rows_of, signed
from cnnviz.labs.parts import Code, Part, Said, Sums
from cnnviz.labs.windows import correlate, windows
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits
from cnnviz.text import Text


def over_channels(images: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """(Cin, H, W) and (Cout, Cin, kh, kw) -> (Cout, H', W'): sums over the input's channels."""
    parts = [
        [correlate(image, part) for image, part in zip(images, kernel, strict=True)]
        for kernel in kernels
    ]
    return summed(np.array(parts), 1)


def stacked(settings: ConvolutionSettings) -> tuple[np.ndarray, np.ndarray]:
    """The lab's input (2, 3, 3) and kernels (outputs, 2, 2, 2)."""
    images = np.stack([matrix(settings.channel_1), matrix(settings.channel_2)])
    first = np.stack([matrix(settings.kernel_1), matrix(settings.kernel_2)])
    return images, np.stack([first + more for more in range(settings.outputs)])


def channels(settings: ConvolutionSettings) -> list[Part]:
    """Two input channels, one to three output channels."""
    images, kernels = stacked(settings)
    output = over_channels(images, kernels)
    names = [Text(f"channel {n}", f"通道 {n}") for n in (1, 2)]
    found = list(zip(*(windows(image, (2, 2)) for image in images), strict=True))
    used = [[numbers(kernel[at]) for kernel in kernels for _ in found] for at in (0, 1)]
    grids = [
        Grid(names[0], numbers(images[0]), after="⋆"),
        Grid(KERNEL, used[0][0], tuple(used[0]), after="+"),
        Grid(names[1], numbers(images[1]), after="⋆"),
        Grid(KERNEL, used[1][0], tuple(used[1]), after="="),
        *(
            Grid(Text(f"output {at + 1}", f"输出 {at + 1}"), numbers(one), shows=at * len(found))
            for at, one in enumerate(output)
        ),
    ]
    steps = [
        Step(
            _two_sums((first.patch, second.patch), kernel),
            read=(*((0, *cell) for cell in first.cells), *((2, *cell) for cell in second.cells)),
            written=((4 + at, first.row, first.column),),
        )
        for at, kernel in enumerate(kernels)
        for first, second in found
    ]
    outputs, inputs, height, width = kernels.shape
    lines: list[Text | str] = []
    for number, one in enumerate(output, start=1):
        rows = " / ".join(" ".join(row) for row in numbers(one))
        lines.append(Text(f"output {number}: {rows}", f"输出 {number}：{rows}"))
    count = f"{outputs}·{inputs}·{height}·{width} = {kernels.size}"
    lines.append(Text(f"weights: {count}", f"权重：{count}"))
    words = Text(
        "A kernel has a matrix for each input channel; what they find is added. Each output "
        "channel has a kernel of its own.",
        "一个卷积核对每个输入通道各有一个矩阵，各通道的结果相加。每个输出通道有各自的卷积核。",
    )
    code = Code(listings.over_channels(images, kernels))
    return [film(grids, steps, words, step="channels_step"), Sums(tuple(lines)), code]


def _two_sums(patches: tuple[np.ndarray, np.ndarray], kernel: np.ndarray) -> str:
    """A value as the sum of both channels' sums."""
    parts = [
        sum_of_products(patch, weights) for patch, weights in zip(patches, kernel, strict=True)
    ]
    values = [float(summed(patch * one)) for patch, one in zip(patches, kernel, strict=True)]
    total = few_digits(float(summed(np.array(values))))
    terms = f"{signed(values[0])} + {signed(values[1])} = {total}"
    return f"{parts[0]}; {parts[1]}; {terms}"


def pointwise(settings: ConvolutionSettings) -> list[Part]:
    """A 1×1 convolution as the product of its weights with the pixels as columns."""
    pixels, weights = matrix(settings.pixels), matrix(settings.weights)
    output = summed(weights[:, :, None] * pixels, 1)
    inputs, outputs = len(pixels), len(weights)
    grids = [
        Grid(Text("weights", "权重"), numbers(weights), after="·"),
        Grid(Text("pixels as columns", "每列一个像素"), numbers(pixels), after="="),
        Grid(Text("new pixels", "新的像素"), numbers(output), shows=0),
    ]
    steps = [
        Step(
            sum_of_products(weights[row], pixels[:, column]),
            read=(
                *((0, row, at) for at in range(inputs)),
                *((1, at, column) for at in range(inputs)),
            ),
            written=((2, row, column),),
        )
        for row in range(outputs)
        for column in range(4)
    ]
    words = Text(
        "Each pixel is a sample and its channels are the features: the same small fully connected "
        "layer at every pixel. Neighbours do not matter.",
        "每个像素是一个样本，它的各通道是特征：每个像素上都是同一个小的全连接层，与相邻像素无关。",
    )
    return [
        film(grids, steps, words, step="pixel_step"),
        Sums(rows_of(output)),
        Said(
            Text(
                "From {inputs} to {outputs} channels: {inputs}·{outputs} = {count} weights. From "
                "256 to 512, as in a ResNet's shortcut: 256·512 = {large} weights.",
                "从 {inputs} 个通道到 {outputs} 个：{inputs}·{outputs} = {count} 个权重。"
                "像 ResNet 的捷径那样从 256 到 512：256·512 = {large} 个权重。",
            ).format(inputs=inputs, outputs=outputs, count=inputs * outputs, large=f"{256 * 512:,}")
        ),
        Code(listings.pointwise(pixels, weights)),
    ]

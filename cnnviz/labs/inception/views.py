"""What the paths of Inception blocks see: a mix of window sizes, and an image that moves."""

from math import comb

import numpy as np

from cnnviz.labs.inception.settings import InceptionSettings
from cnnviz.labs.parts import Chart, Images, Line, Part, Said, Sums, Table
from cnnviz.labs.pictures import of_picture, visible
from cnnviz.labs.pooling.sums import pool
from cnnviz.labs.windows import correlate, padded
from cnnviz.numbers import few_digits, share
from cnnviz.text import Text

MARGIN = 8  # px of black around the picture, so that nothing leaves it and no window misses any
MEAN = np.full((3, 3), 1 / 9)
SOBEL = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])


def ways(blocks: int) -> list[int]:
    """Ways through `blocks` blocks that see 1, 3, 5 … pixels a side.

    A block adds nothing to the side (1×1), 2 (3×3, or the pooling) or 4 (5×5): 1, 2 and 1 ways, as
    in (1 + z)². So n blocks are (1 + z)²ⁿ, whose coefficients are binomial.
    """
    return [comb(2 * blocks, half) for half in range(2 * blocks + 1)]


def shares(split: tuple[int, ...], blocks: int) -> list[float]:
    """The same, each way in proportion to the channels of its paths; they sum to 1."""
    conv1, _, conv3, _, conv5, project = split
    one = np.array([conv1, conv3 + project, conv5]) / (conv1 + conv3 + conv5 + project)
    every = np.ones(1)
    for _ in range(blocks):
        every = np.convolve(every, one)
    return [float(value) for value in every]


def scales(settings: InceptionSettings) -> list[Part]:
    """How many window sizes blocks in a row offer at once, and how often each."""
    n = settings.blocks
    counts, weighed = ways(n), shares(settings.split, n)
    sides = [1 + 2 * half for half in range(2 * n + 1)]
    ways_here = f"4^{n} = {4**n:,} = {' + '.join(map(str, counts))}"
    lines = (
        Text(
            f"ways through {n} block{'s' * (n > 1)}: {ways_here}",
            f"穿过 {n} 个块的路径：{ways_here}",
        ),
        Text(
            f"windows seen: {len(sides)} sizes, 1×1 to {sides[-1]}×{sides[-1]}; {n} stacked "
            f"convolution{'s' * (n > 1)} of 3×3 see{'s' * (n == 1)} one, {1 + 2 * n}×{1 + 2 * n}",
            f"看到的窗口：{len(sides)} 种，从 1×1 到 {sides[-1]}×{sides[-1]}；"
            f"{n} 个 3×3 卷积堆叠只有一种，{1 + 2 * n}×{1 + 2 * n}",
        ),
    )
    table = Table(
        (
            Text("sees", "感受野"),
            Text("ways", "路径数"),
            Text("share of the ways", "占路径"),
            Text("weighed by channels", "按通道数加权"),
        ),
        tuple(
            (f"{side}×{side}", f"{count:,}", share(count, 4**n), share(part, 1))
            for side, count, part in zip(sides, counts, weighed, strict=True)
        ),
    )
    across = tuple(float(side) for side in sides)
    chart = Chart(
        Text("Which windows are seen", "看到哪些大小的窗口"),
        Text("pixels a side", "边长（像素）"),
        Text("share in %", "占比（%）"),
        (
            Line(Text("of the ways", "占路径"), across, tuple(100 * one / 4**n for one in counts)),
            Line(
                Text("weighed by channels", "按通道数加权"),
                across,
                tuple(100 * one for one in weighed),
            ),
        ),
        bars=True,
    )
    told = Text(
        "The class of functions is a mixture: with all other paths at weight 0 it holds every "
        "plain network of these kernels, and training finds which size counts where. Channels "
        "decide how much of each is on offer; here every block has the six numbers above. That a "
        "mixture generalises better does not follow from this; fewer weights for the same "
        "channels (above) leave less to overfit with. Which size a trained network relies on is "
        "for a trial: the experiment on its branches, below.",
        "这样的函数类是混合的：令其余路径的权重为 0，就得到由单一大小的卷积核组成的普通网络；"
        "哪里依靠哪种大小由训练决定，通道数则决定每种大小各占多少（这里每个块都用上面的六个数）。泛化更好并不能由此推出："
        "输出通道数相同时权重更少（见上），过拟合的余地也较小。"
        "训练后的网络依靠哪种大小，要靠训练来检验：见下方关于分支的实验。",
    )
    return [Sums(lines), table, chart, Said(told)]


def change(before: np.ndarray, after: np.ndarray) -> float:
    """How far two arrays are apart: ‖after − before‖ / ‖before‖; 0 where nothing was before."""
    length = float(np.linalg.norm(before))
    return float(np.linalg.norm(after - before)) / length if length else 0.0


def nudged(image: np.ndarray, right: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """An image in a black frame, and the same moved to the right with noise on every pixel."""
    before = padded(image, MARGIN)
    drawn = np.random.default_rng(0).standard_normal(before.shape)
    return before, np.roll(before, right, axis=1) + noise * drawn


def pooled(image: np.ndarray) -> np.ndarray:
    """3×3 maximum pooling of stride 1 that keeps the size."""
    return pool(padded(image, 1, -np.inf), "max", window=3, stride=1, padding=0)


def nudge(settings: InceptionSettings) -> list[Part]:
    """How much the output of each path changes where the image moves or has noise."""
    right, noise = settings.right, settings.noise

    def show(image: np.ndarray) -> list[Part]:
        before, after = nudged(image, right, noise)
        filtered = {
            name: change(*(correlate(padded(one, 1), kernel) for one in (before, after)))
            for name, kernel in (("mean", MEAN), ("sobel", SOBEL))
        }
        input_change = change(before, after)
        maxima = [pooled(one) for one in (before, after)]
        of_pooling = change(*maxima)
        rows = (
            (Text("1×1: as its input", "1×1：与输入相同"), _percent(input_change)),
            (
                Text(
                    "3×3 or 5×5 of random weights, on average: as its input",
                    "权重随机的 3×3 或 5×5，平均而言：与输入相同",
                ),
                _percent(input_change),
            ),
            (Text("3×3 that smooths (mean)", "平滑的 3×3（均值）"), _percent(filtered["mean"])),
            (
                Text("3×3 that finds edges (Sobel)", "检测边缘的 3×3（Sobel）"),
                _percent(filtered["sobel"]),
            ),
            (
                Text("3×3 maximum pooling, then 1×1", "3×3 最大池化，再 1×1"),
                _percent(of_pooling),
            ),
        )
        head = (
            Text("{n} px right, noise {s}", "右移 {n} 像素，噪声 {s}").format(
                n=right, s=few_digits(noise)
            ),
            Text("change of the output", "输出的变化"),
        )
        images = Images(
            tuple(visible(one) for one in (before, after, *maxima)),
            (
                Text("image", "图像"),
                Text("nudged", "扰动后"),
                Text("pooled", "池化"),
                Text("of the nudged", "扰动后的池化"),
            ),
            side=180,
        )
        return [images, Table(head, rows), Said(_verdict(input_change, of_pooling))]

    return list(of_picture(settings.source, settings.which, show))


def _percent(part: float) -> str:
    return f"{100 * part:.0f} %"


def _verdict(of_input: float, of_pooling: float) -> Text:
    told = Text(
        "A change is ‖after − before‖ / ‖before‖. A convolution is linear: over kernels with "
        "random weights it changes on average as its input does. The maximum is not linear: it "
        "stays where the brightest pixel of a window stays in it, and jumps where noise is the "
        "brightest. ",
        "变化指 ‖后 − 前‖ / ‖前‖。卷积是线性的：对权重随机的卷积核取平均，变化与输入一样大。"
        "最大值不是线性的：窗口内最亮的像素仍在窗口内时它不变，噪声最亮时它随之跳变。",
    )
    if of_input == 0:
        found = Text(
            "Here there is nothing to compare: the picture is black, or nothing was changed.",
            "这里无从比较：图片全黑，或没有任何改动。",
        )
    elif of_pooling < of_input:
        found = Text(
            "Here the pooling path forgives: {less} of its input's change is left.",
            "这里池化路径更稳定：变化只有输入的 {less}。",
        ).format(less=share(of_pooling, of_input))
    else:
        found = Text(
            "Here the pooling path is the more sensitive one: it changes {more} times as much as "
            "its input.",
            "这里池化路径反而更敏感：变化是输入的 {more} 倍。",
        ).format(more=few_digits(of_pooling / of_input))
    return Text(told.en + found.en, told.zh + found.zh)

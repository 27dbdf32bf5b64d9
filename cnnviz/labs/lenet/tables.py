"""LeNet-5's connection table, its counts, its codes, and images as a network reads them."""

import numpy as np
import torch

from cnnviz.data.images import augment, statistics
from cnnviz.labs.grids import Grid, Step, film
from cnnviz.labs.lenet.codes import COLUMNS, ROWS, codes
from cnnviz.labs.lenet.settings import LenetSettings
from cnnviz.labs.parts import Images, Part, Said, Sums, Table
from cnnviz.labs.pictures import SETS, class_names, examples
from cnnviz.numbers import few_digits
from cnnviz.text import Text, joined
from cnnviz.zoo.lenet import CONNECTIONS_C3

_COPIES = 6


def table(settings: LenetSettings) -> list[Part]:
    """The 16×6 table, a map of C3 a column as in the paper."""
    crosses = [["✕" if source in reads else "" for reads in CONNECTIONS_C3] for source in range(6)]
    grids = [
        Grid("S2", [[str(source)] for source in range(6)]),
        Grid(Text("maps 0 to 15 of C3", "C3 的特征图 0 到 15"), crosses),
    ]
    steps = []
    for at, reads in enumerate(CONNECTIONS_C3):
        count = len(reads)
        sources = ", ".join(map(str, reads))
        sum_of = f"5·5·{count} + 1 = {25 * count + 1}"
        steps.append(
            Step(
                Text(
                    f"map {at} reads {sources}: {sum_of} parameters",
                    f"特征图 {at} 读取 {sources}：{sum_of} 个参数".replace(", ", "、"),
                ),
                read=tuple((0, source, 0) for source in reads),
                written=tuple((1, source, at) for source in reads),
            )
        )
    words = Text(
        "Each map of C3 reads some maps of S2 only, so that different ones find different things.",
        "C3 的每张特征图只读取 S2 的一部分，使不同的图学到不同的东西。",
    )
    by_count = {n: sum(len(reads) == n for reads in CONNECTIONS_C3) for n in (3, 4, 6)}
    terms = [f"{maps}·(25·{n} + 1)" for n, maps in by_count.items()]
    values = [maps * (25 * n + 1) for n, maps in by_count.items()]
    wires = sum(map(len, CONNECTIONS_C3))
    full = 16 * (25 * 6 + 1)
    lines = (
        f"{' + '.join(terms)} = {' + '.join(map(str, values))} = {sum(values):,}",
        Text(
            f"crosses: {wires} of 16·6 = 96; with all of them 16·(25·6 + 1) = {full:,}",
            f"打叉处：16·6 = 96 个中的 {wires} 个；若全部相连则为 16·(25·6 + 1) = {full:,}",
        ),
    )
    return [film(grids, steps, words, step="step"), Sums(lines)]


def layers() -> tuple[tuple[str, str, int, str, int], ...]:
    """Each layer with parameters and connections, both as arithmetic and as numbers."""
    c3 = sum(25 * len(reads) + 1 for reads in CONNECTIONS_C3)
    return (
        ("C1", "(5·5 + 1)·6", 26 * 6, "156·28·28", 156 * 28 * 28),
        ("S2", "2·6", 12, "(2·2 + 1)·6·14·14", 5 * 6 * 14 * 14),
        ("C3", f"{c3:,}", c3, f"{c3:,}·10·10", c3 * 100),
        ("S4", "2·16", 32, "(2·2 + 1)·16·5·5", 5 * 16 * 25),
        ("C5", "(5·5·16 + 1)·120", 401 * 120, "48,120", 401 * 120),
        ("F6", "(120 + 1)·84", 121 * 84, "10,164", 121 * 84),
        ("output", "0", 0, "84·10", 840),
    )


def counts(settings: LenetSettings) -> list[Part]:
    """The paper's two counts, layer by layer."""
    every = layers()
    rows = tuple(
        (
            name if name != "output" else Text("output (codes are fixed)", "输出（编码固定）"),
            f"{params} = {total:,}" if params != f"{total:,}" else params,
            f"{wires} = {connections:,}" if wires != f"{connections:,}" else wires,
        )
        for name, params, total, wires, connections in every
    )
    params, connections = sum(row[2] for row in every), sum(row[4] for row in every)
    whole = (Text("together", "合计"), f"{params:,}", f"{connections:,}")
    told = Text(
        "A connection is one use of a weight or bias; a shared weight is one parameter with many "
        "connections. C5 has 5×5 kernels on maps of 5×5: each is used once, so that it is a "
        "convolution and a fully connected layer at once. On a larger image it would stay a "
        "convolution.",
        "每使用一次权重或偏置算一个连接；共享的权重是一个参数、多个连接。C5 在 5×5 的特征图上用 "
        "5×5 卷积核：每个只用一次，"
        "因此既是卷积层又是全连接层。图像更大时它仍是卷积层。",
    )
    head = (Text("layer", "层"), Text("parameters", "参数量"), Text("connections", "连接数"))
    return [Table(head, (*rows, whole)), Said(told)]


def noisy(digit: int, flipped: int) -> np.ndarray:
    """A digit's code (12, 7) with so many of its pixels flipped."""
    code: np.ndarray = codes()[digit].ravel().copy()
    places = np.random.default_rng(0).permutation(code.size)[:flipped]
    code[places] *= -1
    return code.reshape(ROWS, COLUMNS)


def distances(code: np.ndarray) -> list[float]:
    """Σ (x − w)² to each of the ten codes."""
    return [float(((code - one) ** 2).sum()) for one in codes()]


def rbf(settings: LenetSettings) -> list[Part]:
    """The codes, what F6 gives, and the distance to each code."""
    code = noisy(settings.digit, settings.flipped)
    found = distances(code)
    nearest = int(np.argmin(found))
    images = Images(
        (*(_ink(one) for one in codes()), _ink(code)),
        (*(str(n) for n in range(10)), Text("F6 gives", "F6 的输出")),
        side=84,
    )
    rows = tuple((str(n), str(int(value / 4)), few_digits(value)) for n, value in enumerate(found))
    head = (
        Text("digit i", "数字 i"),
        Text("pixels that differ", "不同的像素数"),
        "y_i = Σ (x_j − w_ij)²",
    )
    told = Text(
        "84 units are the 7·12 pixels of a bitmap, ink 1 and paper −1: each pixel that differs "
        "adds "
        "(1 − (−1))² = 4. The smallest distance wins: {nearest}, at {least}. Like signs have like "
        "codes, which helps where letters are mixed up. These bitmaps are our own; the paper's "
        "show all of ASCII.",
        "84 个单元就是 7·12 位图的像素，墨为 1、纸为 −1：每个不同的像素使距离增加 (1 − (−1))² = "
        "4。距离最小者胜出：{nearest}，为 {least}。"
        "形近的字符编码也相近，在字符易混时有用。这些位图是我们自己绘制的；论文中的涵盖全部 ASCII "
        "字符。",
    )
    return [
        images,
        Said(told.format(nearest=nearest, least=few_digits(found[nearest]))),
        Table(head, rows),
    ]


def _ink(code: np.ndarray) -> np.ndarray:
    return np.where(code > 0, 0, 255).astype(np.uint8)


def augmentation(settings: LenetSettings) -> list[Part]:
    """An image and six augmented copies, as training makes them."""
    image = examples(settings.augmented, 1)[settings.which]
    channels_first = image[None] if image.ndim == 2 else np.moveaxis(image, 2, 0)
    source = torch.tensor(channels_first)[None]
    copies = augment(
        source.repeat(_COPIES, 1, 1, 1).float(),
        flip=settings.flip,
        crop=settings.crop,
        colour=settings.colour,
        generator=torch.Generator().manual_seed(settings.seed),
    )
    shown = copies.clamp(0, 255).round().to(torch.uint8).numpy()
    pictures = [one[0] if one.shape[0] == 1 else np.moveaxis(one, 0, 2) for one in shown]
    differ = [round(float((copy - source[0].float()).abs().mean()), 1) for copy in copies]
    mean, std = statistics(source)
    names = class_names(settings.augmented)
    told = Text(
        "{name}: mean difference of a pixel to the original, of 255: {all}. Before training every "
        "image also loses the data set's mean and is divided by its standard deviation; this one "
        "alone has {mean} and {std} of 0 to 1.",
        "{name}：各像素与原图的平均差异（满幅 255）：{all}。训练前每幅图像还要减去数据集的均值、"
        "除以标准差；"
        "这一幅自身的均值与标准差为 {mean} 与 {std}（0 到 1）。",
    ).format(
        name=names[settings.which],
        all=joined([few_digits(value) for value in differ]),
        mean=few_digits(round(float(mean.mean()), 3)),
        std=few_digits(round(float(std.mean()), 3)),
    )
    images = Images(
        (image, *pictures),
        (Text("original", "原图"), *(str(n) for n in range(1, _COPIES + 1))),
        side=168,
    )
    return [images, Said(told)]


def gallery(settings: LenetSettings) -> list[Part]:
    """One example of each class."""
    found, names = examples(settings.shown, 1), class_names(settings.shown)
    height, width = found[0].shape[:2]
    kind = Text("grey", "灰度") if found[0].ndim == 2 else Text("colour", "彩色")
    told = Text(
        "{name}: {count} classes, {h}×{w} pixels, {kind}.",
        "{name}：{count} 类，{h}×{w} 像素，{kind}。",
    )
    return [
        Images(found, names, side=140),
        Said(
            told.format(name=SETS[settings.shown], count=len(names), h=height, w=width, kind=kind)
        ),
    ]

"""Squeeze and excitation on four maps of a picture, and its parameters."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from cnnviz.labs.channel_attention.settings import ChannelAttentionSettings
from cnnviz.labs.edges.filters import FILTERS
from cnnviz.labs.grids import Grid, Step, film, rows_of
from cnnviz.labs.parts import Images, Part, Said, Sums, Table
from cnnviz.labs.pictures import of_picture
from cnnviz.labs.windows import correlate
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits
from cnnviz.text import Text

_MAPS = {
    "sobel-x": Text("vertical edges", "竖直边缘"),
    "sobel-y": Text("horizontal edges", "水平边缘"),
    "blur": Text("brightness", "亮度"),
    "sharpen": Text("sharpened", "锐化"),
}


def maps_of(picture: np.ndarray) -> np.ndarray:
    """Four maps (4, H − 2, W − 2) of a picture, each a kernel of 3×3 and the size of its answer."""
    return np.stack([np.abs(correlate(picture, FILTERS[name])) / 4 for name in _MAPS])


def gate(
    maps: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Squeeze z, the units in the middle ReLU(W₁ z), and the weights σ(W₂ …) of maps (C, H, W)."""
    squeezed = maps.mean(axis=(1, 2))
    middle = np.maximum(first @ squeezed, 0)
    return squeezed, middle, 1 / (1 + np.exp(-np.clip(second @ middle, -500, 500)))


def weighed(settings: ChannelAttentionSettings) -> Sequence[Part]:
    """The maps of a picture before and after, and every number between."""
    layers = matrix(settings.first), matrix(settings.second)
    return of_picture(settings.source, settings.which, partial(_weighed, *layers))


def _weighed(first: np.ndarray, second: np.ndarray, picture: np.ndarray) -> list[Part]:
    maps = maps_of(picture)
    squeezed, middle, weights = gate(maps, first, second)
    scaled = maps * weights[:, None, None]
    brightest = float(maps.max()) or 1.0

    def shown(values: np.ndarray) -> np.ndarray:
        return np.round(255 * values / brightest).astype(np.uint8)

    names = tuple(_MAPS.values())
    before = Images(
        (np.round(255 * picture).astype(np.uint8), *map(shown, maps)),
        (Text("picture", "图片"), *names),
        side=160,
    )
    after = Images(
        tuple(map(shown, scaled)),
        tuple(
            Text(f"{name.en} × {few_digits(round(w, 3))}", f"{name.zh} × {few_digits(round(w, 3))}")
            for name, w in zip(names, map(float, weights), strict=True)
        ),
        side=160,
    )
    size = maps.shape[1] * maps.shape[2]
    rows = tuple(
        (
            name,
            f"{few_digits(float(one.sum()))} / {size} = {few_digits(round(float(z), 4))}",
            few_digits(round(float(w), 4)),
            few_digits(round(float(z * w), 4)),
        )
        for name, one, z, w in zip(names, maps, squeezed, weights, strict=True)
    )
    head = (
        Text("channel", "通道"),
        Text("squeeze: mean of the map z", "压缩：整张图的平均 z"),
        Text("excite: weight s", "激励：权重 s"),
        Text("mean after scaling", "加权后的平均"),
    )
    inner = "  ".join(_four(middle))
    lines = ("s = σ(W₂ · ReLU(W₁ · z))", f"ReLU(W₁ · z) = {inner}", "W₂ =", *rows_of(second))
    told = Text(
        "The mean of every whole map decides how much each channel counts: a pixel at one end of "
        "the image changes all the others. Here the weights are set by hand; a network learns "
        "them.",
        "每张图的整体平均值决定各通道的分量：图像一端的像素会影响其余所有像素。这里的权重是手工设定的；网络则自己学习。",
    )
    moving = _film(squeezed, middle, weights)
    return [before, moving, after, Table(head, rows), Sums(lines), Said(told)]


def _four(values: np.ndarray) -> list[str]:
    return [few_digits(round(float(value), 4)) for value in values]


def _film(squeezed: np.ndarray, middle: np.ndarray, weights: np.ndarray) -> Part:
    """Squeeze, excite and scale, a step each."""
    columns = (squeezed, middle, weights, squeezed * weights)
    names: tuple[Text | str, ...] = (
        Text("z: means", "z：平均值"),
        "ReLU(W₁z)",
        Text("s: weights", "s：权重"),
        Text("s·z: means", "s·z：平均值"),
    )
    grids = [
        Grid(name, [[cell] for cell in _four(values)])
        for name, values in zip(names, columns, strict=True)
    ]
    z, r, weight, means = ("  ".join(_four(values)) for values in columns)
    told = (
        Text(f"1. squeeze: the mean of each map, z = {z}", f"1. 压缩：每张图的平均值 z = {z}"),
        Text(f"2. excite: ReLU(W₁ · z) = {r}", f"2. 激励：ReLU(W₁ · z) = {r}"),
        Text(
            f"3. excite: s = σ(W₂ · ReLU(W₁ · z)) = {weight}",
            f"3. 激励：s = σ(W₂ · ReLU(W₁ · z)) = {weight}",
        ),
        Text(
            f"4. scale: each map times its weight; its mean is then s·z = {means}",
            f"4. 加权：每张图乘以它的权重，平均值变为 s·z = {means}",
        ),
    )
    read: tuple[tuple[int, ...], ...] = ((), (0,), (1,), (0, 2))
    steps = [
        Step(
            said,
            read=tuple((grid, row, 0) for grid in grids_read for row in range(len(columns[grid]))),
            written=tuple((at, row, 0) for row in range(len(columns[at]))),
        )
        for at, (said, grids_read) in enumerate(zip(told, read, strict=True))
    ]
    words = Text(
        "Four maps become four numbers, and these become four weights.",
        "四张图变成四个数，四个数再变成四个权重。",
    )
    return film(grids, steps, words, step="step")


def cost(settings: ChannelAttentionSettings) -> list[Part]:
    """Parameters of the two small layers."""
    c, r = settings.channels, settings.reduction
    width = c // r
    bare, full = 2 * c * width, 2 * c * width + width + c
    nine = 9 * c * c
    return [
        Sums(
            (
                f"C / r = {c} / {r} = {width}",
                Text(
                    f"W₁ and W₂: 2·{c}·{width} = {bare:,} weights",
                    f"W₁ 与 W₂：2·{c}·{width} = {bare:,} 个权重",
                ),
                Text(
                    f"with biases: + {width} + {c} = {full:,}",
                    f"含偏置：+ {width} + {c} = {full:,}",
                ),
                Text(
                    f"a 3×3 convolution of {c} channels: 9·{c}² = {nine:,}, "
                    f"{nine / bare:.1f} times as many",
                    f"{c} 个通道的 3×3 卷积：9·{c}² = {nine:,}，是它的 {nine / bare:.1f} 倍",
                ),
            )
        )
    ]

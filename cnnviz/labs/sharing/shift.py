"""Parameters of shared and of unshared weights, and what each layer makes of a shift."""

import numpy as np

from cnnviz.labs.parts import Images, Part, Said, Sums, Table
from cnnviz.labs.pictures import drawn, visible
from cnnviz.labs.pooling.sums import pool
from cnnviz.labs.sharing.settings import SharingSettings
from cnnviz.labs.windows import correlate
from cnnviz.numbers import few_digits, short
from cnnviz.text import Text

SIDE, MARGIN = 16, 7  # px of the drawing, and around it, so that a shift stays inside
KERNEL = np.array([[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]])  # Sobel
_TRIANGLE = 2
_UNITS = 32


def parameters(settings: SharingSettings) -> list[Part]:
    """Both counts as arithmetic."""
    side, hidden, k = settings.side, settings.hidden, settings.kernel
    c, o = settings.inputs, settings.outputs
    pixels = side * side
    dense, shared = pixels * hidden, k * k * c * o
    lines = (
        Text(
            f"fully connected: {side}·{side} = {pixels:,} pixels; {pixels:,}·{hidden:,} = "
            f"{dense:,} weights",
            f"全连接：{side}·{side} = {pixels:,} 个像素；{pixels:,}·{hidden:,} = {dense:,} 个权重",
        ),
        Text(
            f"convolution: {k}·{k}·{c}·{o} = {shared:,} weights + {o} biases = {shared + o:,}",
            f"卷积：{k}·{k}·{c}·{o} = {shared:,} 个权重 + {o} 个偏置 = {shared + o:,}",
        ),
        Text(
            f"local but not shared, one channel: a {k}×{k} kernel of its own for each of "
            f"{pixels:,} pixels: {pixels * k * k:,}",
            f"局部但不共享（单通道）：{pixels:,} 个像素各用一个 {k}×{k} 卷积核：{pixels * k * k:,}",
        ),
        Text(
            f"local and shared: one {k}×{k} kernel for all of them: {k * k}",
            f"局部且共享：所有像素共用一个 {k}×{k} 卷积核：{k * k}",
        ),
    )
    told = Text(
        "{dense} weights take {memory}B as float32. A convolution assumes that neighbours matter "
        "(locality) and that a pattern means the same anywhere (translation invariance). This is "
        "its inductive bias: right for photographs, wrong where the place itself says something.",
        "{dense} 个权重以 float32 存储需要 {memory}B。卷积假设相邻的像素才相关（局部性），"
        "且图案在哪里含义都一样（平移不变性）。"
        "这就是它的归纳偏置：对照片成立，在位置本身有含义的地方则不成立。",
    )
    return [Sums(lines), Said(told.format(dense=short(dense), memory=short(4 * dense)))]


def scene(right: int = 0, down: int = 0) -> np.ndarray:
    """A triangle on black, (30, 30), moved."""
    canvas = np.zeros((SIDE + 2 * MARGIN,) * 2)
    top, left = MARGIN + down, MARGIN + right
    canvas[top : top + SIDE, left : left + SIDE] = drawn(_TRIANGLE, SIDE)
    return canvas


def moved(image: np.ndarray, right: int, down: int) -> np.ndarray:
    """A map moved, with zeros where nothing comes from."""
    result = np.zeros_like(image)
    height, width = image.shape
    result[down:, right:] = image[: height - down, : width - right]
    return result


def fully_connected(image: np.ndarray) -> np.ndarray:
    """The outputs of 32 units with fixed random weights."""
    weights = np.random.default_rng(0).standard_normal((_UNITS, image.size))
    outputs: np.ndarray = weights @ image.ravel()
    return outputs


def distance(before: np.ndarray, after: np.ndarray) -> str:
    """How far two arrays are apart: ‖after − before‖ / ‖before‖ in percent."""
    apart = float(np.linalg.norm(after - before) / np.linalg.norm(before))
    return f"{100 * apart:.0f} %"


def shift(settings: SharingSettings) -> list[Part]:
    """The same drawing at two places, through a convolution, a pooling and a dense layer."""
    right, down, window = settings.right, settings.down, settings.window
    before, after = scene(), scene(right, down)
    maps = [correlate(image, KERNEL) for image in (before, after)]
    follows = float(np.abs(moved(maps[0], right, down) - maps[1]).max())
    strong = [np.abs(one) for one in maps]
    pooled = [pool(one, "max", window=window, stride=window, padding=0) for one in strong]
    whole = [float(one.max()) for one in strong]
    dense = [fully_connected(image) for image in (before, after)]
    images = Images(
        (
            visible(before),
            visible(after),
            visible(maps[0], signed=True),
            visible(maps[1], signed=True),
            visible(pooled[0]),
            visible(pooled[1]),
        ),
        (
            Text("image", "图像"),
            Text("moved", "平移后"),
            Text("convolution", "卷积"),
            Text("of the moved", "平移后的卷积"),
            Text("pooled", "池化"),
            Text("of the moved", "平移后的池化"),
        ),
        side=190,
    )
    rows = (
        (
            Text(
                "convolution: its map moved, less the map of the moved image",
                "卷积：平移其特征图，减去平移后图像的特征图",
            ),
            few_digits(follows),
            Text("follows", "随之平移"),
        ),
        (
            Text("change of the map, pixel by pixel", "特征图逐像素的变化"),
            distance(*strong),
            "",
        ),
        (
            Text("change after pooling {w}×{w}", "经 {w}×{w} 池化后的变化").format(w=window),
            distance(*pooled),
            Text("forgives a part", "部分容忍"),
        ),
        (
            Text("maximum over the whole map, before → after", "整张图的最大值，前 → 后"),
            f"{few_digits(whole[0])} → {few_digits(whole[1])}",
            Text("forgives all", "完全容忍"),
        ),
        (
            Text(
                "fully connected, 32 units: change of the outputs",
                "全连接（32 个单元）：输出的变化",
            ),
            distance(*dense),
            Text("does neither", "既不随动也不容忍"),
        ),
    )
    head = (
        Text("{right} px right, {down} px down", "右移 {right} 像素，下移 {down} 像素").format(
            right=right, down=down
        ),
        Text("number", "数值"),
        Text("meaning", "含义"),
    )
    told = Text(
        "A change is ‖after − before‖ / ‖before‖. A fully connected layer has a weight of its own "
        "for every pixel: moved, the drawing meets "
        "other weights, and what was learnt at one place is unknown at the other. Somebody in a "
        "striped shirt is found in any corner of a crowd by those who know the shirt; this layer "
        "would have to learn it for each corner anew.",
        "变化指 ‖后 − 前‖ / ‖前‖。全连接层的每个像素都有自己的权重：图案平移后遇到的是另一些权重，"
        "在一处学到的，在另一处并不知道。好比在人群里找穿条纹衫的人：认得条纹衫，他在哪个角落都能找到；"
        "而这样的层要为每个角落重新学一遍。",
    )
    return [images, Table(head, rows), Said(told)]

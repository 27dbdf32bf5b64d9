"""Pictures of what happens between maps: windows, pooling, groups, activations."""

from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from cnnviz.render.kinds import KINDS
from cnnviz.render.terms.sketch import CELL, Sketch
from cnnviz.text import Text

_IMAGE = np.arange(9).reshape(3, 3)
_KERNEL = np.arange(4).reshape(2, 2)
_SMALL = 14  # px, of a cell without a number
_FIRST = {(0, 0), (0, 1), (1, 0), (1, 1)}  # the window at the corner


def correlate(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Slide a kernel (h, w) over an image (H, W): (H − h + 1, W − w + 1)."""
    windows = sliding_window_view(image, kernel.shape)
    return np.asarray((windows * kernel).sum((2, 3)))


def convolution(s: Sketch) -> None:
    """0 … 8 with 0 … 3."""
    s.grid(0, 0, _IMAGE, marked=_FIRST)
    s.text(88, 36, "∗")
    s.grid(104, 12, _KERNEL, marked=_FIRST, kind="activation")
    s.text(170, 36, "=")
    s.grid(186, 12, correlate(_IMAGE, _KERNEL), marked={(0, 0)}, kind="merge", cell=28)


def kernel(s: Sketch) -> None:
    """Three 3×3 see 7 rows: from one cell back through three layers."""
    for layer, (side, text) in enumerate(((7, ""), (5, "3×3"), (3, "3×3"), (1, "3×3"))):
        x, y = layer * 62, (7 - side) * _SMALL / 2
        rows = np.zeros((side, 1))
        s.grid(x, y, rows, marked={(row, 0) for row in range(side)}, cell=_SMALL, digits=False)
        if text:
            s.arrow((x - 42, 49), (x - 6, 49))
            s.text(x - 24, 36, text)
    s.text(0 + 7, -12, "7")
    s.text(62 * 3 + 7, 28, "1")


def stride(s: Sketch) -> None:
    _windows(s, step=2)


def padding(s: Sketch) -> None:
    ring = np.pad(np.arange(1, 10).reshape(3, 3), 1)
    faint = {place for place, value in np.ndenumerate(ring) if value == 0}
    s.grid(0, 0, ring, faint=faint, cell=22)
    s.arrow((118, 55), (146, 55))
    s.grid(154, 22, np.zeros((3, 3)), cell=22, digits=False)
    s.text(187, 100, "3×3, p = 1")


def _windows(s: Sketch, step: int) -> None:
    """The windows of a 3×3 along seven pixels."""
    s.grid(0, 0, np.arange(7).reshape(1, 7))
    for number, start in enumerate(range(0, 5, step)):
        y = 36 + number * 20
        s.line([(start * CELL, y), ((start + 3) * CELL, y)], width=5, colour=_BLUE)
        s.text(7 * CELL + 14, y, str(start))


def feature_map(s: Sketch) -> None:
    edge = correlate(np.array([[0, 0, 1, 1, 0]] * 4), np.array([[1, -1]]))
    s.grid(0, 0, [[0, 0, 1, 1, 0]] * 4, cell=22)
    s.arrow((124, 44), (166, 44))
    s.text(145, 28, "1 −1")
    marked = {place for place, value in np.ndenumerate(edge) if value}
    s.grid(180, 0, edge, marked=marked, kind="merge", cell=22)


def shape(s: Sketch) -> None:
    end = s.maps(0, 0, 4, 64)
    s.text(20, 90, "C")
    s.text(end + 12, 46, "H")
    s.text(46, 92, "W")


def channels(s: Sketch) -> None:
    for x, count, side in ((0, 2, 60), (96, 4, 40), (180, 7, 24)):
        s.maps(x, (60 - side) / 2, count, side)
        s.text(x + side / 2 + count * 2, 86, str(2 ** (count // 2) * 32))


def receptive_field(s: Sketch) -> None:
    field = set(product(range(1, 6), range(1, 6)))
    s.grid(0, 0, np.zeros((7, 7)), marked=field, cell=_SMALL, digits=False)
    s.grid(160, 21, np.zeros((4, 4)), marked={(1, 1)}, kind="merge", cell=_SMALL, digits=False)
    for y, row in ((14, 35), (84, 49)):
        s.line([(84, y), (174, row)], width=1)
    s.text(128, 88, "r = 5")


def weight_sharing(s: Sketch) -> None:
    """Seven inputs, five outputs, three weights each in its own line style."""
    for out in range(5):
        for tap in range(3):
            colour = (_BLUE, KINDS["merge"].colour, KINDS["pooling"].colour)[tap]
            s.line([(out * 34 + 34, 20), ((out + tap) * 34, 76)], width=2.5, colour=colour)
    for number in range(7):
        s.circle(number * 34, 80, 8, KINDS["other"].colour)
    for number in range(5):
        s.circle(number * 34 + 34, 16, 8, _BLUE)


def translation_invariance(s: Sketch) -> None:
    for x, shift in ((0, 0), (120, 2)):
        pattern = {(1, shift), (1, shift + 1), (2, shift)}
        s.grid(x, 0, np.zeros((4, 4)), marked=pattern, cell=18, digits=False)
        s.arrow((x + 36, 76), (x + 36, 98))
        s.text(x + 36, 112, "max = 3")


def inductive_bias(s: Sketch) -> None:
    """Weights of one layer on 100×100 pixels with as many outputs, as powers of ten."""
    s.bars(0, 80, [8, np.log10(9)], most=8, names=["10⁸", "9"], wide=60)
    s.text(30, 8, Text("each to each", "两两相连")(s.language))
    s.text(98, 58, "3×3")


def fully_connected(s: Sketch) -> None:
    for left, right in product(range(4), range(3)):
        s.line([(150, left * 24), (220, 12 + right * 24)], width=1)
    s.grid(0, 24, np.arange(4).reshape(2, 2))
    s.arrow((58, 48), (90, 48))
    s.grid(104, -12, np.arange(4).reshape(4, 1))
    for left in range(4):
        s.circle(150, left * 24, 6, KINDS["linear"].colour)
    for right in range(3):
        s.circle(220, 12 + right * 24, 6, KINDS["linear"].colour)


def pooling(s: Sketch) -> None:
    windows = sliding_window_view(_IMAGE, (2, 2))
    s.grid(0, 0, _IMAGE, marked=_FIRST, kind="pooling")
    for y, name, values in ((-4, "max", windows.max((2, 3))), (48, "mean", windows.mean((2, 3)))):
        s.arrow((82, 36), (132, y + 20))
        s.text(158, y + 20, Text(name, {"max": "最大", "mean": "平均"}[name])(s.language))
        s.grid(186, y, values, marked={(0, 0)}, kind="merge", cell=20)


def global_average_pooling(s: Sketch) -> None:
    for y, rows in ((0, [[1, 3], [2, 6]]), (60, [[0, 4], [4, 0]])):
        s.grid(0, y, rows, kind="pooling", marked=_FIRST)
        s.arrow((58, y + 24), (100, y + 24))
        s.grid(110, y + 12, [[np.mean(rows)]], marked={(0, 0)}, kind="merge")


def groups(s: Sketch) -> None:
    _between(s, 4, lambda source, out: source // 2 == out // 2)


def separable(s: Sketch) -> None:
    _between(s, 3, lambda source, out: source == out)
    s.text(112, -16, Text("depthwise", "逐通道")(s.language), anchor="end")
    s.text(128, -16, "1×1", anchor="start")
    for source, out in product(range(3), range(3)):
        s.line([(120, source * 26), (220, out * 26)], width=1.2)
    for out in range(3):
        s.circle(220, out * 26, 8, _BLUE)


def shuffle(s: Sketch) -> None:
    order: list[int] = np.arange(6).reshape(2, 3).T.ravel().tolist()
    for out, source in enumerate(order):
        s.line([(20, source * 22), (140, out * 22)], width=1.5)
    for number, source in enumerate(order):
        for x, channel in ((0, number), (140, source)):
            kind = "convolution" if channel < 3 else "merge"
            s.grid(x, number * 22 - 11, [[channel]], marked={(0, 0)}, kind=kind, cell=22)


def _between(s: Sketch, count: int, reads: Callable[[int, int], bool]) -> None:
    """Channels on the left, channels on the right, and a line where one reads the other."""
    for source, out in product(range(count), range(count)):
        if reads(source, out):
            s.line([(0, source * 26), (120, out * 26)], width=1.8)
    for number in range(count):
        s.circle(0, number * 26, 8, KINDS["other"].colour)
        s.circle(120, number * 26, 8, KINDS["grouped convolution"].colour)


def factorisation(s: Sketch) -> None:
    s.grid(0, 0, np.zeros((5, 5)), marked=set(product(range(5), range(5))), cell=16, digits=False)
    s.text(40, 94, "25")
    s.text(98, 40, "→")
    nine = set(product(range(3), range(3)))
    for x in (116, 186):
        s.grid(x, 16, np.zeros((3, 3)), marked=nine, kind="merge", cell=16, digits=False)
    s.text(174, 40, "→")
    s.text(175, 94, f"{9} + {9} = {2 * 9}")


def connection_table(s: Sketch) -> None:
    """The first six maps of C3 read three neighbours of S2 each."""
    reads = {((out + step) % 6, out) for out in range(6) for step in range(3)}
    s.grid(34, 16, np.zeros((6, 6)), marked=reads, cell=18, digits=False)
    s.text(14, 70, "S2")
    s.text(88, 2, "C3")


def connections(s: Sketch) -> None:
    weight_sharing(s)
    s.text(102, 104, Text("3 weights, 5·3 = 15 uses", "3 个权重，使用 5·3 = 15 次")(s.language))


def rbf(s: Sketch) -> None:
    """Distances to the codes of three classes; the nearest wins."""
    for x, y, name in ((0, 0, "w₀"), (150, 10, "w₁"), (80, 84, "w₂")):
        near = name == "w₁"
        s.line([(112, 34), (x, y)], width=3 if near else 1)
        s.circle(x, y, 6, KINDS["linear"].colour)
        s.text(x + 18, y, name, bold=near)
    s.circle(112, 34, 5, KINDS["merge"].colour)
    s.text(96, 40, "x")


def width_multiplier(s: Sketch) -> None:
    for x, count, name in ((0, 8, "α = 1"), (120, 4, "α = ½")):
        s.maps(x, 0, count, 34)
        s.text(x + 35, 90, name)


def compound_scaling(s: Sketch) -> None:
    for x, count, side, name in ((0, 3, 26, "φ = 0"), (90, 5, 46, "φ = 3")):
        s.maps(x, (46 - side) / 2, count, side)
        s.text(x + (count * 5 + side) / 2, 90, name)
    s.arrow((48, 28), (80, 28))


def width_rule(s: Sketch) -> None:
    """A line and its powers of two, block by block."""
    line = [1 + 0.9 * block for block in range(9)]
    steps = [2.0 ** round(np.log2(width)) for width in line]
    s.bars(0, 84, steps, most=max(steps), wide=14)
    points = [(22 * block + 7, 84 - 64 * width / max(steps)) for block, width in enumerate(line)]
    s.line(points, width=2.5, colour=KINDS["unknown"].colour)


def expand_ratio(s: Sketch) -> None:
    for x, high in ((0, 20), (70, 96), (140, 20)):
        s.rect(x, 48 - high / 2, 26, high, _BLUE)
    s.arrow((28, 48), (68, 48))
    s.arrow((98, 48), (138, 48))
    s.text(48, 30, "× t")
    s.line([(13, 62), (13, 112), (153, 112), (153, 60)], colour=KINDS["merge"].colour, width=3)


def bias(s: Sketch) -> None:
    s.curve(lambda x: 0.6 * x, reach=(-2, 2), top=(-1.5, 2.5), kind="normalisation")
    s.curve(lambda x: 0.6 * x + 1, reach=(-2, 2), top=(-1.5, 2.5), axes=False)
    s.text(84, 4, "+ b")


def activation(s: Sketch) -> None:
    s.curve(lambda x: np.maximum(x, 0), reach=(-3, 3), top=(-1, 3))
    s.curve(np.tanh, reach=(-3, 3), top=(-1, 3), kind="merge", axes=False)
    s.text(128, 8, "ReLU", anchor="start")
    s.text(132, 40, "tanh", anchor="start")


def saturation(s: Sketch) -> None:
    """The sigmoid and four times its slope."""
    s.curve(_sigmoid, reach=(-6, 6), top=(0, 1))
    s.curve(lambda x: _sigmoid(x) * (1 - _sigmoid(x)), reach=(-6, 6), top=(0, 1), kind="unknown")
    s.text(134, 6, "σ(x)", anchor="start")
    s.text(134, 54, "σ′(x)", anchor="start")


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-x)))


_BLUE = KINDS["convolution"].colour

"""Pictures of how networks are put together: parts, blocks, shortcuts, branches."""

from collections.abc import Sequence
from functools import partial

import numpy as np

from cnnviz.render.kinds import EDGES, KINDS
from cnnviz.render.terms.sketch import Sketch
from cnnviz.text import Text

_CONV, _BN, _RELU = ("3×3", "convolution"), ("BN", "normalisation"), ("ReLU", "activation")
_POINT = ("1×1", "convolution")
_SHORTCUT = next(iter(EDGES.values())).colour
_STEM, _HEAD = Text("stem", "初始层"), Text("head", "分类头")
_STAGE, _BLOCK = Text("stage", "阶段"), Text("block", "块")


def family(s: Sketch) -> None:
    for x, text in ((0, "121"), (70, "169"), (140, "201")):
        s.box(x, 70, text, "block", width=52)
        s.line([(96, 16), (x + 26, 56)])
    s.box(52, 2, "DenseNet", "convolution", width=88)


def stem(s: Sketch) -> None:
    _parts(s, (_STEM, Text("body", "主体"), _HEAD), marked=0)


def head(s: Sketch) -> None:
    s.maps(0, 0, 4, 44)
    s.arrow((66, 30), (100, 30))
    s.bars(110, 60, [1, 5, 2], most=5, kind="linear", names=["0", "1", "2"])


def stage(s: Sketch) -> None:
    for x, count, side in ((0, 3, 56), (118, 3, 28)):
        for number in range(count):
            s.rect(x + number * 34, (60 - side) / 2, 26, side, KINDS["block"].colour)
        s.text(x + 47, 78, f"{_STAGE(s.language)} {1 if x == 0 else 2}")
    s.arrow((98, 30), (116, 30))


def depths(s: Sketch) -> None:
    """Boxes for 2-3-2."""
    x = 0
    for number, count in enumerate((2, 3, 2)):
        high = 56 - 16 * number
        for _ in range(count):
            s.rect(x, (60 - high) / 2, 22, high, KINDS["convolution"].colour)
            x += 28
        s.text(x - 14 * count - 3, 76, str(count))
        x += 16


def depth(s: Sketch) -> None:
    """The longest path of a branched graph has three weighted layers."""
    s.chain(0, 50, "x", _CONV, ("3×3", "convolution"), ("+", "merge"), ("fc", "linear"))
    s.arrow((10, 36), (10, 6), (155, 6), (155, 34), colour=_SHORTCUT)
    s.text(110, 90, "1 + 1 + 1 = 3")


def bottleneck(s: Sketch) -> None:
    for x, high, text in ((0, 92, "256"), (74, 34, "64"), (140, 34, "64"), (206, 92, "256")):
        s.rect(x, 46 - high / 2, 32, high, KINDS["convolution"].colour)
        s.text(x + 16, 46, text, ink=KINDS["convolution"].ink)
    for x, text in ((53, "1×1"), (123, "3×3"), (189, "1×1")):
        s.text(x, 104, text)


def residual(s: Sketch) -> None:
    _around(s, "F(x)", "+")


def identity_mapping(s: Sketch) -> None:
    _around(s, "F(x) = 0", "+")
    s.text(205, 68, "x")


def preactivation(s: Sketch) -> None:
    ends = s.chain(0, 60, "x", _BN, _RELU, _CONV, ("+", "merge"))
    _shortcut(s, 8, (ends[-1][0] + ends[-1][1]) / 2, 60)


def _around(s: Sketch, inside: str, merge: str) -> None:
    ends = s.chain(0, 60, "x", (inside, "convolution"), (merge, "merge"))
    _shortcut(s, 8, (ends[-1][0] + ends[-1][1]) / 2, 60)
    end = ends[-1][1]
    s.arrow((end, 60), (end + 26, 60))


def _shortcut(s: Sketch, start: float, end: float, y: float) -> None:
    s.arrow((start, y - 14), (start, y - 48), (end, y - 48), (end, y - 14), colour=_SHORTCUT)


def dense_block(s: Sketch) -> None:
    """Four maps, each read by all layers after it."""
    places = [0, 58, 116, 174]
    arcs = [(a, b) for a in places for b in places if b > a]
    s.arcs(arcs, 60, colour=_SHORTCUT)
    for number, x in enumerate(places):
        s.box(x - 18, 74, f"x{'₀₁₂₃'[number]}", "convolution", width=36)


def growth_rate(s: Sketch) -> None:
    """Channels that four layers read: k₀ and k more each."""
    for layer in range(4):
        y = layer * 24
        s.rect(0, y, 60, 18, KINDS["other"].colour)
        for new in range(layer):
            s.rect(60 + new * 30, y, 30, 18, KINDS["merge"].colour)
        s.text(76 + layer * 30, y + 9, "k₀" + (f" + {layer}k" if layer else ""), anchor="start")


def compression(s: Sketch) -> None:
    s.rect(0, 0, 24, 96, KINDS["merge"].colour)
    s.rect(130, 24, 24, 48, KINDS["merge"].colour)
    s.arrow((30, 48), (124, 48))
    s.text(77, 32, "θ = 0.5")
    s.text(12, 112, "m")
    s.text(142, 112, "⌊θm⌋")


def bottleneck_ratio(s: Sketch) -> None:
    for x, high, text in ((0, 96, "C"), (80, 60, "4k"), (160, 15, "k")):
        s.rect(x, 48 - high / 2, 26, high, KINDS["convolution"].colour)
        s.text(x + 13, 112, text)
    s.text(53, 40, "1×1")
    s.text(133, 40, "3×3")


def transition(s: Sketch) -> None:
    s.chain(0, 0, _BN, _RELU, _POINT)
    s.arrow((87, 14), (87, 36))
    s.box(60, 52, "avg 2×2", "pooling")


def split(s: Sketch) -> None:
    _branches(s, (("1×1",), ("1×1", "3×3"), ("1×1", "5×5"), ("max", "1×1")))


def _branches(s: Sketch, branches: Sequence[Sequence[str]]) -> None:
    middle = (len(branches) - 1) * 17
    for number, branch in enumerate(branches):
        y, x = number * 34, 40.0
        s.line([(8, middle), (30, y), (40, y)])
        for text in branch:
            s.box(x, y, text, "pooling" if text == "max" else "convolution", width=50)
            x += 62
        s.line([(x - 12, y), (176, y), (200, middle)])
    s.box(200, middle, "C", "merge", width=30)


def concatenation(s: Sketch) -> None:
    for y, sign in ((0, "+"), (64, "C")):
        s.rect(0, y, 16, 40, KINDS["convolution"].colour)
        s.rect(60, y, 16, 40, KINDS["merge"].colour)
        s.text(38, y + 20, sign, bold=True)
        s.arrow((84, y + 20), (114, y + 20))
    s.rect(122, 0, 16, 40, KINDS["normalisation"].colour)
    s.rect(122, 64, 16, 40, KINDS["convolution"].colour)
    s.rect(138, 64, 16, 40, KINDS["merge"].colour)


def auxiliary_classifier(s: Sketch) -> None:
    ends = s.chain(0, 70, ("3a–4a", "block"), ("4b–4d", "block"), ("4e–5b", "block"))
    for _, end in ends[:2]:
        s.arrow((end + 10, 70), (end + 10, 30))
        s.text(end + 14, 14, "× 0.3")


def squeeze_excite(s: Sketch) -> None:
    s.maps(0, 30, 3, 40)
    ends = s.chain(70, 10, (Text("mean", "平均")(s.language), "pooling"), ("fc²", "linear"))
    s.line([(25, 30), (25, 10), (70, 10)])
    s.arrow((54, 60), (206, 60))
    s.arrow((ends[-1][1], 10), (220, 10), (220, 46))
    s.box(206, 60, "×", "merge", width=28)


def ensemble(s: Sketch) -> None:
    for number in range(3):
        s.box(0, number * 34, f"{_BLOCK(s.language)} {number + 1}", "block", width=70)
        s.arrow((70, number * 34), (120, 34))
    s.box(122, 34, Text("mean", "平均")(s.language), "merge")


def degradation(s: Sketch) -> None:
    """No data: two falling errors, the deeper plain net's above."""
    for level, kind, name, place in ((0.55, "unknown", "56", 26), (0.35, "convolution", "20", 62)):
        s.curve(
            partial(_falling, level=level),
            reach=(0, 1),
            top=(0, 1),
            kind=kind,
            axes=level > 0.5,
        )
        s.text(134, place, name, anchor="start")
    s.text(66, -14, Text("training error", "训练误差")(s.language))


def _falling(x: np.ndarray, level: float) -> np.ndarray:
    """From 1 towards a level."""
    return np.asarray(level + (1 - level) * np.exp(-4 * x))


def _parts(s: Sketch, names: Sequence[Text], marked: int) -> None:
    s.chain(
        0,
        0,
        *(
            (name(s.language), "convolution" if number == marked else "block")
            for number, name in enumerate(names)
        ),
    )

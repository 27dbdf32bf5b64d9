"""Pictures of training: what a network is told, how it learns, and what goes wrong."""

from functools import partial
from itertools import pairwise

import numpy as np

from cnnviz.render.kinds import KINDS
from cnnviz.render.terms.sketch import Sketch
from cnnviz.text import Text

_BLUE, _RED = KINDS["convolution"].colour, KINDS["unknown"].colour
_CLASSES = ("cat", "dog", "car")
_SCORES = np.array([2.0, 1.0, 0.1])
_TRAIN, _TEST = Text("training", "训练"), Text("test", "测试")


def softmax_of(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())


def normalised(values: np.ndarray, axis: int | tuple[int, ...] | None = None) -> np.ndarray:
    """Mean 0 and variance 1 along the axes."""
    mean, deviation = values.mean(axis, keepdims=True), values.std(axis, keepdims=True)
    return np.asarray((values - mean) / deviation)


def bell(x: np.ndarray, middle: float = 0, width: float = 0.5) -> np.ndarray:
    """A bell curve of half the area of a density; of width 0.5 it is 1 in the middle."""
    return np.asarray(np.exp(-(((x - middle) / width) ** 2) / 2) * 0.5 / width)


def softmax(s: Sketch) -> None:
    s.grid(0, 0, _SCORES.reshape(3, 1), cell=30)
    s.arrow((36, 45), (72, 45))
    for number, share in enumerate(softmax_of(_SCORES)):
        s.rect(80, number * 30 + 4, 110 * share, 22, _BLUE)
        s.text(86 + 110 * share, number * 30 + 15, f"{100 * share:.0f} %", anchor="start")


def loss(s: Sketch) -> None:
    s.curve(lambda p: -np.log(p), reach=(0.05, 1), top=(0, 3))
    s.text(76, 10, "−log p", anchor="start")
    s.text(122, 90, "p = 1")


def top5(s: Sketch) -> None:
    """Eight guesses by score, the right one fourth."""
    scores = [9, 7, 6, 5, 4, 2, 1.5, 1]
    s.bars(0, 70, scores, most=9, wide=16, kind="normalisation")
    s.rect(72, 70 - 64 * 5 / 9, 16, 64 * 5 / 9, KINDS["pooling"].colour)
    s.line([(116, 0), (116, 84)], width=2, colour=_RED)
    s.text(58, 88, "top-5")
    s.text(80, 22, "✓")


def overfitting(s: Sketch) -> None:
    s.curve(lambda x: np.exp(-3 * x), reach=(0, 1), top=(0, 1))
    s.curve(
        lambda x: 0.35 + 0.65 * np.exp(-6 * x) + 0.5 * np.maximum(x - 0.4, 0),
        reach=(0, 1),
        top=(0, 1),
        kind="unknown",
        axes=False,
    )
    s.text(134, 66, _TRAIN(s.language), anchor="start")
    s.text(134, 24, _TEST(s.language), anchor="start")


def data_split(s: Sketch) -> None:
    for x, width, text, kind in (
        (0, 130, _TRAIN, "convolution"),
        (130, 60, Text("validation", "验证"), "grouped convolution"),
        (190, 60, _TEST, "merge"),
    ):
        s.rect(x, 0, width, 34, KINDS[kind].colour)
        s.text(x + width / 2, 50, text(s.language))


def backpropagation(s: Sketch) -> None:
    ends = s.chain(0, 20, "x", ("1", "convolution"), ("2", "convolution"), ("L", "unknown"))
    for (_, left), (right, _) in pairwise(ends[1:]):
        s.arrow((right, 52), (left, 52), colour=_RED, width=2.5)
    s.text(62, 72, "∂L/∂w₁")
    s.text(130, 72, "∂L/∂w₂")


def gradient(s: Sketch) -> None:
    s.curve(lambda x: x**2, reach=(-2, 2), top=(0, 4), axes=False)
    s.arrow((20, 30), (46, 62), colour=_RED, width=2.5)
    s.circle(16, 24, 5, KINDS["merge"].colour)


def vanishing_gradient(s: Sketch) -> None:
    """0.25, the sigmoid's steepest slope, to the power of layers passed."""
    shares = [0.25**layers for layers in range(4)]
    names = [f"{share:.2g}" for share in reversed(shares)]
    s.bars(0, 64, shares[::-1], most=1, kind="unknown", names=names, wide=44)
    s.arrow((200, -8), (0, -8), colour=_RED)


def covariate_shift(s: Sketch) -> None:
    for middle, kind in ((-1.6, "convolution"), (0, "grouped convolution"), (1.8, "merge")):
        s.curve(
            partial(bell, middle=middle),
            reach=(-3, 3),
            top=(0, 1.1),
            kind=kind,
            axes=kind == "convolution",
        )
    s.arrow((34, -8), (94, -8))


def batch_norm(s: Sketch) -> None:
    """Of a batch of four."""
    batch = np.array([1.0, 2.0, 3.0, 6.0])
    s.grid(0, 0, batch.reshape(4, 1), marked={(row, 0) for row in range(4)}, kind="other")
    s.arrow((30, 48), (84, 48))
    s.text(57, 32, "μ, σ²")
    s.grid(92, -24, normalised(batch).reshape(4, 1), cell=36)
    s.arrow((138, 48), (178, 48))
    s.text(202, 48, "γ, β")


def running_average(s: Sketch) -> None:
    """Batch means and their average with momentum 0.1, from 0 on."""
    means = np.array([5, 3, 6, 4, 5, 3, 5, 4, 6, 4, 5, 4], dtype=float)
    average, averages = 0.0, []
    for mean in means:
        average = 0.9 * average + 0.1 * mean
        averages.append(average)
    for number, mean in enumerate(means):
        s.circle(number * 16, 80 - mean * 12, 3.5, KINDS["normalisation"].colour)
    points = [(number * 16, 80 - value * 12) for number, value in enumerate(averages)]
    s.line(points, width=2.5, colour=_BLUE)
    s.line([(-6, 80), (186, 80)], width=1)


def layer_norm(s: Sketch) -> None:
    """Rows are images, columns channels: one column, one row, half a row."""
    column, row = {(line, 1) for line in range(4)}, {(1, place) for place in range(4)}
    half = {(1, 0), (1, 1)}
    for x, marked, name in ((0, column, "BN"), (92, row, "LN"), (184, half, "GN")):
        s.grid(x, 0, np.zeros((4, 4)), marked=marked, kind="normalisation", cell=18, digits=False)
        s.text(x + 36, 88, name)


def local_response_norm(s: Sketch) -> None:
    for number in range(9):
        near = 2 <= number <= 6
        kind = "unknown" if number == 4 else "normalisation" if near else "other"
        s.rect(number * 20, 0 if number == 4 else 6, 18, 52 if number == 4 else 40, _fill(kind))
    s.text(90, 72, "n = 5")


def _fill(kind: str) -> str:
    return KINDS[kind].colour


def dropout(s: Sketch) -> None:
    for number in range(12):
        x, y = number % 6 * 32, number // 6 * 40
        off = number in (1, 4, 6, 9, 11)
        s.circle(x, y, 11, "none" if off else _BLUE)
        if off:
            s.line([(x - 7, y - 7), (x + 7, y + 7)])


def stochastic_depth(s: Sketch) -> None:
    ends = s.chain(0, 40, "x", *(("F", "convolution"),) * 2, ("F", "other"), ("F", "convolution"))
    left, right = ends[3]
    s.arrow((left - 13, 40), (left - 13, 8), (right + 13, 8), (right + 13, 36), colour=_RED)


def layer_scale(s: Sketch) -> None:
    ends = s.chain(0, 40, "x", ("F", "convolution"), ("× γ", "merge"), ("+", "merge"))
    (_, start), (left, right) = ends[0], ends[-1]
    middle = (left + right) / 2
    s.arrow((start + 6, 40), (start + 6, 8), (middle, 8), (middle, 26))


def epoch(s: Sketch) -> None:
    for number in range(5):
        s.rect(number * 38, 0, 32, 30, KINDS["block"].colour)
        s.arrow((number * 38 + 16, 34), (number * 38 + 16, 58))
    s.text(92, 72, Text("5 steps = 1 epoch", "5 步 = 1 轮")(s.language))


def seed(s: Sketch) -> None:
    """Three numbers of numpy's generator begun with 7, twice."""
    for y in (0, 46):
        numbers = np.random.default_rng(7).integers(0, 10, (1, 4))
        s.text(10, y + 12, "7")
        s.arrow((22, y + 12), (52, y + 12))
        s.grid(60, y, numbers)


def optimiser(s: Sketch) -> None:
    plain = [(0, 10), (24, 70), (48, 18), (72, 64), (96, 24), (120, 58)]
    s.line(plain, width=1.5, colour=_RED)
    s.arrow((0, 10), (30, 56), (64, 46), (104, 42), (150, 42), width=2.5, colour=_BLUE)
    s.circle(160, 42, 5, KINDS["merge"].colour)


def learning_rate(s: Sketch) -> None:
    s.curve(lambda x: 0.5 * (1 + np.cos(np.pi * x)), reach=(0, 1), top=(0, 1))
    s.curve(lambda x: 0.1 ** np.floor(3 * x), reach=(0, 1), top=(0, 1), kind="merge", axes=False)
    s.text(-12, 0, "η")


def initialisation(s: Sketch) -> None:
    for width, kind in ((0.35, "convolution"), (1.2, "merge")):
        s.curve(
            partial(bell, width=width),
            reach=(-3, 3),
            top=(0, 1.5),
            kind=kind,
            axes=width < 1,
        )
    s.text(84, 10, "σ = √(2/n)", anchor="start")


def weight_decay(s: Sketch) -> None:
    s.bars(0, 64, [0.9**step for step in range(0, 24, 4)], most=1, wide=20)
    s.text(112, -10, "w ← (1 − ηλ) w")


def label_smoothing(s: Sketch) -> None:
    for x, right, wrong in ((0, 1.0, 0.0), (152, 0.9, 0.05)):
        targets = [wrong, right, wrong]
        s.bars(x, 64, targets, most=1, wide=32, names=[f"{target:g}" for target in targets])
    s.text(132, 36, "→")


def augmentation(s: Sketch) -> None:
    letter = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0], [1, 0, 0]])
    framed = np.pad(letter, ((0, 0), (0, 1)))
    for x, image in ((0, framed), (96, framed[:, ::-1]), (192, np.roll(framed, 1, axis=1))):
        marked = {place for place, value in np.ndenumerate(image) if value}
        s.grid(x, 0, image, marked=marked, cell=18, digits=False)


def precision(s: Sketch) -> None:
    for y, bits in ((0, 32), (34, 16)):
        s.rect(0, y, bits * 5, 22, _BLUE)
        s.text(bits * 5 + 8, y + 11, f"float{bits}", anchor="start")


def end_to_end(s: Sketch) -> None:
    s.chain(0, 0, "x", ("SIFT, HOG", "other"), ("SVM", "linear"))
    s.chain(0, 48, "x", ("CNN", "convolution"), ("fc", "linear"))


def transfer(s: Sketch) -> None:
    ends = s.chain(0, 0, ("CNN", "convolution"), ("1000", "linear"))
    s.arrow((ends[0][0] + 24, 14), (ends[0][0] + 24, 40))
    s.chain(0, 56, ("CNN", "convolution"), ("10", "merge"))


def tasks(s: Sketch) -> None:
    for x, name in (
        (0, Text("class", "分类")),
        (92, Text("box", "检测")),
        (184, Text("pixels", "分割")),
    ):
        s.rect(x, 0, 72, 60, "none")
        s.text(x + 36, 76, name(s.language))
        s.circle(x + 40, 32, 15, KINDS["merge"].colour if x == 184 else "none")
    s.line([(113, 13), (151, 13), (151, 51), (113, 51), (113, 13)], width=3, colour=_RED)
    s.text(40, 32, "A")


def hebbian(s: Sketch) -> None:
    for y, on in ((0, True), (34, True), (68, False)):
        kind = "activation" if on else "other"
        s.circle(0, y, 10, KINDS[kind].colour)
        s.line([(12, y), (108, 34)], width=4 if on else 1)
    s.circle(120, 34, 12, KINDS["activation"].colour)


def mnist(s: Sketch) -> None:
    seven = [[1, 1, 1, 1], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0], [0, 1, 0, 0]]
    image = np.pad(seven, 1)
    ink = {place for place, value in np.ndenumerate(image) if value}
    s.grid(0, 0, image, marked=ink, kind="normalisation", cell=14, digits=False)
    s.text(130, 30, "28×28")
    s.text(130, 56, "→ 7")


def imagenet(s: Sketch) -> None:
    s.bars(
        0,
        64,
        [25.8, 15.3, 6.67, 3.57],
        most=25.8,
        names=["’11", "’12", "’14", "’15"],
        wide=34,
    )
    s.text(130, 4, "top-5 %")

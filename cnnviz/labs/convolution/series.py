"""Convolution along one axis: over the samples of a sound, and over the words of a sentence."""

import numpy as np

from cnnviz.labs.convolution.settings import ConvolutionSettings
from cnnviz.labs.grids import Grid, Step, film, numbers
from cnnviz.labs.parts import Chart, Line, Part, Said, Sound, Table
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits
from cnnviz.text import Text

SAMPLES = 64
RATE = 8000  # samples a second, as a telephone's; the 64 are heard 125 times over
_LOUD = 0.5  # of what a loudspeaker can do


def tone(frequency: int, samples: int = SAMPLES) -> np.ndarray:
    """A sine of that many oscillations."""
    return np.sin(2 * np.pi * frequency * np.arange(samples) / samples)


def gain(kernel: np.ndarray, frequency: int, samples: int = SAMPLES) -> float:
    """By how much a kernel makes a tone louder: |Σ w_n · e^(iωn)|, ω = 2π · frequency / samples."""
    angle = 2j * np.pi * frequency / samples * np.arange(len(kernel))
    return float(abs(np.sum(kernel * np.exp(angle))))


def filtered(signal: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """The cross-correlation of a signal with a kernel, without padding."""
    return np.correlate(signal, kernel, mode="valid")


def sound(settings: ConvolutionSettings) -> list[Part]:
    """Two tones together, and what a kernel leaves of each."""
    kernel = matrix(settings.filter)[0]
    signal = tone(settings.low) + tone(settings.high)
    result = filtered(signal, kernel)
    chart = Chart(
        Text("Two tones together, before and after", "两个音叠加，卷积前后"),
        Text("sample", "采样点"),
        Text("value", "值"),
        (
            Line(Text("before", "卷积前"), tuple(range(SAMPLES)), tuple(signal)),
            Line(Text("after", "卷积后"), tuple(range(len(result))), tuple(result)),
        ),
    )
    rows = tuple(
        (
            name,
            f"{frequency}",
            f"{frequency * RATE // SAMPLES:,} Hz",
            "1",
            few_digits(round(gain(kernel, frequency), 4)),
        )
        for name, frequency in (
            (Text("first tone", "第一个音"), settings.low),
            (Text("second tone", "第二个音"), settings.high),
        )
    )
    head = (
        "",
        Text("oscillations", "振动次数"),
        Text("heard as", "听到的频率"),
        Text("height before", "卷积前的振幅"),
        Text("height after", "卷积后的振幅"),
    )
    told = Text(
        "{count} weights are shared by all {positions} positions: each value after is made of "
        "{count} neighbours. A sound has one axis, time; a kernel that has been learnt finds a "
        "click or a tone wherever it comes.",
        "{count} 个权重由全部 {positions} 个位置共享：卷积后的每个值由 {count} 个相邻采样点得到。"
        "声音只有时间一个轴；学到的卷积核能在任何时刻找到某个音或某次敲击。",
    )
    return [
        chart,
        *heard(signal, kernel),
        Table(head, rows),
        Said(told.format(count=len(kernel), positions=len(result))),
    ]


def heard(signal: np.ndarray, kernel: np.ndarray) -> list[Sound]:
    """A second of the signal over and over, before and after, as loud as each is to the other."""
    before = np.tile(signal, RATE // len(signal))
    pair = before, filtered(before, kernel)
    loudest = max(float(np.abs(one).max()) for one in pair) or 1.0
    names = (Text("before", "卷积前"), Text("after", "卷积后"))
    return [Sound(name, one / loudest * _LOUD, RATE) for name, one in zip(names, pair, strict=True)]


def matches(sentence: list[str], pattern: list[str]) -> np.ndarray:
    """How many words of the pattern stand at their place, for each window of the sentence.

    This is the one-dimensional convolution of one-hot words, a channel for each word of the
    vocabulary, with a kernel that has a 1 for each word of the pattern.
    """
    vocabulary = sorted({*sentence, *pattern})
    image = np.array([[word == known for known in vocabulary] for word in sentence], dtype=float)
    kernel = np.array([[word == known for known in vocabulary] for word in pattern], dtype=float)
    places = len(sentence) - len(pattern) + 1
    return np.array([(image[at : at + len(pattern)] * kernel).sum() for at in range(places)])


def words(settings: ConvolutionSettings) -> list[Part]:
    """A kernel that looks for an n-gram in a sentence."""
    sentence, pattern = settings.sentence.split(), settings.pattern.split()
    found = matches([word.lower() for word in sentence], [word.lower() for word in pattern])
    grids = [
        Grid(Text("sentence", "句子"), [[word] for word in sentence], after="⋆"),
        Grid(Text("n-gram", "n 元词组"), [[word] for word in pattern], after="="),
        Grid(Text("matches", "吻合数"), numbers(found[:, None]), shows=0),
    ]
    steps = []
    for at, count in enumerate(found):
        window = sentence[at : at + len(pattern)]
        same = [
            word.lower() == wanted.lower() for word, wanted in zip(window, pattern, strict=True)
        ]
        pairs = [
            f"{word} {'=' if alike else '≠'} {wanted}"
            for word, wanted, alike in zip(window, pattern, same, strict=True)
        ]
        terms = " + ".join(str(int(alike)) for alike in same)
        steps.append(
            Step(
                f"{', '.join(pairs)}: {terms} = {few_digits(count)}",
                read=tuple((0, at + more, 0) for more in range(len(pattern))),
                written=((2, at, 0),),
            )
        )
    whole = [str(at + 1) for at, count in enumerate(found) if count == len(pattern)]
    places = Text(", ".join(whole) or "nowhere", "、".join(whole) or "无")
    told = Text(
        "The whole n-gram stands at word {places}; matches at each place: {all}. Order counts, "
        "place does not: that is a convolution's assumption, and its limit where the place in the "
        "sentence matters.",
        "完整的 n 元词组出现在第几个词：{places}；各位置的吻合数：{all}。"
        "卷积看重词的次序而不看位置：这是它的假设，在位置有意义的地方也是它的局限。",
    )
    picture = Text(
        "A word is a vector with one 1; the kernel counts which of its words stand where it looks.",
        "一个词是只有一个 1 的向量；卷积核数一数窗口中有几个词与它的词吻合。",
    )
    return [
        film(grids, steps, picture, step="words_step"),
        Said(told.format(places=places, all=" ".join(numbers(found[None])[0]))),
    ]

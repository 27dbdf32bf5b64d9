"""A pattern that moves along a signal, through shared and through unshared weights."""

import numpy as np

from cnnviz.labs.exact import summed
from cnnviz.labs.grids import Grid, Step, film, numbers
from cnnviz.labs.parts import Part
from cnnviz.labs.sharing.settings import LENGTH, SharingSettings
from cnnviz.labs.windows import correlate
from cnnviz.labs.written import matrix
from cnnviz.text import Text

_UNITS = 3


def rows(settings: SharingSettings) -> list[tuple[np.ndarray, ...]]:
    """For each place: the signal, its convolution, that pooled, and a fully connected layer."""
    pattern, kernel = matrix(settings.signal), matrix(settings.detector)
    width = settings.pooled
    dense = np.random.default_rng(0).integers(-3, 4, (_UNITS, LENGTH))
    found: list[tuple[np.ndarray, ...]] = []
    for place in range(LENGTH - pattern.size + 1):
        row = np.zeros((1, LENGTH))
        row[0, place : place + pattern.size] = pattern
        answer = correlate(row, kernel)
        whole = answer.shape[1] // width * width
        pooled = [answer[0, at : at + width].max() for at in range(0, whole, width)]
        found.append((row, answer, np.array([pooled]), summed(dense * row, 1)[None]))
    return found


def signal(settings: SharingSettings) -> list[Part]:
    """The film of all places."""
    every = rows(settings)
    names = (
        Text("signal", "信号"),
        Text("convolution", "卷积"),
        Text("pooled", "池化"),
        Text("fully connected", "全连接"),
    )
    told = []
    for place, row in enumerate(every):
        cells = [" ".join(numbers(one)[0]) for one in row]
        told.append(
            Text(
                f"moved by {place}: convolution {cells[1]}; pooled {cells[2]}; "
                f"fully connected {cells[3]}",
                f"右移 {place}：卷积 {cells[1]}；池化 {cells[2]}；全连接 {cells[3]}",
            )
        )
    grids = [
        Grid(name, numbers(every[0][at].T), tuple(numbers(row[at].T) for row in every))
        for at, name in enumerate(names)
    ]
    steps = [
        Step(
            said,
            read=tuple((0, int(at), 0) for at in np.flatnonzero(row[0])),
            written=tuple((1, int(at), 0) for at in np.flatnonzero(row[1])),
        )
        for said, row in zip(told, every, strict=True)
    ]
    words = Text(
        "The convolution's answer moves with the pattern; pooled, it stays for a few places; the "
        "fully connected layer says something else each time.",
        "卷积的响应随图案一起移动；池化后在几个位置内不变；全连接层则每次都给出不同的结果。",
    )
    return [film(grids, steps, words, step="step")]

"""What a lab puts on the page, in both languages; the pages draw it, and nothing here draws."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cnnviz.render.figures.canvas import Canvas
from cnnviz.text import Text

Say = Callable[[Text], str]
Words = Text | str  # a string is the same in both languages


@dataclass(frozen=True)
class Said:
    """A paragraph."""

    text: Text


@dataclass(frozen=True)
class Sums:
    """Arithmetic, a line each, in letters of one width."""

    lines: tuple[Words, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells under a head; all but the first column are set to the right.

    Args:
        head: a heading for each column; the first may be "" where it only says what a row is of.
    """

    head: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A drawing, and if it has frames, one that moves.

    Args:
        words: what it shows, for those who cannot see it.
        draw: draws it in the language of its second argument. Frame n is what is drawn inside
            `canvas.part(frame(n))`; pointing at `canvas.part(target(n))` shows frame n.
        frames: a sentence or sum for each frame.
        step: the knob that holds which frame is shown, counted from 1; "" without frames.
    """

    words: Text
    draw: Callable[[Canvas, Say], None]
    frames: tuple[Words, ...] = ()
    step: str = ""


@dataclass(frozen=True)
class Line:
    """A series of a chart: x and y of each point."""

    name: Words
    x: tuple[float, ...]
    y: tuple[float, ...]


@dataclass(frozen=True)
class Chart:
    """Lines over one axis; what matters of them also stands in words or a table beside it.

    Args:
        logarithmic: whether the y axis is.
        doubling: whether each x is twice the one before, and the x axis is logarithmic.
        bars: whether the series are bars.
    """

    title: Text
    across: Text
    up: Text
    lines: tuple[Line, ...]
    logarithmic: bool = False
    doubling: bool = False
    bars: bool = False


@dataclass(frozen=True)
class Images:
    """Small images in a row, each with a caption.

    Args:
        images: uint8 (H, W) for grey or (H, W, 3).
        side: px of the longer side on the page; pixels are enlarged as squares.
    """

    images: tuple[np.ndarray, ...]
    captions: tuple[Words, ...]
    side: int = 160


@dataclass(frozen=True)
class Sound:
    """Something to be heard.

    Args:
        samples: float64, from −1 to 1.
        rate: samples a second.
    """

    name: Words
    samples: np.ndarray
    rate: int


@dataclass(frozen=True)
class Code:
    """The same calculation as a program in Python, which ends with its result in `output`."""

    text: str


@dataclass(frozen=True)
class OwnPicture:
    """A picture of the user's own, which the page asks for; no setting and no address holds it.

    Args:
        show: what the lab shows of it, float64 (H, W) of 0 to 1.
    """

    show: Callable[[np.ndarray], Sequence["Part"]]


Part = Said | Sums | Table | Picture | Chart | Images | Sound | Code | OwnPicture


def frame(number: int) -> str:
    """The name of what a frame shows alone; the first is 0."""
    return f"frame-{number}"


def target(number: int) -> str:
    """The name of what shows a frame when it is pointed at."""
    return f"target-{number}"


def word(words: Words, say: Say) -> str:
    """Words in the language of `say`."""
    return words if isinstance(words, str) else say(words)

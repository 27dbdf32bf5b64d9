"""What the glossary's pictures are drawn with: grids, rows of boxes, maps, curves and bars."""

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import ArrayLike

from cnnviz.render.figures.canvas import Canvas, Point, text_width
from cnnviz.render.kinds import KINDS

CELL = 24  # px, of a grid
HIGH = 28  # px, of a box
GAP = 26  # px between boxes, room for an arrow
_AIR = 10  # px on each side of a text in a box
_TIP = 7  # px, of an arrow
_DEEP = 5  # px from one map of a stack to the next

Cell = tuple[int, int]


class Sketch(Canvas):
    """A canvas for pictures of a few centimetres.

    Args:
        language: of the words in the picture.
        ink: see Canvas.
    """

    def __init__(self, language: str, ink: str):
        super().__init__(ink)
        self.language = language

    def arrow(self, *points: Point, colour: str = "currentColor", width: float = 1.5) -> None:
        """A line through points that ends in a tip."""
        (x0, y0), (x, y) = points[-2:]
        length = max(float(np.hypot(x - x0, y - y0)), 1e-6)
        across, down = (x - x0) / length * _TIP, (y - y0) / length * _TIP
        foot = x - across, y - down
        self.line([*points[:-1], foot], width=width, colour=colour)
        half = across * 0.6, down * 0.6
        corners = [(x, y), (foot[0] - half[1], foot[1] + half[0])]
        corners.append((foot[0] + half[1], foot[1] - half[0]))
        self.shape(corners, colour)

    def box(self, x: float, y: float, text: str, kind: str = "other", *, width: float = 0) -> float:
        """A box of a kind with its text, y its middle; returns where it ends on the right."""
        width = width or text_width(text) + 2 * _AIR
        self.rect(x, y - HIGH / 2, width, HIGH, KINDS[kind].colour)
        self.text(x + width / 2, y, text, ink=KINDS[kind].ink)
        return x + width

    def chain(self, x: float, y: float, *boxes: str | tuple[str, str]) -> list[tuple[float, float]]:
        """Boxes in a row with arrows between them; returns where each begins and ends.

        Args:
            boxes: texts, each with its kind or without; a text alone has no frame.
        """
        ends: list[tuple[float, float]] = []
        for box in boxes:
            if ends:
                self.arrow((x, y), (x + GAP, y))
                x += GAP
            if isinstance(box, str):
                end = x + text_width(box) + 6
                self.text((x + end) / 2, y, box)
            else:
                end = self.box(x, y, *box)
            ends.append((x, end))
            x = end
        return ends

    def grid(
        self,
        x: float,
        y: float,
        rows: ArrayLike,
        *,
        marked: Collection[Cell] = (),
        kind: str = "convolution",
        faint: Collection[Cell] = (),
        cell: float = CELL,
        digits: bool = True,
    ) -> None:
        """A matrix with its numbers from the corner (x, y); marked cells have a kind's colour."""
        for (row, column), value in np.ndenumerate(np.asarray(rows)):
            place = row, column
            fill = KINDS[kind].colour if place in marked else "none"
            fill = KINDS["other"].colour if place in faint else fill
            self.rect(x + column * cell, y + row * cell, cell, cell, fill)
            ink = KINDS[kind].ink if place in marked else KINDS["other"].ink
            if digits:
                middle = x + (column + 0.5) * cell, y + (row + 0.5) * cell
                is_plain = place not in marked and place not in faint
                self.text(*middle, _number(value), ink="" if is_plain else ink)

    def maps(self, x: float, y: float, count: int, side: float, kind: str = "convolution") -> float:
        """A stack of maps, its first at the back at the corner (x, y); returns its right end."""
        for number in range(count):
            corner = x + number * _DEEP, y + number * _DEEP
            self.rect(*corner, side, side, KINDS[kind].colour)
        return x + (count - 1) * _DEEP + side

    def curve(
        self,
        function: Callable[[np.ndarray], ArrayLike],
        *,
        reach: tuple[float, float],
        top: tuple[float, float],
        size: tuple[float, float] = (120, 72),
        at: Point = (0, 0),
        kind: str = "convolution",
        axes: bool = True,
    ) -> None:
        """The graph of a function with its axes.

        Args:
            reach, top: the first and last x and y.
            size, at: width and height, and the left top corner, in px.
        """
        (first, last), (low, high), (width, height), (left, up) = reach, top, size, at
        xs = np.linspace(first, last, 41)
        ys = np.clip(np.broadcast_to(function(xs), xs.shape), low, high)
        across = left + (xs - first) / (last - first) * width
        down = up + (high - ys) / (high - low) * height
        if axes:
            zero_y = up + (high - max(low, 0)) / (high - low) * height
            zero_x = left + (max(first, 0) - first) / (last - first) * width
            self.arrow((left, zero_y), (left + width + 8, zero_y), width=1)
            self.arrow((zero_x, up + height), (zero_x, up - 8), width=1)
        self.line(list(zip(across, down, strict=True)), width=2.5, colour=KINDS[kind].colour)

    def bars(
        self,
        x: float,
        y: float,
        values: Sequence[float],
        *,
        most: float,
        names: Sequence[str] = (),
        kind: str = "convolution",
        high: float = 64,
        wide: float = 26,
    ) -> None:
        """Bars on a line at y that go up from x on; each with a name under it."""
        for number, value in enumerate(values):
            left, tall = x + number * (wide + 8), high * value / most
            self.rect(left, y - tall, wide, tall, KINDS[kind].colour)
            if names:
                self.text(left + wide / 2, y + 12, names[number])
        self.line([(x - 6, y), (x + len(values) * (wide + 8), y)], width=1)


def _number(value: object) -> str:
    """A cell's text; a whole number without a point, a negative one with a minus."""
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    text = f"{number:.0f}" if number == round(number) else f"{number:.1f}"
    return text.replace("-", "−")

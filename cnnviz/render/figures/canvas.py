"""An SVG canvas that grows to fit what is drawn."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from sys import getsizeof

from cnnviz.render.diagram import FALLBACKS

SIZE = 14  # px, of all text; smaller text cannot be read on a projector
MARGIN = 8  # px
_LATIN, _WIDE = 0.58, 1.0  # em, letter widths; few letters of the font are wider
_FIRST_WIDE = 0x2E80  # Chinese and other square letters begin here in Unicode
_BASELINE = 0.35  # em from the middle of a line down to its baseline

Box = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]


@dataclass(frozen=True)
class Figure:
    """A drawing in SVG, its text alternative, and its caption."""

    svg: str
    words: str
    caption: str

    def __sizeof__(self) -> int:
        """Bytes of the three texts."""
        return sum(map(getsizeof, (self.svg, self.words, self.caption)))


def text_width(text: str) -> float:
    """Estimated width of a text in px; usually a little too large."""
    return SIZE * sum(_WIDE if ord(letter) >= _FIRST_WIDE else _LATIN for letter in text)


class Canvas:
    """An SVG under construction.

    Args:
        ink: colour of text and lines; "currentColor" is that of the surrounding page.
    """

    def __init__(self, ink: str):
        self.ink = ink
        self._parts: list[str] = []
        self._box: Box | None = None

    def svg(self, words: str) -> str:
        """The finished SVG; `words` is its text alternative."""
        left, top, right, bottom = self._box or (0, 0, 0, 0)
        x, y = left - MARGIN, top - MARGIN
        width, height = right - left + 2 * MARGIN, bottom - top + 2 * MARGIN
        # the fixed size keeps text legible: a narrow page scrolls the figure
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="{x:.1f} {y:.1f} {width:.1f} {height:.1f}" role="img" '
            f'aria-label="{escape(words)}" color="{self.ink}" font-size="{SIZE}" '
            f'font-family="{FALLBACKS}" style="min-width:{width:.0f}px">'
            f"{''.join(self._parts)}</svg>"
        )

    @contextmanager
    def part(self, name: str, title: str = "") -> Iterator[None]:
        """Group what is drawn inside as the graph's op or block `name`."""
        self._parts.append(f'<g data-id="{escape(name)}">')
        if title:
            self._parts.append(f"<title>{escape(title)}</title>")
        yield
        self._parts.append("</g>")

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, *, line: float = 1
    ) -> None:
        """A rectangle with its upper left corner at (x, y)."""
        self._grow((x, y, x + width, y + height))
        self._parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{fill}" stroke="currentColor" stroke-width="{line}"/>'
        )

    def shape(
        self, points: Sequence[Point], fill: str, *, opacity: float = 1, line: float = 0
    ) -> None:
        """A polygon."""
        for x, y in points:
            self._grow((x, y, x, y))
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        stroke = f' stroke="currentColor" stroke-width="{line}"' if line else ""
        self._parts.append(
            f'<polygon points="{corners}" fill="{fill}" fill-opacity="{opacity}"{stroke}/>'
        )

    def line(
        self, points: Sequence[Point], *, width: float = 1.5, colour: str = "currentColor"
    ) -> None:
        """A line through points."""
        for x, y in points:
            self._grow((x - width / 2, y - width / 2, x + width / 2, y + width / 2))
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._parts.append(
            f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        )

    def arcs(
        self, arcs: Iterable[tuple[float, float]], y: float, *, colour: str, dash: str = ""
    ) -> None:
        """Half ellipses above y, each from one x to another and a third as high as wide."""
        way = []
        for start, end in arcs:
            across, up = (end - start) / 2, (end - start) / 3
            self._grow((start, y - up, end, y))
            way.append(f"M{start:.1f} {y:.1f}A{across:.1f} {up:.1f} 0 0 1 {end:.1f} {y:.1f}")
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        if way:
            self._parts.append(
                f'<path class="arcs" d="{"".join(way)}" fill="none" stroke="{colour}" '
                f'stroke-width="1.3"{dashes}/>'
            )

    def circle(self, x: float, y: float, radius: float, fill: str) -> None:
        """A circle around (x, y)."""
        self._grow((x - radius, y - radius, x + radius, y + radius))
        self._parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" '
            'stroke="currentColor"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        anchor: str = "middle",
        ink: str = "",
        bold: bool = False,
    ) -> None:
        """One line of text, vertically centred on y.

        Args:
            anchor: the part of the line that is at x: start, middle or end.
            ink: colour of the text; "" for that of the canvas.
        """
        width = text_width(text)
        left = x - {"start": 0, "middle": width / 2, "end": width}[anchor]
        self._grow((left, y - SIZE / 2, left + width, y + SIZE / 2))
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y + _BASELINE * SIZE:.1f}" text-anchor="{anchor}" '
            f'fill="{ink or "currentColor"}"{weight}>{escape(text)}</text>'
        )

    def _grow(self, box: Box) -> None:
        if self._box is None:
            self._box = box
            return
        left, top, right, bottom = self._box
        self._box = (
            min(left, box[0]),
            min(top, box[1]),
            max(right, box[2]),
            max(bottom, box[3]),
        )

"""Marks for differences in a drawn graph: outline, sign and word."""

import re
from collections.abc import Mapping
from html import escape
from typing import NamedTuple

from cnnviz.text import Text

_GROUP = re.compile(
    r'<g id="(?P<id>[^"]+)" class="(?:node|cluster)">\n<title>[^<]*</title>\n'
    r'<path[^>]* d="(?P<outline>[^"]+)"/>.*?(?=</g>)',
    re.DOTALL,
)
_SIZE = re.compile(
    r'<svg width="\d+pt" height="\d+pt"\s+'
    r'viewBox="0\.00 0\.00 (?P<width>[\d.]+) (?P<height>[\d.]+)"'
)
_NUMBER = re.compile(r"-?[\d.]+")
_ROOM = 8  # pt, margin of the drawing for outlines and signs
_GAP = 3  # pt, between a node and its outline
_RADIUS = 8  # pt, radius of a sign


class Mark(NamedTuple):
    """How a difference is marked; the colour has a contrast of at least 3 on white and black."""

    sign: str
    word: Text
    colour: str
    dashes: str


MARKS = {
    "changed": Mark("≠", Text("changed", "改变"), "#C24E00", "none"),
    "only": Mark("+", Text("not in all networks", "非共有"), "#8B45D6", "7 4"),
}


def with_marks(svg: str, marks: Mapping[str, str], language: str) -> str:
    """Mark nodes and frames of a drawing; screen readers get the word of each mark.

    Args:
        svg: drawn by `cnnviz.render.diagram`.
        marks: a key of MARKS for each id to mark.
    """

    if not marks:
        return svg

    def group(match: re.Match[str]) -> str:
        mark = MARKS.get(marks.get(match["id"], ""))
        return match[0] + (_mark(mark, match["outline"], language) if mark else "")

    return _SIZE.sub(_wider, _GROUP.sub(group, svg), count=1)


def _mark(mark: Mark, outline: str, language: str) -> str:
    numbers = [float(number) for number in _NUMBER.findall(outline)]
    left, right = min(numbers[::2]) - _GAP, max(numbers[::2]) + _GAP
    top, bottom = min(numbers[1::2]) - _GAP, max(numbers[1::2]) + _GAP
    word = escape(mark.word(language))
    # inline styles, since they override the page's CSS for node texts
    return (
        f'<rect x="{left:.2f}" y="{top:.2f}" width="{right - left:.2f}" '
        f'height="{bottom - top:.2f}" rx="8" '
        f'style="fill:none;stroke:{mark.colour};stroke-width:3;stroke-dasharray:{mark.dashes}"/>\n'
        f'<circle cx="{right - _GAP:.2f}" cy="{top + _GAP:.2f}" r="{_RADIUS}" '
        f'style="fill:{mark.colour};stroke:#ffffff"/>\n'
        f'<text class="difference" text-anchor="middle" x="{right - _GAP:.2f}" '
        f'y="{top + _GAP + 4.5:.2f}" font-size="13" font-weight="bold" style="fill:#ffffff">'
        f'{mark.sign}<tspan style="display:none"> {word}</tspan></text>\n'
    )


def _wider(match: re.Match[str]) -> str:
    """The opening <svg> tag with a margin on all sides."""
    width, height = (float(match[side]) + 2 * _ROOM for side in ("width", "height"))
    return (
        f'<svg width="{width:.0f}pt" height="{height:.0f}pt"\n'
        f' viewBox="-{_ROOM} -{_ROOM} {width:.2f} {height:.2f}"'
    )

"""The receptive field of one unit on a picture: its box, and how much each pixel matters."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw

from cnnviz.render.tiles import cividis
from cnnviz.render.training_charts import COLOURS, DASHES, FONT, GREY, blank_chart
from cnnviz.text import Text

Pair = tuple[float, float]
Box = tuple[tuple[float, float], tuple[float, float]]  # first and last row, first and last column

_SIDE = 440  # px
_LEAST_ROOM, _MOST_ROOM = 0.1, 0.7  # margin per side, as a fraction of the longer side
_ARROW = 11  # px
_OUTSIDE = (128, 128, 128, 60)
_BRIGHTEST = 0.995  # quantile of the pixels that gets the brightest colour
_LEAST, _MOST = 0.3, 0.95  # opacity of the heat map
_EDGE = (0xE6, 0x9F, 0x00, 255)  # orange, since cividis has none
_HALO = (0, 0, 0, 255)


def room(box: Box, size: Sequence[int]) -> float:
    """The margin that makes the box visible around a picture, as a fraction of its longer side.

    The margin is limited, so a very large box is cut off.

    Args:
        size: (H, W) of the picture.
    """
    beyond = max(
        max(-low, high - side + 1) for (low, high), side in zip(box, size, strict=True)
    ) / max(size)
    return min(max(beyond + _LEAST_ROOM / 2, _LEAST_ROOM), _MOST_ROOM)


def place(box: Box, size: Sequence[int], *, around: float) -> tuple[Pair, Pair]:
    """The box's centre and size (row, column), as fractions of the picture with its margin.

    Args:
        size: (H, W) of the picture.
        around: the margin from `room`.
    """
    margin = around * max(size)
    whole = [side + 2 * margin for side in size]
    pairs = list(zip(box, whole, strict=True))
    row, column = ((margin + (low + high + 1) / 2) / side for (low, high), side in pairs)
    height, width = ((high - low + 1) / side for (low, high), side in pairs)
    return (row, column), (height, width)


def field_picture(
    picture: np.ndarray, box: Box, heat: np.ndarray | None, *, around: float
) -> np.ndarray:
    """Draw the box on the picture: uint8 (H, W, 3) -> RGBA, uint8 (440, 440, 4) for a square.

    An arrow marks each edge where the box reaches beyond the margin.

    Args:
        around: the margin from `room`.
        heat: (H, W), influence of each pixel on the unit; its square root is shown.
    """
    height, width = picture.shape[:2]
    scale = _SIDE / (max(height, width) * (1 + 2 * around))
    shown = picture if heat is None else _heated(picture, heat)
    size = round(width * scale), round(height * scale)
    margin = round(max(height, width) * scale * around)
    sheet = Image.new("RGBA", (size[0] + 2 * margin, size[1] + 2 * margin), _OUTSIDE)
    method = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.LANCZOS
    sheet.paste(Image.fromarray(shown).resize(size, method), (margin, margin))
    (top, bottom), (left, right) = box
    corners = [margin + at * scale for at in (left, top, right + 1, bottom + 1)]
    draw = ImageDraw.Draw(sheet)
    for colour, wider in ((_HALO, 2), (_EDGE, 0)):
        outer = [corners[0] - wider, corners[1] - wider, corners[2] + wider, corners[3] + wider]
        draw.rectangle(outer, outline=colour, width=3 + 2 * wider)
    left_out, top_out = corners[0] < 0, corners[1] < 0
    right_out, bottom_out = corners[2] > sheet.width, corners[3] > sheet.height
    _arrows(draw, sheet.size, (left_out, top_out, right_out, bottom_out))
    return np.asarray(sheet)


def _arrows(draw: ImageDraw.ImageDraw, size: tuple[int, int], out: Sequence[bool]) -> None:
    """Arrows at those of the left, top, right and bottom edges that the box crosses."""
    width, height = size
    tips = ((2, height // 2), (width // 2, 2), (width - 3, height // 2), (width // 2, height - 3))
    for (x, y), (across, down), further in zip(
        tips, ((1, 0), (0, 1), (-1, 0), (0, -1)), out, strict=True
    ):
        if further:
            back = np.array([x + across * _ARROW, y + down * _ARROW])
            half = np.array([down * _ARROW, across * _ARROW])
            corners = [(x, y), tuple(back + half), tuple(back - half)]
            draw.polygon(corners, fill=_EDGE, outline=_HALO)


def _heated(picture: np.ndarray, heat: np.ndarray) -> np.ndarray:
    brightest = np.quantile(heat[heat > 0], _BRIGHTEST) if heat.any() else 1.0
    strength = np.sqrt(np.clip(heat / brightest, 0, 1))
    opacity = (_LEAST + (_MOST - _LEAST) * strength)[..., None]
    mixed = (1 - opacity) * picture + opacity * cividis(strength)
    pixels: np.ndarray = mixed.round().astype(np.uint8)
    return pixels


def growth_chart(
    lines: Sequence[tuple[str, Sequence[int]]], image: int, language: str, *, ink: str
) -> go.Figure:
    """The largest receptive field so far, from the image to the last map.

    Args:
        lines: for each network, its name and the receptive field after each op, in px.
        image: side of the image in px, drawn as a dotted line.
        ink: colour of the text; it must contrast with the page.
    """
    title = Text("Receptive field in px, by depth", "感受野（像素）随深度的变化")
    figure = blank_chart(title(language), language, ink=ink, revision="field", height=280)
    for (name, sizes), colour, dash in zip(lines, COLOURS, DASHES, strict=False):
        figure.add_scatter(
            x=100 * np.arange(1, len(sizes) + 1) / len(sizes),
            y=np.maximum.accumulate(sizes),
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "shape": "hv", "width": 2.5},
            hovertemplate="%{y:,} px · %{x:.0f} %<extra>%{fullData.name}</extra>",
        )
    figure.add_hline(
        y=image,
        line={"color": GREY, "dash": "dot"},
        annotation={
            "text": Text("image", "图像")(language) + f" {image} px",
            "font": {"size": FONT, "color": ink},
        },
        annotation_position="top left",
    )
    figure.update_xaxes(
        title_text=Text("ops passed", "已经过的算子")(language), ticksuffix=" %", range=[0, 101]
    )
    figure.update_yaxes(rangemode="tozero")
    return figure

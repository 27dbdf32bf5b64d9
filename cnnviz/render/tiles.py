"""Filters or feature maps, tiled into one picture."""

import numpy as np
from plotly.colors import get_colorscale, sample_colorscale, unlabel_rgb

_COLOURS = 256
FRAME = 4  # px
_GAP = 3  # px, at least


def stretched(maps: np.ndarray) -> np.ndarray:
    """Scale each map of (N, …) to the range from 0 to 1."""
    axes = tuple(range(1, maps.ndim))
    low, high = maps.min(axis=axes, keepdims=True), maps.max(axis=axes, keepdims=True)
    scaled: np.ndarray = (maps - low) / np.maximum(high - low, 1e-12)
    return scaled


def cividis(values: np.ndarray) -> np.ndarray:
    """Map values from 0 to 1 to colours: (…) -> uint8 (…, 3)."""
    samples = sample_colorscale(get_colorscale("Cividis"), np.linspace(0, 1, _COLOURS))
    palette = np.array([unlabel_rgb(colour) for colour in samples]).round().astype(np.uint8)
    colours: np.ndarray = palette[(values * (_COLOURS - 1)).round().astype(int)]
    return colours


def tiled(pictures: np.ndarray, *, columns: int, side: int) -> np.ndarray:
    """Tile pictures, uint8 (N, H, W, 3), in rows of `columns`; RGBA, uint8 (H', W', 4).

    Each picture is enlarged to about `side` px. The gaps between pictures are transparent and
    about half an enlarged pixel wide.
    """
    count, height, width, _ = pictures.shape
    scale = max(1, side // max(height, width))
    gap = max(_GAP, scale // 2)
    pictures = pictures.repeat(scale, axis=1).repeat(scale, axis=2)
    height, width = height * scale + gap, width * scale + gap
    columns = min(columns, count)
    rows = -(-count // columns)
    sheet = np.zeros((rows * height - gap, columns * width - gap, 4), dtype=np.uint8)
    for index, picture in enumerate(pictures):
        row, column = divmod(index, columns)
        top, left = row * height, column * width
        place = sheet[top : top + height - gap, left : left + width - gap]
        place[..., :3], place[..., 3] = picture, 255
    return sheet


def framed(picture: np.ndarray) -> np.ndarray:
    """Add a transparent frame of FRAME px to an RGBA picture."""
    return np.pad(picture, ((FRAME, FRAME), (FRAME, FRAME), (0, 0)))

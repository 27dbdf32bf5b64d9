"""Many small maps as one picture: filters, feature maps."""

import numpy as np
from plotly.colors import get_colorscale, sample_colorscale, unlabel_rgb

_COLOURS = 256
FRAME = 4  # px
_GAP = 3  # px, at least


def stretched(maps: np.ndarray) -> np.ndarray:
    """Each map (N, …) on its own from its least value, 0, to its greatest, 1."""
    axes = tuple(range(1, maps.ndim))
    low, high = maps.min(axis=axes, keepdims=True), maps.max(axis=axes, keepdims=True)
    return (maps - low) / np.maximum(high - low, 1e-12)


def cividis(values: np.ndarray) -> np.ndarray:
    """Values from 0 to 1 as colours: (…) -> uint8 (…, 3)."""
    samples = sample_colorscale(get_colorscale("Cividis"), np.linspace(0, 1, _COLOURS))
    palette = np.array([unlabel_rgb(colour) for colour in samples]).round().astype(np.uint8)
    return palette[(values * (_COLOURS - 1)).round().astype(int)]


def tiled(pictures: np.ndarray, *, columns: int, side: int) -> np.ndarray:
    """Pictures uint8 (N, H, W, 3) in rows of `columns`, each enlarged to about `side` px.

    The gaps between them are half a pixel of theirs and show the page: RGBA.
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
    """A picture RGBA in a frame that is not seen, 2 × FRAME px larger."""
    return np.pad(picture, ((FRAME, FRAME), (FRAME, FRAME), (0, 0)))

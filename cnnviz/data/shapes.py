"""A data set that is drawn, not photographed: ten simple shapes and textures in random colours.

Place, size, tilt and colours are random and bright and dark change roles, so that no single pixel
says anything about the class: a linear classifier fails where a small CNN does not.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cnnviz.text import Text

Grid = NDArray[np.float64]
Mask = NDArray[np.bool_]

NOISE = 0.1  # standard deviation of the noise on every pixel, which is 0..1


def _patch(x: Grid, y: Grid) -> Mask:
    inside: Mask = np.maximum(abs(x), abs(y)) < 1
    return inside


def _cells(values: Grid, count: int) -> Grid:
    """The number of the cell, of `count` from -1 to 1, that each value is in."""
    cells: Grid = np.floor((values + 1) / 2 * count)
    return cells


def _from_cell_centre(values: Grid, count: int) -> Grid:
    """Each value's place in its cell, from -1 to 1."""
    return ((values + 1) / 2 * count) % 1 * 2 - 1


def _disc(x: Grid, y: Grid, radius: float = 1.0) -> Mask:
    inside: Mask = x**2 + y**2 < radius**2
    return inside


def _dots(x: Grid, y: Grid) -> Mask:
    return _disc(_from_cell_centre(x, 3), _from_cell_centre(y, 3), 0.6) & _patch(x, y)


# A shape is a function of coordinates from -1 to 1 (y points down): how much of the second colour.
SHAPES: tuple[tuple[Text, Callable[[Grid, Grid], Grid | Mask]], ...] = (
    (Text("circle", "圆形"), _disc),
    (Text("square", "正方形"), lambda x, y: _patch(x / 0.85, y / 0.85)),
    (Text("triangle", "三角形"), lambda x, y: (abs(x) < (y + 1) / 2) & (y < 1)),
    (Text("cross", "十字"), lambda x, y: (np.minimum(abs(x), abs(y)) < 0.3) & _patch(x, y)),
    (Text("ring", "圆环"), lambda x, y: _disc(x, y) & ~_disc(x, y, 0.55)),
    (Text("horizontal stripes", "横条纹"), lambda x, y: (_cells(y, 6) % 2 == 0) & _patch(x, y)),
    (Text("vertical stripes", "竖条纹"), lambda x, y: (_cells(x, 6) % 2 == 0) & _patch(x, y)),
    (
        Text("checkerboard", "棋盘格"),
        lambda x, y: ((_cells(x, 4) + _cells(y, 4)) % 2 == 0) & _patch(x, y),
    ),
    (Text("dots", "圆点"), _dots),
    (Text("gradient", "渐变"), lambda x, y: (x + 1) / 2 * _patch(x, y)),
)


def draw(count: int, size: int = 64, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw `count` images, as many of each class as of the others, in random order.

    Args:
        size: height and width in px.
        seed: the same seed gives the same images.

    Returns:
        images uint8 (count, 3, size, size) and labels uint8 (count,).
    """
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(count) % len(SHAPES)).astype(np.uint8)
    images = np.empty((count, 3, size, size), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:] = _draw_one(SHAPES[label][1], size, random)
    return images, labels


def _draw_one(
    shape: Callable[[Grid, Grid], Grid | Mask], size: int, random: np.random.Generator
) -> Grid:
    """One image (3, size, size), 0 to 255."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    centre, scale = random.uniform(-0.35, 0.35, 2), random.uniform(0.4, 0.65)
    tilt = random.uniform(-math.pi / 12, math.pi / 12)
    across, down = (axis - centre[0]) / scale, (axis[:, None] - centre[1]) / scale
    x = across * math.cos(tilt) + down * math.sin(tilt)
    y = down * math.cos(tilt) - across * math.sin(tilt)
    dark, bright = random.uniform(0, 0.4, 3), random.uniform(0.6, 1, 3)
    first, second = random.permutation([dark, bright])[:, :, None, None]
    image = first + (second - first) * shape(x, y)
    noisy = image + random.normal(0, NOISE, image.shape)
    drawn: Grid = (noisy.clip(0, 1) * 255).round()
    return drawn

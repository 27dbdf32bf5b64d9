"""Pictures that labs compute on: drawn ones, examples of data sets, and the user's own."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnnviz.data.dataset import load
from cnnviz.data.shapes import SHAPES
from cnnviz.kept import kept
from cnnviz.knobs import knob
from cnnviz.labs.parts import OwnPicture, Part
from cnnviz.text import Text

SETS = {
    "fashion-mnist-6k": Text("Fashion-MNIST", "Fashion-MNIST 服装"),
    "digits": Text("digits of scikit-learn", "scikit-learn 手写数字"),
    "shapes": Text("drawn shapes", "绘制的形状"),
}
_SIDE = 28  # px of a drawn picture
_DRAWN, _OWN = "drawn", "own"


def source_knob(group: Text) -> Any:
    """Declare where a section's picture comes from."""
    return knob(
        _DRAWN,
        Text("picture", "图片"),
        Text(
            "A simple drawing, the first of a class of a data set, or one that you draw or upload.",
            "简单图形、数据集中某一类的第一幅，或你自己绘制、上传的图片。",
        ),
        group=group,
        term="shape",
        choices=(_DRAWN, *SETS, _OWN),
        choice_labels=(
            Text("simple drawing", "简单图形"),
            *SETS.values(),
            Text("your own", "自己的图片"),
        ),
    )


def of_picture(
    source: str, which: int, show: Callable[[np.ndarray], Sequence[Part]]
) -> Sequence[Part]:
    """What `show` makes of the picture that a section's knobs choose, float64 (H, W) of 0 to 1."""
    if source == _OWN:
        return [OwnPicture(show)]
    return show(drawn(which) if source == _DRAWN else grey(examples(source, 1)[which]))


def which_knob(group: Text, first: int) -> Any:
    """Declare which drawing or class a section's picture is of."""
    return knob(
        first,
        Text("number", "编号"),
        Text("Which of the ten drawings or classes.", "十个形状或类别中的第几个。"),
        group=group,
        term="shape",
        bounds=(0, 9),
        slider=True,
    )


@kept
def examples(name: str, of_each: int) -> tuple[np.ndarray, ...]:
    """The first test images of every class, uint8 (H, W) or (H, W, 3), a class after the other."""
    data = load(name)
    found = []
    for label in range(len(data.classes)):
        images = data.test_images[data.test_labels == label][:of_each].numpy()
        found += [_last_axis(image) for image in images]
    return tuple(found)


@kept
def class_names(name: str) -> tuple[Text, ...]:
    """The classes of a data set."""
    return load(name).classes


def _last_axis(image: np.ndarray) -> np.ndarray:
    """(C, H, W) -> (H, W) of grey, (H, W, 3) of colour."""
    return image[0] if len(image) == 1 else np.moveaxis(image, 0, 2)


def drawn(number: int, side: int = _SIDE) -> np.ndarray:
    """A shape in white on black, float64 (side, side) of 0 to 1."""
    axis = (np.arange(side) + 0.5) / side * 2 - 1
    x, y = np.meshgrid(axis * 1.4, axis * 1.4)
    return np.asarray(SHAPES[number][1](x, y), dtype=float)


def grey(image: np.ndarray) -> np.ndarray:
    """A picture of 0 to 255 as float64 of 0 to 1; of colours their mean."""
    values = np.asarray(image, dtype=float) / 255
    flat: np.ndarray = values.mean(axis=2) if values.ndim == 3 else values
    return flat


def visible(values: np.ndarray, *, signed: bool = False) -> np.ndarray:
    """Values as a picture, uint8: 0 is black, or of signed ones grey; the largest is white."""
    largest = float(np.abs(values).max()) or 1.0
    scaled = values / largest
    shown = (scaled + 1) / 2 if signed else np.clip(scaled, 0, 1)
    return np.round(255 * shown).astype(np.uint8)

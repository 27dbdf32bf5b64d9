"""Variants of a data set for experiments: NAME~first-500, NAME~shuffled."""

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cnnviz.data.known_sets import Source
from cnnviz.data.readers import Arrays, DataError
from cnnviz.gradual import Gradual
from cnnviz.text import Text

MARK = "~"  # between the name of a data set and of its variant
_FIRST = re.compile("first-([1-9][0-9]{0,5})", re.ASCII)
_SHUFFLED = "shuffled"


def variant(source: Source, name: str) -> Source:
    """The variant of a data set that is called `name`.

    Two have a name: "first-N" has the first N training images and all test images, and "shuffled"
    has the pixels of every image in one and the same wrong order.

    Raises:
        DataError: there is no such variant.
    """
    first = _FIRST.fullmatch(name)
    if first:
        count = int(first[1])
        title = Text("{set}, the first {count:,}", "{set}，前 {count:,} 张")
        filled = title.format(set=source.title, count=count)
        change: Callable[[Arrays], Arrays] = lambda arrays: _first(arrays, count)  # noqa: E731
    elif name == _SHUFFLED:
        filled = Text("{set}, pixels shuffled", "{set}，像素打乱").format(set=source.title)
        change = _shuffled
    else:
        message = Text(
            "{name!r} is no variant of a data set; there are first-500, with any number, and "
            "shuffled.",
            "没有名为 {name!r} 的数据集变体；可用的有 first-500（数字任取）与 shuffled。",
        )
        raise DataError(message.format(name=name[:60]))

    def read() -> Gradual[Arrays]:
        return change((yield from source.read()))

    return replace(source, name=f"{source.name}{MARK}{name}", title=filled, read=read)


def _first(arrays: Arrays, count: int) -> Arrays:
    images, labels = arrays.train_images[:count], arrays.train_labels[:count]
    return arrays._replace(train_images=images, train_labels=labels)


def _shuffled(arrays: Arrays) -> Arrays:
    """Every image, training and test, with its pixels in the order of one permutation."""
    *_, height, width = arrays.train_images.shape
    order = np.random.default_rng(0).permutation(height * width)

    def moved(images: np.ndarray) -> np.ndarray:
        return images.reshape(*images.shape[:2], -1)[..., order].reshape(images.shape)

    return arrays._replace(
        train_images=moved(arrays.train_images), test_images=moved(arrays.test_images)
    )

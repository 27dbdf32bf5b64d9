"""The windows that a kernel or a pooling reads, one for each value of its output."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cnnviz.labs.exact import settled


@dataclass(frozen=True)
class Window:
    """What one output value is made of.

    Args:
        row, column: of the output.
        cells: rows and columns of the padded input that are read, in the order of the patch.
        patch: the values that are read, (kernel rows, kernel columns).
    """

    row: int
    column: int
    cells: tuple[tuple[int, int], ...]
    patch: np.ndarray


def reach(kernel: int, dilation: int = 1) -> int:
    """Input values from the first to the last that a kernel of one axis reads."""
    return dilation * (kernel - 1) + 1


def size_after(size: int, kernel: int, padding: int = 0, stride: int = 1, dilation: int = 1) -> int:
    """Values that are left of an axis; at most 0 if the kernel does not fit.

    This is the formula of `torch.nn.Conv2d`; the padding is that of one side.
    """
    return (size + 2 * padding - reach(kernel, dilation)) // stride + 1


def padded(image: np.ndarray, padding: int, value: float = 0) -> np.ndarray:
    """An image (rows, columns) with a frame of a value."""
    return np.pad(image, padding, constant_values=value)


def windows(
    image: np.ndarray, kernel: tuple[int, int], *, stride: int = 1, dilation: int = 1
) -> Iterator[Window]:
    """Every window over an image that is padded already, a row of the output after the other."""
    rows, columns = (
        size_after(size, side, 0, stride, dilation)
        for size, side in zip(image.shape, kernel, strict=True)
    )
    for row in range(rows):
        for column in range(columns):
            down = [row * stride + dilation * at for at in range(kernel[0])]
            right = [column * stride + dilation * at for at in range(kernel[1])]
            cells = tuple((r, c) for r in down for c in right)
            yield Window(row, column, cells, image[np.ix_(down, right)])


def correlate(
    image: np.ndarray, kernel: np.ndarray, *, stride: int = 1, dilation: int = 1
) -> np.ndarray:
    """The cross-correlation of a padded image with a kernel, which deep learning calls convolution.

    Args:
        image: (rows, columns).
        kernel: (rows, columns), not larger than the image.
    """
    spans = tuple(reach(side, dilation) for side in kernel.shape)
    every = np.lib.stride_tricks.sliding_window_view(image, spans)
    read = every[::stride, ::stride, ::dilation, ::dilation]
    found, size = (
        np.einsum("ijkl,kl->ij", *pair) for pair in ((read, kernel), (np.abs(read), np.abs(kernel)))
    )
    return settled(found, size)

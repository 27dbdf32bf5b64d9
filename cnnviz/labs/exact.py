"""Sums of typed numbers as they come out on paper: 0.1 + 0.2 − 0.3 is 0, not 5.55·10⁻¹⁷.

Numbers in base two cannot hold 0.1, so that terms which cancel leave a rest. It is at most some
10⁻¹⁵ of the terms' sizes, while typed numbers and their products end with the twelfth decimal.
"""

import numpy as np

Axes = int | tuple[int, ...] | None
_ROUNDING = 1e-14  # share of the terms' sizes; what is left below it is rounding


def settled(value: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Values, with 0 where they are only what rounding leaves of terms of that size."""
    result: np.ndarray = np.where(np.abs(value) <= _ROUNDING * size, 0.0, value)
    return result


def summed(terms: np.ndarray, axes: Axes = None) -> np.ndarray:
    """The sums of terms along axes; without any, of all."""
    return settled(np.sum(terms, axis=axes), np.sum(np.abs(terms), axis=axes))


def mean(x: np.ndarray, axes: Axes = None) -> np.ndarray:
    """The means along axes, which stay with length 1; without any, of all values."""
    total = np.sum(x, axis=axes, keepdims=True)
    size = np.sum(np.abs(x), axis=axes, keepdims=True)
    found: np.ndarray = settled(total, size) / (x.size // total.size)
    return found if axes is not None else found.reshape(())


def centred(x: np.ndarray, axes: Axes = None) -> np.ndarray:
    """Values less their mean along axes: exactly 0 where all are the same."""
    middle = mean(x, axes)
    return settled(x - middle, np.abs(x) + np.abs(middle))


def variance(x: np.ndarray, axes: Axes = None) -> np.ndarray:
    """The mean squares of `centred`, over n; axes as for `mean`."""
    return mean(centred(x, axes) ** 2, axes)

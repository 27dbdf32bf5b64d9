"""Two sequences of layers put side by side, in order: Needleman and Wunsch's alignment.

Aligning conv, norm, relu with conv, relu, for example, pairs the convolutions and the ReLUs and
leaves the norm alone. No layer is lost or doubled, and both orders are kept.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnviz.comparison.facts import Facts

Pair = tuple[int | None, int | None]
Points = NDArray[np.int64]

# Points for a pair of layers.
OPERATION = 6  # same operation
KIND = 3  # same kind: ReLU and ReLU6, batch norm and group norm
WEIGHTED = 3  # same operation, with weights: anchors of the alignment
HOME = 4  # modules of the same class around them: prefers a layer of a block to one behind it
EQUAL = 1  # for each further fact that is equal
ALONE = -1  # an unpaired layer
IN_PLACE = -1  # different ops, same shapes: better than both unpaired
NEVER = -(10**6)


def align(first: Sequence[Facts], second: Sequence[Facts]) -> list[Pair]:
    """The pairs (position in first, position in second), None beside an unpaired layer.

    Among equally good alignments, the earliest pairs win: of three and five equal blocks, the first
    three are paired. Unpaired layers of `first` come before those of `second`.
    """
    points = _points(first, second)
    best = _best(points)
    pairs: list[Pair] = []
    row, column = points.shape
    while row or column:
        here = best[row, column]
        if column and here == best[row, column - 1] + ALONE:
            column -= 1
            pairs.append((None, column))
        elif row and here == best[row - 1, column] + ALONE:
            row -= 1
            pairs.append((row, None))
        else:
            row, column = row - 1, column - 1
            pairs.append((row, column))
    pairs.reverse()
    return pairs


def _best(points: Points) -> Points:
    """The most points of every pair of prefixes, (n, m) -> (n + 1, m + 1)."""
    rows, columns = points.shape
    best = np.empty((rows + 1, columns + 1), dtype=np.int64)
    alone = ALONE * np.arange(columns + 1)
    best[0] = alone
    for row in range(1, rows + 1):
        above, here = best[row - 1], best[row]
        here[0] = above[0] + ALONE
        np.maximum(above[:-1] + points[row - 1], above[1:] + ALONE, out=here[1:])
        # unpaired layers of `second` cost `alone` of their number
        here -= alone
        np.maximum.accumulate(here, out=here)
        here += alone
    return best


def _points(first: Sequence[Facts], second: Sequence[Facts]) -> Points:
    """The points of every pair of layers, (n, m)."""

    def equal(fact: Callable[[Facts], Any]) -> NDArray[np.bool_]:
        numbers: dict[Any, int] = {}
        one, other = (
            np.array([numbers.setdefault(fact(each), len(numbers)) for each in side], np.int64)
            for side in (first, second)
        )
        same: NDArray[np.bool_] = one[:, None] == other[None, :]
        return same

    operation = equal(lambda each: each.operation)
    weighted = operation & np.array([each.weighted for each in first], dtype=bool)[:, None]
    kind = equal(lambda each: each.compared["kind"])
    home = equal(lambda each: each.home)
    in_place = np.where(equal(lambda each: each.shapes), IN_PLACE, NEVER)
    more = (
        lambda each: str(each.compared.get("kernel")),
        lambda each: each.settings,
        lambda each: each.channels,
        lambda each: each.compared["params"],
        lambda each: each.exact,
        lambda each: each.role,
    )
    alike = np.where(operation, OPERATION, KIND) + EQUAL * sum(map(equal, more))
    return np.where(operation | kind, alike + WEIGHTED * weighted + HOME * home, in_place)

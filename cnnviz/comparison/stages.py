"""The stages of a network, and which stages of two networks stand side by side.

A stage is a run of layers that work on maps of about one size: after as many halvings of the image.
A global pooling inside a block does not end a stage, as the maps are large again behind it.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from math import log2, prod
from typing import NamedTuple

from cnnviz.analysis import Report
from cnnviz.analysis.ops import Shape
from cnnviz.comparison.facts import Facts

HEAD = "head"  # the place of layers behind the last map
LONGEST = 3  # stages of one network that may stand beside one of another

# Points for layers that two stages have in common, from equal to of one operation; each level adds
# to those that follow, so equal layers have 10.
LEVELS = (2, 3, 2, 3)
STRICT = (2, 8, 0, 0)  # equal, or equal but for height and width
SAME_PLACE, OTHER_PLACE = 6, 5

Place = int | str


class Stage(NamedTuple):
    """A stage of one network, or of some that stand side by side already.

    Args:
        places: halvings of the image, or HEAD.
        layers: the facts of its layers; of layers side by side, those of the first.
    """

    places: frozenset[Place]
    layers: tuple[Facts, ...]


def runs(report: Report) -> list[tuple[Place, range]]:
    """The place and the positions of every stage of a network."""
    start, axes = _area(report.input_shape), max(len(report.input_shape) - 2, 1)
    places: list[Place] = []
    largest = 1  # of this map and all that follow
    for layer in reversed(report.layers):
        largest = max(largest, _area(layer.output_shape))
        places.append(HEAD if largest == 1 else round(log2(start / largest) / axes))
    found, position = [], 0
    for place, run in groupby(reversed(places)):
        length = len(list(run))
        found.append((place, range(position, position + length)))
        position += length
    return found


def match(first: Sequence[Stage], second: Sequence[Stage]) -> list[tuple[range, range]]:
    """The stages that stand side by side, in order; an empty range where one stands alone.

    One stage stands beside up to LONGEST of the other network where these hold the same layers: a
    stride that is taken away makes one stage of two.
    """
    best: dict[tuple[int, int], int] = {}
    came: dict[tuple[int, int], tuple[int, int]] = {}
    spans = [(1, 1), (1, 0), (0, 1)]
    spans += [span for n in range(2, LONGEST + 1) for span in ((n, 1), (1, n))]
    for row in range(len(first) + 1):
        for column in range(len(second) + 1):
            best[row, column] = 0
            for span in spans:
                before = row - span[0], column - span[1]
                if min(before) < 0:
                    continue
                points = best[before] + _points(first[before[0] : row], second[before[1] : column])
                if (row, column) not in came or points > best[row, column]:
                    best[row, column], came[row, column] = points, before
    pairs = []
    end = len(first), len(second)
    while end != (0, 0):
        start = came[end]
        pairs.append((range(start[0], end[0]), range(start[1], end[1])))
        end = start
    pairs.reverse()
    return pairs


def joined(stages: Sequence[Stage]) -> Stage:
    """Several stages as one."""
    return Stage(
        frozenset().union(*(stage.places for stage in stages)),
        tuple(layer for stage in stages for layer in stage.layers),
    )


def _points(first: Sequence[Stage], second: Sequence[Stage]) -> int:
    if not first or not second:
        return 0
    one, other = joined(first), joined(second)
    if len(first) + len(second) > 2:
        return OTHER_PLACE * _common(one, other, STRICT)
    weight = SAME_PLACE if one.places & other.places else OTHER_PLACE
    return weight * _common(one, other, LEVELS)


def _common(one: Stage, other: Stage, points: tuple[int, ...]) -> int:
    """Points for the layers that two stages have in common, whatever their order."""
    total = 0
    for level, worth in enumerate(points):
        if worth:
            mine, theirs = (
                Counter(layer.levels[level] for layer in stage.layers) for stage in (one, other)
            )
            total += worth * (mine & theirs).total()
    return total


def _area(shape: Shape) -> int:
    """Units of a map, (N, C, H, W) -> H·W; 1 where there is no map."""
    return max(prod(shape[2:]), 1)

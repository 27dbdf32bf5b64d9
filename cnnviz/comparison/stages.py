"""The stages of a network, and which stages of two networks stand side by side.

A stage is a run of layers that work on maps of about one size, such as 14×14 and 10×10. Global
pooling inside a block ends no stage, since the maps behind it are large again.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from math import log2, prod
from typing import NamedTuple

from cnnviz.analysis import Report
from cnnviz.analysis.ops import Shape
from cnnviz.comparison.facts import Facts

HEAD = "head"  # the place of layers behind the last map
LONGEST = 3  # stages of one network that may stand beside one of another

# Points for layers that two stages share, strictest level first. Layers score at their own level
# and at all that follow, so equal layers get 10.
LEVELS = (2, 3, 2, 3)
STRICT = (2, 8, 0, 0)  # equal, or equal but for height and width
WEIGHTED = 4  # a layer with weights counts as much as so many without
SAME_PLACE, OTHER_PLACE = 6, 4

Place = int | str


class Stage(NamedTuple):
    """A stage of one network, or of several that are already aligned.

    Args:
        places: halvings of the image, or HEAD.
        layers: facts of its layers; of aligned layers, those of the first network.
    """

    places: frozenset[Place]
    layers: tuple[Facts, ...]


def runs(report: Report) -> list[tuple[Place, range]]:
    """The place and the positions of every stage of a network.

    The next stage begins where the maps have at most half the units of this stage's first map.
    """
    areas = [_area(layer.output_shape) for layer in report.layers]
    # the largest area from this layer on
    largest = list(accumulate(reversed(areas), max))[::-1]
    starts: list[int] = []
    for position, area in enumerate(largest):
        if not starts or 2 * area <= largest[starts[-1]]:
            starts.append(position)
    ends = [*starts[1:], len(areas)][: len(starts)]
    image, axes = _area(report.input_shape), max(len(report.input_shape) - 2, 1)
    places: list[Place] = [
        HEAD if largest[start] == 1 else round(log2(image / largest[start]) / axes)
        for start in starts
    ]
    return list(zip(places, map(range, starts, ends), strict=True))


def match(first: Sequence[Stage], second: Sequence[Stage]) -> list[tuple[range, range]]:
    """The stages that stand side by side, in order; an empty range where one stands alone.

    One stage may stand beside up to LONGEST of the other network that hold the same layers.
    Removing a stride, for example, makes one stage of two.
    """
    mine, theirs = ([_bag(stage) for stage in side] for side in (first, second))
    best: dict[tuple[int, int], int] = {}
    came: dict[tuple[int, int], tuple[int, int]] = {}
    spans = [(1, 1), (1, 0), (0, 1)]
    spans += [span for n in range(2, LONGEST + 1) for span in ((n, 1), (1, n))]
    for row in range(len(first) + 1):
        for column in range(len(second) + 1):
            best[row, column] = 0
            for height, width in spans:
                before = row - height, column - width
                if min(before) < 0:
                    continue
                points = best[before] + _points(mine[before[0] : row], theirs[before[1] : column])
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


class _Bag(NamedTuple):
    """Places of a stage, and counts of its layers at each level of `Facts.levels`."""

    places: frozenset[Place]
    counts: tuple[Counter[str], ...]


def _bag(stage: Stage) -> _Bag:
    counts: tuple[Counter[str], ...] = tuple(Counter() for _ in LEVELS)
    for layer in stage.layers:
        for count, key in zip(counts, layer.levels, strict=True):
            count[key] += WEIGHTED if layer.weighted else 1
    return _Bag(stage.places, counts)


def _points(first: Sequence[_Bag], second: Sequence[_Bag]) -> int:
    """Points for the layers that two runs of stages share, in any order."""
    if not first or not second:
        return 0
    levels = LEVELS if len(first) == len(second) == 1 else STRICT
    total = 0
    for level, points in enumerate(levels):
        if points:
            mine, theirs = (
                sum((bag.counts[level] for bag in bags), Counter[str]()) for bags in (first, second)
            )
            total += points * (mine & theirs).total()
    one, other = (frozenset().union(*(bag.places for bag in bags)) for bags in (first, second))
    return total * (SAME_PLACE if one & other else OTHER_PLACE)


def _area(shape: Shape) -> int:
    """Units of a map, (N, C, H, W) -> H·W; 1 where there is no map."""
    return max(prod(shape[2:]), 1)

"""The layers of several networks in rows: stages first, then the layers inside them.

The second network is aligned with the first, the third with those two, and so on. The first layer
of a row stands for the whole row.
"""

from collections.abc import Sequence

from cnnviz.analysis import Report
from cnnviz.comparison.align import align
from cnnviz.comparison.facts import Facts, facts
from cnnviz.comparison.stages import Stage, joined, match, runs

Positions = tuple[int | None, ...]  # of a row's layer in each report


class Part:
    """A stage of the rows so far, and the positions of each row."""

    def __init__(self, stage: Stage, rows: list[Positions]):
        self.stage, self.rows = stage, rows


def side_by_side(reports: Sequence[Report]) -> list[list[Positions]]:
    """The rows of every stage, in order.

    Each network's column holds the positions 0, 1, 2 … of its layers once each and in order.
    """
    parts: list[Part] = []
    for before, report in enumerate(reports):
        parts = _with(parts, _parts(report), before)
    return [part.rows for part in parts]


def _parts(report: Report) -> list[Part]:
    """The stages of one network."""
    known = facts(report)
    return [
        Part(
            Stage(frozenset((place,)), tuple(known[position] for position in positions)),
            [(position,) for position in positions],
        )
        for place, positions in runs(report)
    ]


def _with(parts: list[Part], added: list[Part], before: int) -> list[Part]:
    """The rows of `before` networks with one more network added."""
    pairs = match([part.stage for part in parts], [part.stage for part in added])
    return [
        _beside([parts[index] for index in old], [added[index] for index in new], before)
        for old, new in pairs
    ]


def _beside(old: list[Part], new: list[Part], before: int) -> Part:
    """Matched stages as one."""
    mine, theirs = (joined([part.stage for part in side]) for side in (old, new))
    rows, positions = ([row for part in side for row in part.rows] for side in (old, new))
    layers: list[Facts] = []
    made: list[Positions] = []
    for here, there in align(mine.layers, theirs.layers):
        if here is not None:
            layers.append(mine.layers[here])
        elif there is not None:
            layers.append(theirs.layers[there])
        made.append(
            ((None,) * before if here is None else rows[here])
            + ((None,) if there is None else positions[there])
        )
    return Part(Stage(mine.places | theirs.places, tuple(layers)), made)

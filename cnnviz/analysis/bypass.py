"""Which edges of the layer graph go past layers: shortcuts into a sum, bypasses into a concat."""

from collections.abc import Sequence

from cnnviz.analysis.report import Layer

IDENTITY = "shortcut identity"
PROJECTION = "shortcut projection"
INTO_CONCAT = "bypass"

Edge = tuple[int, int]  # positions of two ops; -1 is the network's input


def bypasses(layers: Sequence[Layer], inputs: Sequence[tuple[int, ...]]) -> dict[Edge, str]:
    """The edges past layers, each with its kind.

    Args:
        inputs: of each op, the positions that it is drawn to read.

    A sum of x and F(x) has a shortcut: the side with fewer weighted layers since the two parted.
    Without any it is an identity, which may pick pixels and pad channels, else a projection. A
    concatenation has a bypass where it reads x itself beside F(x), as in DenseNet.
    """
    found: dict[Edge, str] = {}
    for target, layer in enumerate(layers):
        if layer.operation == "add" and len(inputs[target]) == 2:
            found |= _shortcut(layers, inputs, target)
        elif layer.operation == "cat":
            for source in inputs[target]:
                if any(_reads(inputs, other, source) for other in inputs[target]):
                    found[source, target] = INTO_CONCAT
    return found


def _reads(inputs: Sequence[tuple[int, ...]], position: int, source: int) -> bool:
    """Whether an op reads the output of an earlier one, directly or through others."""
    ahead, seen = [position], set()
    while ahead:
        here = ahead.pop()
        if here > source and here not in seen:
            seen.add(here)
            if source in inputs[here]:
                return True
            ahead += inputs[here]
    return False


def _shortcut(
    layers: Sequence[Layer], inputs: Sequence[tuple[int, ...]], target: int
) -> dict[Edge, str]:
    sides = [_side(inputs, start, other) for start, other in _both_ways(inputs[target])]
    weights = [sum(layers[position].weighted for position in side) for side in sides]
    if weights[0] == weights[1]:
        return {}
    short = weights.index(min(weights))
    side, start = sides[short], inputs[target][short]
    kind = PROJECTION if weights[short] else IDENTITY
    edges = {(source, position): kind for position in side for source in inputs[position]}
    return edges | {(start, target): kind}


def _both_ways(pair: tuple[int, ...]) -> list[tuple[int, int]]:
    one, other = pair
    return [(one, other), (other, one)]


def _side(inputs: Sequence[tuple[int, ...]], start: int, other: int) -> set[int]:
    """The ops that lead to `start` since its way and that of `other` parted."""
    reached = {start: {True}, other: {False}}  # whether from `start`
    side = set()
    while len(reached) > 1:
        here = max(reached)  # the latest: all that read it are done
        ways = reached.pop(here)
        if ways == {True}:
            side.add(here)
        for source in inputs[here]:
            reached.setdefault(source, set()).update(ways)
    return side

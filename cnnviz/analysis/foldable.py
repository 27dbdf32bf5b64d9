"""Which scopes can be folded to one node without making a cycle.

A scope's ops need not run one after the other: a network may go back and forth between two lists of
modules. Folded, such lists would read each other. A cycle is avoided in every folding if, within
each scope, the scopes and ops directly inside can be put in an order that no edge goes against.
Where they cannot, a scope on the cycle is left out, which leaves what is inside it to the scope
around it.
"""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

Child = str | int  # a scope, or the position of an op


def foldable(
    members: Mapping[str, list[int]],
    around: Sequence[Sequence[str]],
    inputs: Sequence[tuple[int, ...]],
) -> Mapping[str, list[int]]:
    """The scopes that can be folded, in any combination.

    Args:
        members: the positions of the ops in each scope, outer scopes before those inside them.
        around: of each op, the scopes around it, outermost first.
        inputs: of each op, the positions of those that it reads; all come before it.
    """
    if not any(map(_gaps, members.values())):
        return members  # the order in which they run will do
    kept = dict(members)
    for outer in ("", *members):
        inside = members[outer] if outer else range(len(around))
        while (not outer or outer in kept) and (
            cycle := _cycle(_edges(inside, outer, kept, around, inputs))
        ):
            scopes = [child for child in cycle if isinstance(child, str)]
            del kept[max(scopes, key=lambda scope: _gaps(members[scope]))]
    return kept


def _gaps(positions: Sequence[int]) -> int:
    """How often other ops run in between."""
    return sum(later - earlier > 1 for earlier, later in pairwise(positions))


def _cycle(edges: Iterator[tuple[Child, Child]]) -> list[Child]:
    """One cycle, if there is any."""
    sorter: TopologicalSorter[Child] = TopologicalSorter()
    for source, target in edges:
        sorter.add(target, source)
    try:
        sorter.prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _edges(
    inside: Sequence[int],
    outer: str,
    kept: Mapping[str, list[int]],
    around: Sequence[Sequence[str]],
    inputs: Sequence[tuple[int, ...]],
) -> Iterator[tuple[Child, Child]]:
    """The edges between what is directly inside a scope."""
    child: dict[int, Child] = {}
    for position in inside:
        within = around[position]
        within = within[within.index(outer) + 1 :] if outer else within
        child[position] = next((scope for scope in within if scope in kept), position)
    for target in inside:
        for source in inputs[target]:
            if source in child and child[source] != child[target]:
                yield child[source], child[target]

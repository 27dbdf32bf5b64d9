"""Ops and blocks through the alignment: what stands beside one in the other networks.

From the rows of ResNet-18 and ResNet-34, for example, `stage1.block1` of one stands beside
`stage1.block1` of the other, and `stage1.block3` of ResNet-34 beside nothing.
"""

from collections.abc import Iterator

from cnnviz.analysis import Report
from cnnviz.analysis.graph import ancestors, blocks
from cnnviz.comparison.result import CHANGED, ONLY, SAME, Comparison

MOST = 0.8  # of the ops, as one may stand beside an op outside


def partners(comparison: Comparison, network: int, name: str) -> tuple[str | None, ...]:
    """Names of what stands beside an op or a block, one a network; None where nothing does.

    An op stands beside the op of its row. A block stands beside the block most like it among those
    that hold at least MOST of the ops beside its own: `stage2` of ResNet-34, with four blocks,
    beside that of ResNet-18, with two.

    Args:
        network: position of the network that has it, from 0.
        name: id of the op or block there.
    """
    members = blocks(comparison.networks[network].report).get(name)
    rows = [
        row
        for row in comparison.rows
        if (layer := row.layers[network])
        and (row.positions[network] in members if members else layer.name == name)
    ]
    found: list[str | None] = []
    for other, beside in enumerate(comparison.networks):
        positions = {row.positions[other] for row in rows} - {None}
        if other == network:
            found.append(name)
        elif not positions:
            found.append(None)
        elif members:
            found.append(_nearest_block(beside.report, positions, len(members), name))
        else:
            found.append(beside.report.layers[positions.pop()].name)
    return tuple(found)


def _nearest_block(report: Report, positions: set[int], size: int, name: str) -> str | None:
    """The block most like one of `size` ops, of those that hold enough of the `positions` beside.

    Likeness is intersection over union.
    """
    members = blocks(report)
    shared = {scope: len(positions.intersection(inside)) for scope, inside in members.items()}

    def likeness(scope: str) -> tuple[float, bool, int]:
        union = size + len(members[scope]) - shared[scope]
        # of a container and the one block in it, the one of the same name or depth
        return shared[scope] / union, scope == name, -abs(scope.count(".") - name.count("."))

    enough = (scope for scope in members if shared[scope] >= MOST * len(positions))
    return max(enough, key=likeness, default=None)


def differences(comparison: Comparison, network: int) -> dict[str, str]:
    """What is not the same in all networks: CHANGED or ONLY, by the names of ops and blocks.

    A block is ONLY where all of its ops are, and CHANGED where some op of it is either.
    """
    statuses: dict[str, set[str]] = {}
    for name, status in _statuses(comparison, network):
        statuses.setdefault(name, set()).add(status)
    return {
        name: ONLY if found == {ONLY} else CHANGED
        for name, found in statuses.items()
        if found != {SAME}
    }


def _statuses(comparison: Comparison, network: int) -> Iterator[tuple[str, str]]:
    """Every op and every block around it, with the status of its row."""
    members = blocks(comparison.networks[network].report)
    for row in comparison.rows:
        if layer := row.layers[network]:
            inside = [scope for scope in ancestors(layer.scope) if scope in members]
            for name in dict.fromkeys((*inside, layer.name)):
                yield name, row.status

"""Partners of ops and blocks: their counterparts in the other networks, through the alignment.

From the rows of ResNet-18 and ResNet-34, for example, `stage1.block1` of one stands beside
`stage1.block1` of the other, and `stage1.block3` of ResNet-34 beside nothing.
"""

from collections.abc import Iterator

from cnnviz.analysis import Report, graph
from cnnviz.comparison.result import CHANGED, ONLY, SAME, Comparison

MOST = 0.8  # of the ops; a few may have partners elsewhere


def partners(comparison: Comparison, network: int, name: str) -> tuple[str | None, ...]:
    """Names of the partners of an op or a block, one a network; None where it has none.

    The partner of an op is the op in the same row. The partner of a block is the block most like it
    among those that hold at least MOST of its ops' partners: `stage2` of ResNet-34, with four
    blocks, and `stage2` of ResNet-18, with two, are partners.

    Args:
        network: position of the network that has it, from 0.
        name: id of the op or block there.
    """
    members = graph.members(comparison.networks[network].report).get(name)
    rows = [
        row
        for row in comparison.rows
        if (layer := row.layers[network])
        and (row.positions[network] in members if members else layer.name == name)
    ]
    found: list[str | None] = []
    for other, beside in enumerate(comparison.networks):
        positions = {at for row in rows if (at := row.positions[other]) is not None}
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
    """The partner of a block, by intersection over union.

    Args:
        positions: of the partners of its ops.
        size: number of its ops.
        name: of the block.
    """
    members = graph.members(report)
    shared = {scope: len(positions.intersection(inside)) for scope, inside in members.items()}

    def likeness(scope: str) -> tuple[float, bool, int]:
        union = size + len(members[scope]) - shared[scope]
        # break the tie between a container and its only block by name, then by depth
        return shared[scope] / union, scope == name, -abs(scope.count(".") - name.count("."))

    enough = (scope for scope in members if shared[scope] >= MOST * len(positions))
    return max(enough, key=likeness, default=None)


def differences(comparison: Comparison, network: int) -> dict[str, str]:
    """CHANGED or ONLY for each op and block of a network that differs from the others.

    A block is ONLY if all its ops are, and CHANGED if any of them is CHANGED or ONLY.
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
    """Every op and the blocks around it, with the status of its row."""
    report = comparison.networks[network].report
    for row in comparison.rows:
        if (layer := row.layers[network]) and (position := row.positions[network]) is not None:
            for name in dict.fromkeys((*graph.frames(report, position), layer.name)):
                yield name, row.status

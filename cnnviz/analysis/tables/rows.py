"""The rows of a report's tables: blocks and ops with what they cost."""

from collections.abc import Iterable
from typing import NamedTuple

from cnnviz.analysis.graph import Node, find, fold, open_to_depth
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.report import Report

MEASURES = ("params", "macs", "saved_bytes", "receptive_field")
SUMS = MEASURES[:3]


class Line(NamedTuple):
    """A block, or an op that lies in no closed block.

    Args:
        level: of blocks around it.
        type: class of a block, function of an op.
        is_open: whether the lines below it are its parts.
        output_shape: N included.
        macs, saved_bytes: None where those of an op are not known.
        receptive_field: px a side, as `Layer.receptive_field` has it.
    """

    name: str
    level: int
    type: str
    ops: int
    is_open: bool
    output_shape: Shape
    params: int
    macs: int | None
    saved_bytes: int | None
    receptive_field: int | Shape | None


def lines(report: Report, depth: int = 1) -> list[Line]:
    """Blocks and ops in the order of execution.

    Args:
        depth: levels of blocks to show; 1 shows the outermost.
    """
    found: dict[str, Line] = {}
    for node in fold(report, open_to_depth(report, depth)).nodes:
        for level, scope in enumerate(node.path):
            if scope not in found:
                block = find(report, scope)
                assert block is not None  # it is the path of a node
                found[scope] = _line(report, block, level, is_open=True)
        found[node.id] = _line(report, node, len(node.path))
    unused = [layer for layer in report.layers if layer.kind == "unused"]
    for layer in unused:
        found[layer.name] = Line(
            layer.name, 0, layer.kind, 0, False, (), layer.params, 0, 0, receptive_field=None
        )
    return list(found.values())


def _line(report: Report, node: Node, level: int, *, is_open: bool = False) -> Line:
    layers = [report.layers[position] for position in node.positions]
    return Line(
        node.id,
        level,
        _type(node),
        len(layers),
        is_open,
        node.output_shape,
        node.params,
        node.macs,
        summed(layer.saved_bytes for layer in layers),
        layers[-1].receptive_field,
    )


def summed(values: Iterable[int | None]) -> int | None:
    """The sum; None where a part is not known."""
    known = list(values)
    return None if None in known else sum(value or 0 for value in known)


def _type(node: Node) -> str:
    """3 × Bottleneck in a row, DenseBlock of 6 × DenseLayer, conv2d 7×7 /2."""
    if node.repeated:
        alike = " × ".join(map(str, reversed(node.repeated)))
        return alike if node.operation == "Sequential" else f"{node.operation} of {alike}"
    settings = dict(node.attributes)
    words = [node.operation]
    if "kernel" in settings:
        words.append("×".join(map(str, settings["kernel"])))
        strides = dict.fromkeys(settings.get("stride", ()))
        words += [f"/{'×'.join(map(str, strides))}"] if set(strides) - {1} else []
    return " ".join(words)


def leaves(report: Report, depth: int, sort: str | None = None) -> list[Line]:
    """The lines that are not open, which sum to the totals.

    Args:
        sort: a measure, one of MEASURES, of which the largest come first.
    """
    found = [line._replace(level=0) for line in lines(report, depth) if not line.is_open]
    if sort is not None:
        check_measure(sort)
        found.sort(key=lambda line: rank(getattr(line, sort)), reverse=True)
    return found


def rank(value: int | Shape | None) -> float:
    """A measure as one number; what is not known comes last."""
    if value is None:
        return -1
    return max(value) if isinstance(value, tuple) else value


def check_measure(measure: str) -> None:
    """Refuse what is no measure.

    Raises:
        ValueError: with those that there are.
    """
    if measure not in MEASURES:
        raise ValueError(f"{measure!r} is no measure; there are {', '.join(MEASURES)}.")

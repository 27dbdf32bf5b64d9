"""Memory of one node of the graph."""

from cnnviz.analysis import Report
from cnnviz.analysis.graph import Node


def saved_of(report: Report, node: Node) -> int | None:
    """Bytes that a node saves of one image for the backward pass; None if any op is unknown."""
    saved = [report.layers[position].saved_bytes for position in node.positions]
    return None if None in saved else sum(filter(None, saved))

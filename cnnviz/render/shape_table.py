"""The shape table of a graph as a data frame, for the page and for exports."""

import pandas as pd

from cnnviz.analysis import Report
from cnnviz.analysis.counting.conventions import node_operations, operations, total_operations
from cnnviz.analysis.graph import Graph
from cnnviz.kept import kept
from cnnviz.numbers import percent
from cnnviz.render.kinds import KINDS, shape_text
from cnnviz.render.labels import node_text


@kept
def operations_of(report: Report, counting: str) -> int:
    """Operations of the whole network; `counting` is one of `CONVENTIONS`."""
    return total_operations(report.layers, counting)


@kept
def shape_rows(report: Report, graph: Graph, counting: str, language: str) -> pd.DataFrame:
    """One row for each node of the graph, then one for each module with unused parameters.

    Columns: name, what, input and output (text in `language`), params, params_share, operations
    and operations_share. Shares are in percent of the whole; unknown operations are missing.
    """
    total = operations_of(report, counting)
    counts = [node_operations(report, node, counting) for node in graph.nodes]
    rows = [
        (
            node.id,
            node_text(node, report, language),
            shape_text(*node.input_shapes),
            shape_text(node.output_shape),
            node.params,
        )
        for node in graph.nodes
    ]
    unused = [layer for layer in report.layers if layer.kind == "unused"]
    word = KINDS["unused"].label(language)
    rows += [(layer.name, word, shape_text(), shape_text(), layer.params) for layer in unused]
    counts += [operations(layer, counting) for layer in unused]
    return pd.DataFrame(
        {
            "name": [row[0] for row in rows],
            "what": [row[1] for row in rows],
            "input": [row[2] for row in rows],
            "output": [row[3] for row in rows],
            "params": [row[4] for row in rows],
            "params_share": [percent(row[4], report.params) for row in rows],
            "operations": counts,
            "operations_share": [percent(count or 0, total) for count in counts],
        }
    )

"""HTML legend of the graph's colours, marks and thick lines."""

from collections.abc import Sequence
from html import escape

from cnnviz.analysis import Report
from cnnviz.analysis.graph import Graph
from cnnviz.render.colouring import Colouring
from cnnviz.render.kinds import EDGES


def legend(
    report: Report,
    graph: Graph,
    language: str,
    *,
    colour_by: str = "kind",
    milliseconds: Sequence[float] = (),
) -> str:
    """The colours and marks of the graph's nodes, and its kinds of edges past layers.

    Args:
        colour_by, milliseconds: see `Colouring`.
    """
    colouring = Colouring(report, graph, colour_by, milliseconds)
    parts = [
        f'<span><i style="background:{fill.colour};color:{fill.ink}">{mark}</i>'
        f"{escape(label(language))}</span>"
        for fill, mark, label in colouring.legend(language)
    ]
    parts += [
        f'<span><b style="border-top:{edge.width}px {edge.line} {edge.colour}"></b>'
        f"{edge.label(language)}</span>"
        for kind, edge in EDGES.items()
        if kind in graph.bypasses.values()
    ]
    return f'<div class="legend">{"".join(parts)}</div>'

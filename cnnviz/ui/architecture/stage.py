"""The interactive graph of one network: folding, selection, search and presentation.

The caller keeps the look of the graph; each act of the user asks for another look.
"""

from collections.abc import Callable
from dataclasses import replace

from cnnviz.analysis import Report
from cnnviz.analysis.graph import Graph, find, fold, inside, scopes
from cnnviz.kept import kept
from cnnviz.render.kinds import shape_text
from cnnviz.render.labels import node_text
from cnnviz.ui.kit.graph_view import graph_view
from cnnviz.ui.kit.words import language
from cnnviz.ui.session.look import Look


def stage(
    svg: str,
    *,
    name: str,
    report: Report,
    look: Look,
    on_change: Callable[[Look], None],
    key: str,
    may_present: bool,
) -> None:
    """Show the drawing of a report.

    Args:
        svg: the report, drawn with the look's scopes unfolded.
        on_change: called with the look that the user asks for.
        may_present: whether the graph can fill the window.
    """
    known = scopes(report)
    opened = frozenset(look.opened & known)
    graph = fold(report, opened, together=True)
    targets = _foldings(report, graph, opened)

    around = dict(_places(fold(report, known, together=True)))

    def stop(text: str) -> Look:
        selected, *scopes = text.split("\n")
        return look.unfolding(known & set(scopes)).at(selected or None)

    graph_view(
        svg,
        name=name,
        places=_places(graph),
        index=_index(report, language()),
        selected=look.seen_in(report, graph).selected,
        folds={way: target != opened for way, target in targets.items()},
        on={
            "select": lambda node: on_change(look.at(node)),
            "toggle": lambda scope: on_change(look.toggling(report, scope)),
            "deep": lambda scope: on_change(
                look.unfolding(opened | inside(report, scope)).at(scope)
            ),
            "jump": lambda node: on_change(
                look.unfolding(opened.union(around.get(node, ()))).at(node)
            ),
            "stop": lambda text: on_change(stop(text)),
            "fold": lambda way: on_change(look.unfolding(targets.get(way, opened))),
            "present": lambda state: on_change(replace(look, presenting=state == "on")),
        },
        key=key,
        presenting=look.presenting if may_present else None,
    )


def _foldings(report: Report, graph: Graph, opened: frozenset[str]) -> dict[str, frozenset[str]]:
    """The toolbar's ways of folding, each with the scopes that it leaves open."""
    closed = {node.id for node in graph.nodes if node.is_block}
    return {
        "fold_all": frozenset(),
        "unfold_level": opened | closed,
        "unfold_all": scopes(report),
    }


def _places(graph: Graph) -> list[tuple[str, tuple[str, ...]]]:
    """Everything drawn, in the order of execution, each with the open boxes around it.

    An open box comes before its content.
    """
    places: dict[str, tuple[str, ...]] = {}
    for node in graph.nodes:
        for depth, scope in enumerate(node.path):
            places.setdefault(scope, node.path[:depth])
        places[node.id] = node.path
    return list(places.items())


@kept
def _index(report: Report, language: str) -> tuple[tuple[str, str, str], ...]:
    """Id, text and output shape of every op and block, in the order of execution."""
    everything = fold(report, scopes(report), together=True)
    ops = {node.id: node for node in everything.nodes}
    nodes = {name: ops.get(name) or find(report, name) for name, _ in _places(everything)}
    return tuple(
        (name, node_text(node, report, language), shape_text(node.output_shape))
        for name, node in nodes.items()
        if node
    )

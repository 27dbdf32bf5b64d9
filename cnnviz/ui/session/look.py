"""How one looks at a network: what is unfolded, selected and counted, and which view is open."""

from dataclasses import dataclass, replace
from typing import Self

from cnnviz.analysis import Report
from cnnviz.analysis.counting.conventions import CONVENTIONS
from cnnviz.analysis.graph import Graph, ancestors, frames, members
from cnnviz.render.colouring import COLOURINGS

PANES = ("graph", "both", "views")


@dataclass(frozen=True)
class Look:
    """One way to look at a network; a change makes another look.

    Args:
        opened: the scopes that are unfolded; those of other networks do no harm.
        selected: the op or block whose details are shown.
        counting: what counts as an operation, one of `CONVENTIONS`.
        tab: the name of the view that is open; "" for the first.
        panes: which of `PANES` are shown.
        unit: row and column of the unit under the lens; None for the middle of the map.
        presenting: whether the graph fills the window.
        colour_by: what the colour of a node says, one of `COLOURINGS`.
    """

    opened: frozenset[str] = frozenset()
    selected: str | None = None
    counting: str = next(iter(CONVENTIONS))
    tab: str = ""
    panes: str = "both"
    unit: tuple[int, int] | None = None
    presenting: bool = False
    colour_by: str = COLOURINGS[0]

    def at(self, name: str | None) -> Self:
        """The look with another op or block selected, or none."""
        return replace(self, selected=name, unit=None if name != self.selected else self.unit)

    def unfolding(self, scopes: frozenset[str]) -> Self:
        """The look with just these scopes unfolded."""
        return replace(self, opened=frozenset(scopes))

    def toggling(self, scope: str) -> Self:
        """The look with one scope folded, with all inside it, or unfolded; it is then selected."""
        if scope in self.opened:
            left = {inner for inner in self.opened if scope not in ancestors(inner)}
            return self.unfolding(left).at(scope)
        return self.unfolding(self.opened | {scope}).at(scope)

    def reaching(self, report: Report, name: str) -> Self:
        """The look with an op of the report selected and the blocks around it unfolded."""
        (position,) = [x for x, layer in enumerate(report.layers) if layer.name == name]
        return self.unfolding(self.opened.union(frames(report, position))).at(name)

    def seen_in(self, report: Report, graph: Graph) -> Self:
        """The look with what is selected, or the closed box around it, visible in the graph."""
        visible = {name for node in graph.nodes for name in (*node.path, node.id)}
        if self.selected is None or self.selected in visible:
            return self
        ops = {layer.name: [position] for position, layer in enumerate(report.layers)}
        positions = {**ops, **members(report)}.get(self.selected, ())
        around = [name for at in positions[:1] for name in frames(report, at) if name in visible]
        return replace(self, selected=around[-1] if around else None)

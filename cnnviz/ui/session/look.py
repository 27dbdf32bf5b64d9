"""The look at a network: what is unfolded, selected and counted, and which view is open."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

from cnnviz.analysis import Report
from cnnviz.analysis.counting.conventions import CONVENTIONS
from cnnviz.analysis.graph import Graph, frames, inside, members
from cnnviz.render.colouring import COLOURINGS, TIME

PANES = ("graph", "both", "views")
TABS = (  # of which each network has its own
    *("details", "split", "table", "figure", "cost", "ledger", "code", "depth", "memory"),
    *("profiles", "time", "field", "family", "maps", "counters"),
)
COLOURS = (*COLOURINGS, TIME)
MOST_TIMED = 512  # images in one pass


class Timed(NamedTuple):
    """How a network is timed.

    Args:
        batch: images in one pass, 1 to `MOST_TIMED`.
        precision: one of `cnnviz.analysis.timing.setting.PRECISIONS`.
        channels_last: layout of the maps.
    """

    batch: int = 1
    precision: str = "fp32"
    channels_last: bool = False


AS_USUAL = Timed()


@dataclass(frozen=True)
class Look:
    """An immutable look at a network.

    Args:
        opened: unfolded scopes; names that the network lacks are ignored.
        selected: op or block whose details are shown.
        counting: convention for counting operations, one of `CONVENTIONS`.
        tab: the open view, one of `TABS`; "" for the first.
        panes: one of `PANES`.
        unit: row and column of the unit under the lens; None for the middle of the map.
        presenting: whether the graph fills the window.
        colour_by: measure that colours the nodes, one of `COLOURS`.
        timed: how the network is timed.
    """

    opened: frozenset[str] = frozenset()
    selected: str | None = None
    counting: str = next(iter(CONVENTIONS))
    tab: str = ""
    panes: str = "both"
    unit: tuple[int, int] | None = None
    presenting: bool = False
    colour_by: str = COLOURS[0]
    timed: Timed = AS_USUAL

    def at(self, name: str | None) -> Self:
        """The look with another op or block selected; None selects nothing."""
        return replace(self, selected=name, unit=None if name != self.selected else self.unit)

    def unfolding(self, scopes: Iterable[str]) -> Self:
        """The look with exactly these scopes unfolded."""
        return replace(self, opened=frozenset(scopes))

    def toggling(self, report: Report, scope: str) -> Self:
        """The look with a scope selected and unfolded, or folded with everything inside it."""
        if scope in self.opened:
            return self.unfolding(self.opened - inside(report, scope)).at(scope)
        return self.unfolding(self.opened | {scope}).at(scope)

    def reaching(self, report: Report, name: str) -> Self:
        """The look with an op selected and the blocks around it unfolded."""
        (position,) = [x for x, layer in enumerate(report.layers) if layer.name == name]
        return self.unfolding(self.opened.union(frames(report, position))).at(name)

    def seen_in(self, report: Report, graph: Graph) -> Self:
        """The look with a visible selection: an op inside a closed box selects the box."""
        visible = {name for node in graph.nodes for name in (*node.path, node.id)}
        if self.selected is None or self.selected in visible:
            return self
        ops = {layer.name: [position] for position, layer in enumerate(report.layers)}
        known: Mapping[str, Sequence[int]] = {**ops, **members(report)}
        positions = known.get(self.selected, ())
        around = [name for at in positions[:1] for name in frames(report, at) if name in visible]
        return replace(self, selected=around[-1] if around else None)

"""How one looks at a network: which blocks are unfolded, and what is selected."""

from dataclasses import dataclass, replace
from typing import Self

from cnnviz.analysis.graph import ancestors


@dataclass(frozen=True)
class Look:
    """One way to look at a network; a change makes another look.

    Args:
        opened: the scopes that are unfolded.
        selected: the op or block whose details are shown.
    """

    opened: frozenset[str] = frozenset()
    selected: str | None = None

    def at(self, name: str | None) -> Self:
        """The look with another op or block selected, or none."""
        return replace(self, selected=name)

    def unfolding(self, scopes: frozenset[str]) -> Self:
        """The look with just these scopes unfolded."""
        return replace(self, opened=frozenset(scopes))

    def toggling(self, scope: str) -> Self:
        """The look with one scope folded, with all inside it, or unfolded."""
        if scope in self.opened:
            return self.unfolding({inner for inner in self.opened if scope not in ancestors(inner)})
        return self.unfolding(self.opened | {scope})

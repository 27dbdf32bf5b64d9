"""The graphs side by side, with linked unfolding and selection."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.graph import ancestors, scopes
from cnnviz.comparison import Comparison
from cnnviz.comparison.partners import differences, partners
from cnnviz.ui.architecture.explorer import graph_of
from cnnviz.ui.compare import networks
from cnnviz.ui.compare.selected import selected_view
from cnnviz.ui.kit.words import as_markdown, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.session.subject import Member, Subject

_WIDTH = 460  # px, of one of many: two in a row on a projector of 1366 px, three on 1920 px


@st.fragment
def graphs(comparison: Comparison, slots: list[Slot], counting: str) -> None:
    """Draw as many graphs in a row as fit, and a table of the selection below."""
    with st.container(horizontal=True, vertical_alignment="center"):
        linked = st.toggle(
            t("beside.link"), value=True, key="beside.link", help=t("beside.link_help")
        )
        st.markdown(t("beside.marks"), width="stretch")
    shown = Graphs(comparison, slots, linked)
    width: int | Literal["stretch"] = "stretch" if len(slots) == networks.LEAST else _WIDTH
    with st.container(horizontal=True, gap="small"):
        for number, slot in enumerate(slots):
            with st.container(width=width):
                st.markdown(f"**{number + 1} · {as_markdown(slot.preset.name)}**")
                graph_of(
                    shown.subject(number),
                    slot.look,
                    partial(shown.see, number, slot.look),
                    key=slot.key,
                    marks=differences(comparison, number),
                )
    selected_view(comparison, slots, counting)


@dataclass(frozen=True)
class Graphs:
    """The graphs of a comparison.

    Args:
        linked: whether an act in one graph is repeated on its partners in the others.
    """

    comparison: Comparison
    slots: list[Slot]
    linked: bool

    def subject(self, number: int) -> Member:
        """The network at a position of the comparison."""
        slot = self.slots[number]
        return Subject.of(slot.preset, slot.spec)

    def see(self, number: int, shown: Look, wanted: Look) -> None:
        """Take over a new look at one network and, if linked, the same change for the others.

        Args:
            shown: the look that was drawn when the user acted.
            wanted: the look that the user asked for.
        """
        self._see(number, shown, wanted)
        if self.linked:
            for other in range(len(self.slots)):
                if other != number:
                    look = self.slots[other].look
                    self._see(other, look, self._alike(number, shown, wanted, other))

    def _see(self, number: int, shown: Look, wanted: Look) -> None:
        self.slots[number].see(self.subject(number), shown, wanted)

    def _alike(self, number: int, shown: Look, wanted: Look, other: int) -> Look:
        """The look at another network, after the look at this one has changed."""
        look = self.slots[other].look

        def beside(name: str) -> str | None:
            return partners(self.comparison, number, name)[other]

        if wanted.opened != shown.opened:
            if not wanted.opened:
                look = look.unfolding(frozenset())
            elif wanted.opened >= self._everything(number):
                look = look.unfolding(self._everything(other))
            else:
                for scope in wanted.opened - shown.opened:
                    if partner := beside(scope):
                        look = look.unfolding(look.opened.union(ancestors(partner)))
                for scope in shown.opened - wanted.opened:
                    if (partner := beside(scope)) and partner in look.opened:
                        look = look.toggling(self._report(other), partner)
        if wanted.selected != shown.selected:
            look = look.at(wanted.selected and beside(wanted.selected))
        return look

    def _everything(self, number: int) -> frozenset[str]:
        return scopes(self._report(number))

    def _report(self, number: int) -> Report:
        return self.comparison.networks[number].report

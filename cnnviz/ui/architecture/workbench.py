"""All views of a slot's network; a click in here redraws only this part of the page."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.ui.architecture.explorer import explorer
from cnnviz.ui.architecture.split_editor import split_editor, splits
from cnnviz.ui.session import look_address
from cnnviz.ui.session.slot import Slot


@st.fragment
def workbench(slot: Slot, reference: Report, generation: int) -> None:
    """Show a slot's network.

    Args:
        reference: report of the slot's preset.
        generation: that of the slot when the page was drawn.
    """
    if slot.generation != generation:
        st.rerun()  # a knob was turned in here, so the rest of the page has to follow
    subject = slot.subject()
    look, on_change = slot.looking(subject)
    look_address.show(slot.link(), key=slot.key("address"))  # first, since some views are slow
    more: dict[str, Callable[[], None]] = {}
    if splits(subject.spec):
        more["split"] = partial(split_editor, slot, subject, reference, look, on_change)
    explorer(subject, look, on_change, key=slot.key, more=more)

"""The graphs beside each other, each with its own folding and selection."""

import streamlit as st

from cnnviz.ui.architecture.explorer import graph_of
from cnnviz.ui.kit.words import as_markdown
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.session.subject import Subject

_IN_A_ROW = {2: 2, 3: 3, 4: 2, 5: 3, 6: 3}


@st.fragment
def graphs(slots: list[Slot]) -> None:
    """Draw two or three in a row."""
    per_row = _IN_A_ROW[len(slots)]
    for start in range(0, len(slots), per_row):
        row = slots[start : start + per_row]
        for column, slot in zip(st.columns(per_row, gap="small"), row, strict=False):
            with column:
                st.markdown(f"**{start + row.index(slot) + 1} · {as_markdown(slot.preset.name)}**")
                subject = Subject.of(slot.preset, slot.spec)
                graph_of(subject, *slot.looking(subject), key=slot.key)

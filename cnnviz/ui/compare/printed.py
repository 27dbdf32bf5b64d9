"""Printed tables with several columns, beside the networks that they describe."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.ledger import Comparison, compare
from cnnviz.ledger.compare import tables_of
from cnnviz.render.ledger_columns import ledger_columns
from cnnviz.ui.compare import networks
from cnnviz.ui.kit.words import language, t
from cnnviz.ui.session.slot import Slot

Columns = dict[str, Comparison]  # by the network's name


def printed(slots: Sequence[Slot]) -> list[Columns]:
    """The sources' tables that describe two or more of the networks, with those networks."""
    found: dict[str, Columns] = {}
    for name, slot in zip(networks.titles(slots), slots, strict=True):
        for table in tables_of(slot.preset.name):
            of_preset = {one.key: one for one in compare(slot.preset, slot.spec)}
            found.setdefault(table.key, {})[name] = of_preset[table.key]
    return [columns for columns in found.values() if len(columns) > 1]


def printed_view(tables: Sequence[Columns]) -> None:
    """Show each table with two columns for each network, printed and built."""
    for columns in tables:
        st.html(ledger_columns(columns, language()))
    st.caption(t("beside.printed_caption"))

"""The paper's tables, row by row, beside the network on screen."""

import streamlit as st

from cnnviz.ledger import compare
from cnnviz.ledger.compare import course_checks
from cnnviz.render.ledger_table import ledger_table
from cnnviz.ui.network import Network
from cnnviz.ui.words import language, t


def ledger_view(network: Network) -> None:
    comparisons = compare(network.preset, network.spec)
    rows = [row for comparison in comparisons for row in comparison.rows]
    agree = sum(row.verdict.agrees for row in rows)
    st.markdown(t("ledger.agree", count=agree, rows=len(rows), preset=network.preset.name))
    st.html(ledger_table(comparisons, language()))
    checks = course_checks(network.family)
    if checks:
        st.html(ledger_table([checks], language()))
    st.caption(t("ledger.caption"))

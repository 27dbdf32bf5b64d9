"""The tables of the paper, row by row beside the network on screen."""

import streamlit as st

from cnnviz.ledger import compare
from cnnviz.ledger.compare import course_checks
from cnnviz.render.ledger_table import ledger_table
from cnnviz.ui.kit.words import language, t
from cnnviz.ui.session.subject import Member


def ledger_view(subject: Member) -> None:
    comparisons = compare(subject.preset, subject.spec)
    rows = [row for comparison in comparisons for row in comparison.rows]
    agree = sum(row.verdict.agrees for row in rows)
    st.markdown(t("ledger.agree", count=agree, rows=len(rows), preset=subject.preset.name))
    st.html(ledger_table(comparisons, language()))
    if checks := course_checks(subject.spec.family):
        st.markdown(f"### {t('ledger.checks')}")
        st.html(ledger_table(checks, language()))
    st.caption(t("ledger.caption"))

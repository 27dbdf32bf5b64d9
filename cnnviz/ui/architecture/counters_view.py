"""Operations by other tools' counts, each difference with its cause, and torchinfo's table."""

from importlib.metadata import version

import streamlit as st

from cnnviz.analysis.counting.other_tools import (
    OURS,
    TORCH,
    TORCHINFO,
    measure,
    read_counters,
    reading,
)
from cnnviz.render.counters_table import counters_table
from cnnviz.ui.kit.words import language, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Member

_HEIGHT = 480  # px


def counters_view(subject: Member, look: Look) -> None:
    spec, report = subject.spec, subject.report
    ours = [reading(counter, report) for counter in OURS]
    ran = {counter.name: version(counter.name.split()[0]) for counter in (TORCH, TORCHINFO)}
    st.markdown(t("counters.intro"))
    st.html(counters_table([*ours, *read_counters(spec)], ran, language(), marked=look.counting))
    st.caption(t("counters.caption"))
    measured = measure(spec)
    with st.expander(t("counters.torchinfo", version=ran[TORCHINFO.name])):
        mark = "✓" if measured.params == report.params else f"≠ {report.params:,}"
        st.markdown(t("counters.params", count=f"{measured.params:,}", mark=mark))
        st.code(measured.text, language=None, height=_HEIGHT)

"""The walk from ResNet-50 to ConvNeXt as a table: what each step costs, and what it gave."""

from urllib.parse import urlencode

import streamlit as st

from cnnviz.ledger.walk import GOAL, walk
from cnnviz.numbers import short
from cnnviz.render import markdown
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.kit.words import as_markdown, language_in_address, say, t
from cnnviz.ui.session.address import write_slot


def walk_table() -> None:
    """Every step with its counts, the printed numbers and its way to the Compare page."""
    st.markdown(f"### {t('walk.title')}")
    st.markdown(t("walk.intro"))
    stations = walk()
    reports = prepare(*(step.spec for step in stations), pause=st.empty())
    rows = []
    before = None
    for step, report in zip(stations, reports, strict=True):
        name = as_markdown(say(step.name))
        if before is not None:
            query = {
                **write_slot("n1", GOAL, before.spec),
                **write_slot("n2", GOAL, step.spec),
                **language_in_address(),
            }
            name = f"[{name}](compare?{urlencode(query)})"
        counts = (short(report.params), short(report.macs))
        printed = (step.macs.replace("G", " G") or "–", step.accuracy or "–")
        rows.append([name, *counts, *printed])
        before = step
    names = [t(f"walk.{name}") for name in ("step", "params", "macs", "printed", "accuracy")]
    st.markdown(markdown.table(names, rows, numbers=4))
    st.caption(t("walk.source"))

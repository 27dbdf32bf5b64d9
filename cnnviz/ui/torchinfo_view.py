"""torchinfo's summary of the network, its totals beside ours, and why they differ."""

from importlib.metadata import version

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.counters import Summary, torchinfo_summary
from cnnviz.families import Spec
from cnnviz.ui.words import t

_HEIGHT = 480  # px


def torchinfo_view(spec: Spec, report: Report) -> None:
    summary = torchinfo_summary(spec)
    st.markdown(t("torchinfo.intro", version=version("torchinfo")))
    with st.container(key="torchinfo-totals"):
        st.markdown(_totals(summary, report))
    st.markdown(_reason(summary, report))
    st.code(summary.text, language=None, height=_HEIGHT)


def _totals(summary: Summary, report: Report) -> str:
    columns = (t(f"torchinfo.{name}") for name in ("total", "ours", "theirs", "difference"))
    rows = (
        (t("details.params"), report.params, summary.params),
        (t("torchinfo.mult_adds"), report.macs, summary.mult_adds),
    )
    lines = [f"| {' | '.join(columns)} |", "|:--|--:|--:|--:|"]
    for name, ours, theirs in rows:
        mark = "✓ 0" if ours == theirs else f"{theirs - ours:+,}"
        lines.append(f"| {name} | {ours:,} | {theirs:,} | {mark} |")
    return "\n".join(lines)


def _reason(summary: Summary, report: Report) -> str:
    parts = [
        t(f"torchinfo.{name}", count=f"{count:,}")
        for name, count in (("biases", summary.biases), ("others", summary.others))
        if count
    ]
    if summary.mult_adds == report.macs:
        return t("torchinfo.equal")
    sentences = [t("torchinfo.because", parts=t("torchinfo.and").join(parts))] if parts else []
    if summary.unexplained:
        sentences.append(t("torchinfo.unexplained", count=f"{summary.unexplained:+,}"))
    return " ".join(sentences)

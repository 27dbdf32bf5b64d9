"""Profiles along the depth, and over one training step."""

from collections.abc import Callable

import streamlit as st

from cnnviz.analysis.memory.timeline import timeline
from cnnviz.numbers import short
from cnnviz.render.profile_charts import depth_chart, step_chart
from cnnviz.ui.architecture.measured_times import milliseconds
from cnnviz.ui.architecture.memory_view import step_controls
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.words import as_markdown, language, t
from cnnviz.ui.session.subject import Member


def profiles_view(subject: Member, *, key: Callable[[str], str]) -> None:
    """Show resolution, channels, parameters, MACs, memory and time of each op, and a step."""
    report = subject.report
    times = milliseconds(subject, key)
    chart = depth_chart(report, language(), ink=ink(), milliseconds=times)
    st.plotly_chart(chart, key=key("profiles.depth"), config=TOOLS, alt=t("profiles.depth_alt"))
    st.caption(t("profiles.depth_caption") if times else t("profiles.no_time"))
    batch, settings = step_controls(key, "profiles")
    moments = timeline(report, batch, **settings)
    peak = max(moments, key=lambda moment: moment.memory.total)
    name = report.layers[peak.position].name if peak.position >= 0 else ""
    st.markdown(
        t(
            f"profiles.peak_{peak.phase}",
            total=short(peak.memory.total, "B"),
            layer=as_markdown(name),
            saved=short(peak.memory.activations, "B"),
        )
    )
    chart = step_chart(report, moments, language(), ink=ink())
    st.plotly_chart(chart, key=key("profiles.step"), config=TOOLS, alt=t("profiles.step_alt"))
    st.caption(t("profiles.step_caption"))

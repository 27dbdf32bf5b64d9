"""The steps one below the other, and the contest that drove them beside."""

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.families import Spec
from cnnviz.ledger.stories import stories
from cnnviz.render.contest_chart import Entry, contest_chart
from cnnviz.text import Text
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.kit.words import as_markdown, language, language_in_address, say, t
from cnnviz.ui.line.step import Step
from cnnviz.ui.line.steps import specs, steps

# Their sources are those of the remarks in families.toml.
_OTHERS = (
    Entry(2011, Text("winner", "冠军"), 25.8, False),
    Entry(2012, Text("runner-up", "第二名"), 26.2, False),
)
_PERSON = (Text("a person", "人"), 5.1)


def story() -> None:
    """Every step with its reason and its way to the Compare page."""
    reports = dict(zip(specs(), prepare(*specs(), pause=st.empty()), strict=True))
    for number, step in enumerate(steps(), start=1):
        with st.container(border=True, key=f"line-step-{number}"):
            _step(step, reports)


def _step(step: Step, reports: dict[Spec, Report]) -> None:
    title = f"{as_markdown(say(step.before))} → {as_markdown(say(step.after))}"
    link = f"[{t('line.compare')}]({step.link(language_in_address())})"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"### {step.year()} · {title}", width="stretch")
        st.markdown(link, width="content")
    difference, reason = (as_markdown(say(text)) for text in step.told(reports))
    st.markdown(f"**{difference}**  \n{reason}")


def contest() -> None:
    """The chart of the ILSVRC, and its figures as text."""
    entries = contest_entries()
    st.markdown(f"### {t('line.contest')}")
    st.plotly_chart(
        contest_chart(entries, _PERSON, language(), ink=ink()),
        key="line.contest",
        config=TOOLS,
        alt=t("line.contest"),
    )
    figures = [f"{entry.year} {say(entry.name)} {entry.error:g} %" for entry in entries]
    person, level = _PERSON
    figures.append(f"{say(person)} {level:g} %")
    st.caption(f"{as_markdown(' · '.join(figures))}  \n{t('line.contest_caption')}")


def contest_entries() -> list[Entry]:
    """Who has an error with a source, by year; a network without one is not there."""
    of_the_line = [
        Entry(
            story.ilsvrc.year,
            Text(story.title, story.title),
            story.ilsvrc.top5_error,
            True,
        )
        for story in stories().values()
        if story.ilsvrc
    ]
    # of one year the larger error first, so that the bars grow shorter
    return sorted([*_OTHERS, *of_the_line], key=lambda entry: (entry.year, -entry.error))

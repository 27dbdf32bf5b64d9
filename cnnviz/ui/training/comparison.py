"""Several runs on one chart, followed live: a race, or runs picked from the list."""

from itertools import count

import streamlit as st

from cnnviz.render.training_charts import compare_chart
from cnnviz.training.job import Job
from cnnviz.ui.look import ink
from cnnviz.ui.polling import every
from cnnviz.ui.training import runs
from cnnviz.ui.training.live import POLL, state_mark
from cnnviz.ui.training.steady_chart import steady_chart
from cnnviz.ui.words import as_markdown, language, t


def comparison() -> None:
    """Show the runs that are compared, if there are at least two."""
    jobs = _jobs()
    if len(jobs) < 2:
        return
    states = [job.state for job in jobs]
    passes = count()

    @every(POLL if any(job.is_active for job in jobs) else None)
    def follow() -> None:
        now = _jobs() if next(passes) else jobs
        if [job.state for job in now] != states:
            st.rerun()
        _charts(now)

    heading, close = st.columns([6, 1], vertical_alignment="center")
    heading.markdown(f"### {t('compare.title')}")
    close.button(
        t("compare.close"),
        key="compare-close",
        width="stretch",
        on_click=runs.compare,
        args=((),),
    )
    follow()


def _jobs() -> list[Job]:
    found = (runs.store().job(job_id) for job_id in runs.on_screen().compared)
    return [job for job in found if job is not None]


def _charts(jobs: list[Job]) -> None:
    courses = {runs.title(job): runs.course(job.id) for job in jobs}
    revision = "-".join(job.id for job in jobs)
    look = {
        "epochs": max(job.request.recipe.epochs for job in jobs),
        "ink": ink(),
        "revision": revision,
    }
    for column, measure in zip(st.columns(2), ("accuracy", "loss"), strict=True):
        figure = compare_chart(courses, measure, language(), **look)
        with column:
            steady_chart(figure, key=f"{measure}-{revision}", label=t(f"compare.{measure}_alt"))
    st.markdown(_table(jobs))


def _table(jobs: list[Job]) -> str:
    """Where each of them is."""
    names = ("network", "state", "epoch", "accuracy", "seconds")
    lines = [f"| {' | '.join(t(f'runs.{name}') for name in names)} |", "|:--|:--|--:|--:|--:|"]
    for job in jobs:
        course = runs.course(job.id)
        best = course.epochs[-1]["test_accuracy"] if course.epochs else None
        cells = (
            as_markdown(runs.title(job)),
            state_mark(job),
            f"{course.now.get('epoch', 0):.1f} / {job.request.recipe.epochs}",
            "–" if best is None else f"{100 * best:.1f} %",
            f"{job.result['seconds']:.1f}" if job.result else "–",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)

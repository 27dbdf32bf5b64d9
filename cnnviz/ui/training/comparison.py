"""Several runs on one chart, followed live: a race, or runs picked from the list."""

from itertools import count

import streamlit as st

from cnnviz.render.training_charts import compare_chart
from cnnviz.training.job import Job
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.steady_chart import steady_chart
from cnnviz.ui.kit.words import as_markdown, language, t
from cnnviz.ui.session.owner import owner
from cnnviz.ui.training import labels, runs
from cnnviz.ui.training.run_view import POLL, epochs, epochs_shown, percent, seconds, state_mark


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
        _charts(now, part)

    # outside the fragment: a part that redraws each second is hard to click
    part = _heading(jobs)
    follow()


def _jobs() -> list[Job]:
    found = (runs.store().job(job_id) for job_id in runs.on_screen().compared)
    return [job for job in found if job is not None and job.is_readable]


def _heading(jobs: list[Job]) -> str:
    """Draw the title and what can be done; give the part of the images that is asked for."""
    with st.container(horizontal=True, vertical_alignment="center", key="compare-heading"):
        st.markdown(f"### {t('compare.title')}", width="stretch")
        part = st.segmented_control(
            t("compare.part"),
            ("test", "train"),
            default="test",
            required=True,
            key=f"compare.part.{language()}",
            format_func=lambda part: t(f"compare.{part}"),
            label_visibility="collapsed",
            help=t("compare.part_help"),
        )
        own = [job for job in jobs if job.is_active and runs.is_mine(job)]
        if own:
            st.button(
                t("compare.stop_all"),
                key="compare-stop",
                on_click=_stop,
                args=(own,),
                help=t("compare.stop_all_help"),
            )
        st.button(t("compare.close"), key="compare-close", on_click=runs.compare, args=((),))
    return part


def _stop(jobs: list[Job]) -> None:
    for job in jobs:
        runs.store().cancel(job.id, owner=owner())


def _charts(jobs: list[Job], part: str) -> None:
    histories = {
        label: runs.history(job.id) for label, job in zip(labels.labels(jobs), jobs, strict=True)
    }
    revision = "-".join([part, *(job.id for job in jobs)])
    whole = max(epochs_shown(job, runs.history(job.id)) for job in jobs)
    for column, measure in zip(st.columns(2), ("accuracy", "loss"), strict=True):
        figure = compare_chart(
            histories, part, measure, language(), epochs=whole, ink=ink(), revision=revision
        )
        with column:
            label = t(f"compare.{measure}_alt", part=t(f"compare.{part}"))
            steady_chart(figure, key=f"{measure}-{revision}", label=label)
    st.markdown(_table(jobs))
    if any(not history.epochs for history in histories.values()):
        st.caption(t("compare.first_epoch"))


def _table(jobs: list[Job]) -> str:
    """Show where each run is."""
    names = ("network", "state", "epoch", "train_accuracy", "accuracy", "seconds")
    lines = [f"| {' | '.join(t(f'runs.{name}') for name in names)} |", "|:--|:--|--:|--:|--:|--:|"]
    for job, label in zip(jobs, labels.labels(jobs), strict=True):
        history = runs.history(job.id)
        now = history.now
        last = history.epochs[-1] if history.epochs else None
        trained = last.train_accuracy if last else now.accuracy if now else None
        cells = (
            as_markdown(label),
            state_mark(job),
            f"{epochs(history)} / {job.asked.recipe.epochs}",
            percent(trained),
            percent(last.test_accuracy if last else None),
            "–" if job.is_active else seconds(job),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)

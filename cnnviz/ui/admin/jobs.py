"""Everybody's jobs, and the queue: pause it, stop some of them or all."""

import time

import pandas as pd
import streamlit as st

from cnnviz.training.job import Job
from cnnviz.training.state import ACTIVE, ENDED, JobState
from cnnviz.ui.admin import actions
from cnnviz.ui.kit.words import as_markdown, t
from cnnviz.ui.training import labels, runs
from cnnviz.ui.training.run_view import state_mark

_ENDED = 50  # of those that ended, so many are shown
_HEIGHT = 390  # px


def jobs() -> None:
    """Draw the queue's switch and the table."""
    store = runs.store()
    found = store.jobs(states=ACTIVE) + store.jobs(states=ENDED, most=_ENDED)
    with st.container(horizontal=True, vertical_alignment="center", key="admin-queue"):
        _switch()
        place = st.empty()
        with st.popover(t("admin.stop_all")):
            st.markdown(t("admin.stop_all_sure", count=sum(job.is_active for job in found)))
            st.button(
                t("admin.stop_all_yes"),
                key="stop-all",
                type="primary",
                on_click=actions.stop_all,
            )
        st.button(t("admin.refresh"), key="refresh")
    chosen = [job for job in _table(found) if job.is_active]
    place.button(
        t("admin.stop", count=len(chosen)),
        key="stop",
        disabled=not chosen,
        on_click=actions.stop,
        args=(chosen,),
        help=t("admin.stop_help"),
    )


def _switch() -> None:
    by = runs.store().paused_by()
    if by is None:
        st.button(t("admin.pause"), key="pause", on_click=actions.pause, help=t("admin.pause_help"))
    else:
        st.button(t("admin.resume"), key="resume", type="primary", on_click=actions.resume)
        st.markdown(t("admin.paused_by", name=as_markdown(by)), width="content")


def _table(found: list[Job]) -> list[Job]:
    """Draw the table and give the rows that are chosen."""
    if not found:
        st.markdown(t("admin.no_jobs"))
        return []
    now = time.time()
    places = {job.id: place for place, job in enumerate(runs.store().queue(), start=1)}
    columns = {
        # no cell begins with text by users: a spreadsheet could take that text for a formula
        "run": [labels.title(job) for job in found],
        "owner": [job.owner for job in found],
        "address": [job.address or None for job in found],
        "state": [state_mark(job) for job in found],
        "place": [places.get(job.id) for job in found],
        "age": [(now - job.created) / 60 for job in found],
        "took": [_minutes(job, now) for job in found],
        "memory": [_megabytes(job) for job in found],
    }
    event = st.dataframe(
        pd.DataFrame(columns).astype({"place": "Int64"}),
        # other rows are another table: a choice never moves to a job that was not chosen
        key=f"admin.jobs.{hash(tuple((job.id, job.state) for job in found))}",
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        height=_HEIGHT,
        column_config={
            "run": st.column_config.TextColumn(t("admin.run"), width=300),
            "owner": st.column_config.TextColumn(t("admin.owner"), width=200),
            "address": st.column_config.TextColumn(t("admin.address"), width=130),
            "state": st.column_config.TextColumn(t("runs.state"), width=100),
            "place": st.column_config.NumberColumn(t("admin.place"), width=110),
            "age": st.column_config.NumberColumn(t("admin.age"), format="%.1f min", width=130),
            "took": st.column_config.NumberColumn(t("admin.took"), format="%.1f min", width=110),
            "memory": st.column_config.NumberColumn(
                t("admin.memory"), format="%.0f MB", width=120, help=t("admin.memory_help")
            ),
        },
        placeholder="–",
        alt=t("admin.jobs_alt"),
    )
    return [found[row] for row in event.selection.rows]


def _minutes(job: Job, now: float) -> float | None:
    """Return the minutes a job has run."""
    return ((job.ended or now) - job.started) / 60 if job.started else None


def _megabytes(job: Job) -> float | None:
    """Return the main memory of a running job at its last report."""
    now = runs.history(job.id).now if job.state == JobState.RUNNING else None
    return now.held_bytes / 1e6 if now and now.held_bytes else None

"""The session's own runs: look at one, rename it, delete it, take it away, compare several."""

import pandas as pd
import streamlit as st

from cnnviz.training import service
from cnnviz.training.errors import TrainingError
from cnnviz.training.history import table
from cnnviz.training.job import Job
from cnnviz.training.worker import WEIGHTS
from cnnviz.ui.kit.words import as_markdown, say, t
from cnnviz.ui.session.owner import owner
from cnnviz.ui.training import form as state
from cnnviz.ui.training import labels, runs
from cnnviz.ui.training.run_view import state_mark

_ROW_HEIGHT = 35  # px
_ROWS_SHOWN = 8


def run_list() -> None:
    """Show the runs, newest first, and what can be done with them."""
    jobs = runs.store().jobs(owner=owner())
    if not jobs:
        return
    st.markdown(f"### {t('runs.own')}")
    _table(jobs)
    _compare([job for job in jobs if job.is_readable])


def actions(job: Job) -> None:
    """Draw the buttons for the run on screen."""
    with st.container(horizontal=True, key="run-actions"):
        st.button(
            t("runs.recipe_again"),
            key="again",
            on_click=state.take,
            args=(job.asked.recipe, job.asked.data),
            help=t("runs.recipe_again_help"),
        )
        history = runs.history(job.id)
        if history.steps:
            st.download_button(
                t("runs.csv"),
                data=lambda: pd.DataFrame(table(history)).to_csv(index=False),
                file_name=labels.file_name(job, ".csv"),
                mime="text/csv",
                on_click="ignore",
                key="csv",
                help=t("runs.csv_help"),
            )
        weights = service.folder(job.id) / WEIGHTS
        if not job.is_active and weights.is_file():
            st.download_button(
                t("runs.weights"),
                data=weights.read_bytes,
                file_name=labels.file_name(job, ".safetensors"),
                mime="application/octet-stream",
                on_click="ignore",
                key="weights",
                help=t("runs.weights_help"),
            )
        own_actions(job)


def own_actions(job: Job) -> None:
    """Draw the buttons that only a run's owner gets."""
    if runs.is_mine(job):
        _rename(job)
        if not job.is_active:
            _delete(job)


def _table(jobs: list[Job]) -> None:
    ids = [job.id for job in jobs]
    shown = runs.on_screen()
    key = f"runs.{shown.generation}"

    def chosen() -> None:
        rows = st.session_state[key].selection.rows
        shown.run = ids[rows[0]] if rows else ""

    st.dataframe(
        pd.DataFrame(
            {
                "number": [job.sequence for job in jobs],
                "name": [job.name for job in jobs],
                "network": [job.request and labels.network_name(job) for job in jobs],
                "recipe": [job.request and " · ".join(labels.recipe_marks(job)) for job in jobs],
                "data": [job.request and labels.data_title(job) for job in jobs],
                "state": [state_mark(job) for job in jobs],
                "accuracy": [100 * job.result.get("test_accuracy", float("nan")) for job in jobs],
                "seconds": [job.result.get("seconds") for job in jobs],
            }
        ),
        key=key,
        hide_index=True,
        on_select=chosen,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [ids.index(shown.run)]}}
        if shown.run in ids
        else None,
        height=_ROW_HEIGHT * (min(len(jobs), _ROWS_SHOWN) + 1) + 2,
        column_config={
            "number": st.column_config.NumberColumn("#", width=50),
            "name": st.column_config.TextColumn(t("runs.name"), width=90),
            "network": st.column_config.TextColumn(t("runs.network"), width=200),
            "recipe": st.column_config.TextColumn(
                t("runs.recipe"), width=130, help=t("runs.recipe_help")
            ),
            "data": st.column_config.TextColumn(t("training.data"), width=140),
            "state": st.column_config.TextColumn(t("runs.state"), width=140),
            "accuracy": st.column_config.NumberColumn(
                t("runs.accuracy"), format="%.1f %%", width=100
            ),
            "seconds": st.column_config.NumberColumn(t("runs.seconds"), format="%.1f s", width=90),
        },
        placeholder="–",
        alt=t("runs.alt"),
    )


def _compare(jobs: list[Job]) -> None:
    shown = runs.on_screen()
    titles = {job.id: labels.title(job) for job in jobs}
    key = f"compare.{shown.generation}"

    def chosen() -> None:
        shown.compared = tuple(st.session_state[key])

    st.multiselect(
        t("compare.choose"),
        list(titles),
        default=[job_id for job_id in shown.compared if job_id in titles],
        key=key,
        format_func=titles.__getitem__,
        max_selections=runs.MOST_COMPARED,
        select_all=False,
        on_change=chosen,
        placeholder=t("compare.placeholder"),
        help=t("compare.help"),
    )


def _rename(job: Job) -> None:
    key = f"name.{job.id}"
    refused = f"{key}.refused"

    def named() -> None:
        st.session_state[refused] = None
        try:
            runs.store().rename(job.id, st.session_state[key], owner=owner())
        except TrainingError as error:
            st.session_state[refused] = error.message

    with st.popover(t("runs.rename")):
        st.text_input(t("runs.name"), value=job.name, key=key, on_change=named)
        if st.session_state.get(refused):
            st.error(say(st.session_state[refused]))


def _delete(job: Job) -> None:
    with st.popover(t("runs.delete")):
        st.markdown(t("runs.delete_sure", name=as_markdown(labels.title(job))))
        if st.button(t("runs.delete_yes"), key=f"delete.{job.id}", type="primary"):
            try:
                runs.delete(job)
            except TrainingError as error:
                st.error(say(error.message))
            else:
                st.rerun()

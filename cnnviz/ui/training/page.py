"""The main part of the Training page."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from cnnviz.config import config
from cnnviz.data.readers import DataError
from cnnviz.training import service
from cnnviz.training.errors import TrainingError
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.words import as_markdown, say, t
from cnnviz.ui.training import labels, runs
from cnnviz.ui.training.results import results
from cnnviz.ui.training.run_list import actions, own_actions
from cnnviz.ui.training.run_view import run_view


@contextmanager
def whole_or_sentence() -> Iterator[None]:
    """Draw the page or, where the store or the data cannot be used, say why."""
    try:
        yield
    except (TrainingError, DataError) as error:
        st.error(say(error.message))


def left_out_notice() -> None:
    """Tell the user if the address names more runs than are shown."""
    shown = runs.on_screen()
    if shown.left_out:
        numbers = {"left_out": shown.left_out, "most": runs.MOST_COMPARED}
        st.warning(t("compare.left_out", **numbers))


def pause_notice() -> None:
    """Tell the user if the queue is paused."""
    if runs.store().paused_by() is not None:
        st.warning(t("runs.paused"))


def silence() -> None:
    """Report a missing dispatcher, and start one where the app may."""
    if not service.CAN_RUN:
        st.warning(t("training.no_system"))
        return

    @every(service.SILENT / 3)
    def look() -> None:
        service.ensure_dispatcher()
        if config().dispatcher == "separate" and service.seconds_silent() > service.SILENT:
            st.warning(t("training.silent", seconds=service.SILENT))

    look()


def selected_run() -> None:
    """Show the run that the address names, else how to come to one."""
    shown = runs.on_screen()
    job = runs.store().job(shown.run) if shown.run else None
    if job is None:
        if shown.run:
            st.warning(t("runs.gone", run=as_markdown(shown.run[:60])))
        _first_steps()
        return
    if not job.is_readable:
        st.markdown(f"### {as_markdown(labels.title(job))}")
        st.error(as_markdown(say(job.message)))
        own_actions(job)
        return
    run_view(job)
    actions(job)
    if job.result:
        results(job)


def _first_steps() -> None:
    with st.container(border=True):
        st.markdown(f"### {t('training.empty')}")
        st.markdown("\n".join(f"{step}. {t(f'training.step{step}')}" for step in (1, 2, 3)))

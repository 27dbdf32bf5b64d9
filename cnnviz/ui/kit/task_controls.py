"""A run of the live worker's tasks on a page: to begin it, how far it is, and to stop it."""

from collections.abc import Callable, Sequence
from itertools import count

import streamlit as st

from cnnviz.live.tasks import Task
from cnnviz.ui.kit.live_client import pause
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.task_run import TaskRun
from cnnviz.ui.kit.words import t

Show = Callable[[TaskRun], None]


def run_at(name: str) -> str:
    """Where the session's state has the run of that name."""
    return f"{name}.run"


def task_run(
    tasks: Sequence[Task],
    name: str,
    label: str,
    *,
    ends_at: tuple[type[Task], ...] = (),
    show: Show | None = None,
) -> TaskRun | None:
    """The run of these tasks, once the user has begun it, with its progress and a way to stop.

    Args:
        name: of the run in the session; other tasks under it end the run.
        label: of the button that begins.
        ends_at: see `TaskRun`.
        show: draws below the progress what has come so far.
    """
    state = run_at(name)
    run: TaskRun | None = st.session_state.get(state)
    if run and run.tasks != tuple(tasks):
        run.stop()
        run = None

    def begin() -> None:
        st.session_state[state] = TaskRun(tasks, f".{name}", ends_at)

    if run and run.is_going:
        run.look()
    if run and run.is_going:
        st.button(t("time.stop"), on_click=run.stop, key=f"{name}.stop")
        _progress(run, show)
    elif not run or run.stopped:
        st.button(label, on_click=begin, key=f"{name}.begin", type="primary")
    return run


def _progress(run: TaskRun, show: Show | None) -> None:
    """Show how far a run is, again and again; a last run of the page then shows what it found."""
    passes = count()

    @every(pause())
    def look() -> None:
        if next(passes):
            run.look()
            if not run.is_going:
                st.rerun()
        done, total = run.done, len(run.tasks)
        st.progress(done / total, text=t("time.progress", done=done, count=total))
        if show:
            show(run)

    look()

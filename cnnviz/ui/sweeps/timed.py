"""The time forward of every network of a sweep, which the live worker measures where asked."""

from collections.abc import Callable, Mapping

import streamlit as st

from cnnviz.live.timing import TimeWhole
from cnnviz.sweeps.figures import Figures
from cnnviz.sweeps.sweep import Sweep
from cnnviz.ui.kit.task_controls import task_run
from cnnviz.ui.kit.task_run import TaskRun
from cnnviz.ui.kit.words import t
from cnnviz.ui.session.device import select_device
from cnnviz.ui.sweeps.tables import Outcomes, Values


def timed(sweep: Sweep, outcomes: Outcomes, draw: Callable[[Values], None]) -> None:
    """Let the user have the networks timed, and draw the times as they come."""
    st.caption(t("sweeps.time_what"))
    device = select_device(help=t("live.device_help"), width=260)
    tasks = {
        place: TimeWhole(device, point.spec, 1, "fp32", False)
        for place, point in enumerate(sweep.points)
        if point.spec and isinstance(outcomes.get(place), Figures)
    }
    if not tasks:
        draw({})
        return
    run = task_run(
        list(dict.fromkeys(tasks.values())),
        "sweeps.time",
        t("sweeps.time_begin", count=len(tasks)),
        show=lambda run: draw(_found(run, tasks)),
    )
    if run and not run.is_going:
        draw(_found(run, tasks))


def _found(run: TaskRun, tasks: Mapping[int, TimeWhole]) -> Values:
    """Milliseconds by position, or why there are none."""
    times = {task: span.median for task, span in run.answers.items()}
    found = times | run.refusals
    return {place: found[task] for place, task in tasks.items() if task in found}

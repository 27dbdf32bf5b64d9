"""What the tab Time has last measured of a network, for the views that show it, too."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from cnnviz.analysis.timing.measure import Pass
from cnnviz.live.timing import TimeForward
from cnnviz.ui.kit.task_controls import run_at
from cnnviz.ui.kit.task_run import TaskRun
from cnnviz.ui.session.subject import Subject

Key = Callable[[str], str]


class MeasuredForward(NamedTuple):
    """A pass forward that was measured, and how."""

    task: TimeForward
    found: Pass

    @property
    def milliseconds(self) -> tuple[float, ...]:
        """Of each op, in the order of the report."""
        return tuple(row.median for row in self.found.rows)


def measured_forward(subject: Subject, key: Key) -> MeasuredForward | None:
    """The pass forward of this network as the tab has last measured it; None if it has not.

    Args:
        key: makes the key of a widget from its name on the page of the tab.
    """
    run: TaskRun | None = st.session_state.get(run_at(key("time")))
    if run is None or not any(_is_of(subject, task) for task in run.tasks):
        return None
    if run.is_going:  # else what comes just now would be seen only in the tab
        run.look()
    for task, answer in run.answers.items():
        if isinstance(task, TimeForward) and _is_of(subject, task):
            return MeasuredForward(task, answer)
    return None


def milliseconds(subject: Subject, key: Key) -> tuple[float, ...]:
    """Of each op of that pass; none if it was not measured."""
    found = measured_forward(subject, key)
    return found.milliseconds if found else ()


def _is_of(subject: Subject, task: object) -> bool:
    return isinstance(task, TimeForward) and task.spec == subject.spec

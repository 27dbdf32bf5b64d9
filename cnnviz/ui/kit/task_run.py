"""Tasks of the live worker that a page asks for one after the other, and may stop."""

from collections.abc import Sequence
from typing import Any

from cnnviz.analysis.real_run import LiveError
from cnnviz.live.tasks import Task
from cnnviz.text import Text
from cnnviz.ui.kit.live_client import ask


class TaskRun:
    """One task at a time is asked for, so that others' tasks come in between.

    Args:
        part: of the page, which has a task in the queue of its own.
        ends_at: kinds of task of which one that is refused ends the run.

    Attributes:
        answers, refusals: what has come so far.
    """

    def __init__(self, tasks: Sequence[Task], part: str, ends_at: tuple[type[Task], ...] = ()):
        self.tasks, self._part, self._ends_at = tuple(tasks), part, ends_at
        self.answers: dict[Task, Any] = {}
        self.refusals: dict[Task, Text] = {}
        self.stopped = False

    def look(self) -> None:
        """Collect the answers, and ask for the first that is missing."""
        for task in self.tasks:
            if self.stopped:
                return
            if task in self.answers or task in self.refusals:
                continue
            answer = ask(task, self._part)
            if not answer.done() or answer.cancelled():
                return
            if isinstance(error := answer.exception(), LiveError):
                self.refusals[task] = error.message
                self.stopped = isinstance(task, self._ends_at)
            else:
                self.answers[task] = answer.result()

    def stop(self) -> None:
        """Ask for nothing any more; what the worker is at comes to its end unheard."""
        self.stopped = True

    @property
    def done(self) -> int:
        """Tasks that are answered or refused."""
        return len(self.answers) + len(self.refusals)

    @property
    def is_going(self) -> bool:
        """Whether answers are still expected."""
        return not self.stopped and self.done < len(self.tasks)

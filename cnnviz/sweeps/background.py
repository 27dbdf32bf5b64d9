"""Sweeps of all sessions, measured with what everybody else leaves of the machine.

The processes step back behind the pages and the pool that analyses for them, and end when nothing
is left to do. Sweeps take turns, network by network, so that a short one is not behind a long one.
"""

import logging
import os
import threading
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

from loky import BrokenProcessPool, ProcessPoolExecutor, cpu_count
from loky.backend.utils import kill_process_tree

from cnnviz.families import Spec
from cnnviz.sweeps.figures import Outcome, at_hand, keep, measured
from cnnviz.sweeps.stepping_back import begin
from cnnviz.sweeps.sweep import Point, Sweep
from cnnviz.text import Text

_MOST = 2  # processes
_SILENT = 120.0  # seconds without an answer, after which the processes count as hung
_LOSSES = 2  # of processes by one network
_LOST = Text(
    "The process that measured this network was lost {times} times.",
    "测量该网络的进程已 {times} 次中断。",
)
_FAILED = Text(
    "This network could not be measured; the server's log says why.",
    "无法测量该网络；原因见服务器日志。",
)

log = logging.getLogger("cnnviz.sweeps")


@dataclass(eq=False)
class Run:
    """A sweep on its way.

    Args:
        outcomes: by position of the point; complete at the end.
        viewers: the sessions that want it; without any, it ends.
    """

    sweep: Sweep
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    viewers: set[str] = field(default_factory=set)
    todo: list[int] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        return len(self.outcomes) == len(self.sweep)

    def find(self) -> None:
        """Take over what is refused or at hand; the rest is to do, in order."""
        self.todo.clear()
        for place, point in enumerate(self.sweep.points):
            outcome = _known(point)
            if outcome is None:
                self.todo.append(place)
            else:
                self.outcomes[place] = outcome

    def take(self, spec: Spec, outcome: Outcome) -> None:
        """Take over what was measured, if it is a point of this sweep."""
        for place in list(self.todo):
            if self.sweep.points[place].spec == spec:
                self.outcomes[place] = outcome
                self.todo.remove(place)


def _known(point: Point) -> Outcome | None:
    return point.why if point.spec is None else at_hand(point.spec)


class Background:
    """Measures the sweeps of all sessions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: list[Run] = []  # with something to do; the first is next
        self._thread: threading.Thread | None = None
        self._crew: _Crew | None = None  # of the thread
        self._stopped = False

    def ask(self, sweep: Sweep, session: str) -> Run:
        """Have a sweep measured; equal sweeps share a run, and a session's newest one wins."""
        with self._lock:
            run = next((one for one in self._runs if one.sweep == sweep), None)
            if run is None:
                run = Run(sweep)
                run.find()
            self._leave(session, but=run)
            if run.todo:
                run.viewers.add(session)
                if run not in self._runs:
                    self._runs.append(run)
                self._start()
            return run

    def leave(self, session: str) -> None:
        """Drop what only this session wants; what is measured already stays."""
        with self._lock:
            self._leave(session)

    def stop(self) -> None:
        """End with the server; nothing can be asked any more."""
        with self._lock:
            self._stopped = True
            self._runs.clear()
            if self._crew:
                self._crew.end()  # a process that has not even begun would be waited for

    def _leave(self, session: str, but: Run | None = None) -> None:
        for run in self._runs:
            if run is not but:
                run.viewers.discard(session)
        self._runs = [run for run in self._runs if run.viewers or run is but]

    def _start(self) -> None:
        if self._thread is None and not self._stopped:
            self._crew = _Crew()
            name, todo = "sweeps", (self._crew,)
            self._thread = threading.Thread(target=self._work, args=todo, name=name, daemon=True)
            self._thread.start()

    def _work(self, crew: "_Crew") -> None:
        """Measure until nothing is left to do."""
        try:
            while self._fill(crew):
                for spec, outcome in crew.wait():
                    self._take(spec, outcome)
        finally:
            crew.end()

    def _fill(self, crew: "_Crew") -> bool:
        """Give the crew what is next; whether there is anything to wait for."""
        with self._lock:
            while not self._stopped and not crew.is_full and (spec := self._next(crew)):
                crew.give(spec)
            if crew.is_idle or self._stopped:
                self._thread = self._crew = None
                return False
            return True

    def _next(self, crew: "_Crew") -> Spec | None:
        """The next network of the sweep whose turn it is."""
        for run in list(self._runs):
            self._runs.remove(run)
            self._runs.append(run)
            for place in run.todo:
                spec = run.sweep.points[place].spec
                if spec and not crew.has(spec):
                    return spec
        return None

    def _take(self, spec: Spec, outcome: Outcome) -> None:
        keep(spec, outcome)
        with self._lock:
            for run in self._runs:
                run.take(spec, outcome)
            self._runs = [run for run in self._runs if run.todo]


class _Crew:
    """The processes, and what they are at."""

    def __init__(self) -> None:
        self._most: int = min(_MOST, cpu_count())
        self._executor: ProcessPoolExecutor | None = None
        self._given: dict[Future[Outcome], Spec] = {}
        self._lost: Counter[Spec] = Counter()

    @property
    def is_idle(self) -> bool:
        return not self._given

    @property
    def is_full(self) -> bool:
        return len(self._given) > self._most  # one waits, so that no process does

    def has(self, spec: Spec) -> bool:
        return spec in self._given.values()

    def give(self, spec: Spec) -> None:
        try:
            given = self._processes().submit(measured, spec)
        except BrokenProcessPool:  # a process was killed: new ones
            self._executor = None
            given = self._processes().submit(measured, spec)
        self._given[given] = spec

    def _processes(self) -> ProcessPoolExecutor:
        if self._executor is None:
            initial = {"initializer": begin, "initargs": (os.getpid(),)}
            self._executor = ProcessPoolExecutor(self._most, **initial)
        return self._executor

    def wait(self) -> list[tuple[Spec, Outcome]]:
        """Wait for the next outcomes; what was lost with its process is tried once more."""
        done, _ = wait(self._given, _SILENT, FIRST_COMPLETED)
        if not done:
            log.error("no answer for %g s: new processes measure sweeps", _SILENT)
            self.end()
            done = set(self._given)
        found = []
        for future in done:
            spec = self._given.pop(future)
            if (outcome := self._outcome(future, spec)) is not None:
                found.append((spec, outcome))
        return found

    def _outcome(self, future: Future[Outcome], spec: Spec) -> Outcome | None:
        """What a process has found; None if it was lost and is to be tried again."""
        error = future.exception() if future.done() else BrokenProcessPool()
        if error is None:
            return future.result()
        if not isinstance(error, BrokenProcessPool):
            log.error("%r could not be measured", spec, exc_info=error)
            return _FAILED
        self._executor = None
        self._lost[spec] += 1
        return None if self._lost[spec] < _LOSSES else _LOST.format(times=_LOSSES)

    def end(self) -> None:
        """End the processes."""
        if self._executor:
            # kill: shutdown waits for a process that hangs
            for process in list(self._executor._processes.values()):
                kill_process_tree(process)
            self._executor.shutdown(wait=False)
            self._executor = None

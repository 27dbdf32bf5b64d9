"""Reports and drawings for all sessions, made once each, in processes beside the web server's.

Analysis keeps Python busy. In the server's process, thirty sessions would take turns at it, and
every page would wait for everybody's networks.
"""

import gc
import logging
import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import CancelledError, Future, wait
from contextlib import suppress
from functools import cache

from loky import BrokenProcessPool, ProcessPoolExecutor, cpu_count
from loky.backend.utils import kill_process_tree
from loky.process_executor import ShutdownExecutorError

from cnnviz.analysis import Report, analyze
from cnnviz.analysis.trace import is_analyzed, keep_report
from cnnviz.families import Spec
from cnnviz.kept import MOST, kept, limit
from cnnviz.render.colouring import COLOURINGS
from cnnviz.render.diagram import draw

_MOST = 4  # processes
_LOOK_UP = 1.0  # seconds, after which a process sees whether the server is gone
_SILENT = 30.0  # seconds without an awaited answer, after which the processes count as hung

log = logging.getLogger("cnnviz.pool")
Drawn = tuple[tuple[str, str], ...]  # languages, each with what the colours say
Made = tuple[Report, dict[tuple[str, str], str]]


@kept
def drawing(spec: Spec, opened: frozenset[str], language: str, colour_by: str) -> str:
    """The SVG of a spec with the scopes in `opened` unfolded.

    Args:
        colour_by: one of `COLOURINGS`.

    Raises:
        DrawingError: Graphviz is not there or cannot.
    """
    return draw(analyze(spec), opened, language, colour_by=colour_by, together=True)


class Pool:
    """Processes that analyse and draw."""

    def __init__(self) -> None:
        self._executor: ProcessPoolExecutor | None = None
        self._asked: dict[tuple[Spec, Drawn], Future[Made | None]] = {}
        self._last_sign = 0.0  # of life: an answer, or something to do after there was nothing
        self._lock = threading.Lock()
        self._ready = threading.Event()

    def start(self, presets: Iterable[Spec], languages: Iterable[str]) -> None:
        """Start the processes and have them make what everybody will ask for.

        Makes one at a time and only while nobody waits, so that no visitor is slowed.
        """
        todo = (list(presets), tuple((language, COLOURINGS[0]) for language in languages))
        threading.Thread(name="warm", target=self._warm, args=todo, daemon=True).start()

    def stop(self) -> None:
        """End the processes; nothing can be asked any more."""
        self._ready.clear()
        if self._executor:
            self._executor.shutdown(kill_workers=True)

    def ask(
        self, spec: Spec, *languages: str, colour_by: str = COLOURINGS[0]
    ) -> "Future[Made | None] | None":
        """Have a spec's report and its folded drawings made; equal requests share one future.

        Args:
            colour_by: one of `COLOURINGS`.

        Returns:
            The future, whose result is to be kept with `keep`; None if everything is there, or
            the processes are not ready yet.
        """
        wanted = tuple((language, colour_by) for language in languages)
        if not self._ready.is_set() or _is_there(spec, wanted):
            return None
        return self._submit(spec, wanted)

    def look_after(self) -> None:
        """End processes that have not answered for too long; their requests are lost.

        Callers that wait call this again and again; the next request starts new processes.
        """
        with self._lock:
            awaited = any(not made.done() for made in self._asked.values())
            if self._executor and awaited and time.monotonic() - self._last_sign > _SILENT:
                log.error("no answer for %g s: new processes analyse and draw", _SILENT)
                # kill: shutdown fails on requests that were cancelled
                for process in list(self._executor._processes.values()):
                    kill_process_tree(process)
                self._executor = None

    def keep(self, spec: Spec, made: Future[Made | None]) -> bool:
        """Share the results with all sessions; a failed one is made again by whoever needs it.

        Returns:
            False if it was lost with its process or cancelled, and is to be asked for again.
        """
        try:
            report, drawings = made.result() or (None, {})
        except (BrokenProcessPool, CancelledError):
            return False
        if report and not is_analyzed(spec):
            keep_report(spec, report)
        with drawing.cache_lock:
            for drawn, svg in drawings.items():
                drawing.cache[drawing.cache_key(spec, frozenset(), *drawn)] = svg
        return True

    def _submit(self, spec: Spec, wanted: Drawn) -> Future[Made | None]:
        with self._lock:
            self._asked = {key: made for key, made in self._asked.items() if not made.done()}
            if not self._asked:
                self._last_sign = time.monotonic()
            key = (spec, wanted)
            if key not in self._asked:
                try:
                    made = self._processes().submit(_make, spec, wanted)
                except BrokenProcessPool:  # a process was killed: new ones
                    self._executor = None
                    made = self._processes().submit(_make, spec, wanted)
                made.add_done_callback(self._note)
                self._asked[key] = made
            return self._asked[key]

    def _note(self, made: Future[Made | None]) -> None:
        if not made.cancelled():
            self._last_sign = time.monotonic()

    def _processes(self) -> ProcessPoolExecutor:
        if self._executor is None:
            count = min(_MOST, cpu_count())
            self._executor = ProcessPoolExecutor(count, initializer=begin, initargs=(os.getpid(),))
        return self._executor

    def _warm(self, presets: list[Spec], wanted: Drawn) -> None:
        with suppress(ShutdownExecutorError):  # the server stops
            for spec in presets:
                self._wait([*self._asked.values()])
                made = self._submit(spec, wanted)
                self._wait([made])
                self.keep(spec, made)
                self._ready.set()

    def _wait(self, asked: list[Future[Made | None]]) -> None:
        while not all(made.done() for made in asked):
            wait(asked, _LOOK_UP)
            self.look_after()


def _is_there(spec: Spec, wanted: Drawn) -> bool:
    keys = [drawing.cache_key(spec, frozenset(), *drawn) for drawn in wanted]
    return all(key in drawing.cache for key in keys) and is_analyzed(spec)


def _make(spec: Spec, wanted: Drawn) -> Made | None:
    """Runs in a process of the pool; None if anything fails, which the next caller will see.

    What the drawings share, such as the runs of equal layers, is kept until all are made.
    """
    limit(MOST)
    try:
        report = analyze(spec)
        _ = report.last_map, report.longest_path  # found out on demand, and kept in the report
        return report, {
            (language, colour_by): draw(report, (), language, colour_by=colour_by, together=True)
            for language, colour_by in wanted
        }
    except Exception:
        return None
    finally:
        limit(0)
        _settle()


@cache
def _settle() -> None:
    """Take all that is imported out of every garbage collection, which halves their time."""
    gc.collect()
    gc.freeze()


def begin(server: int) -> None:
    """Prepare a process of the pool: keep nothing, and end with the server, even a killed one."""
    limit(0)

    def watch() -> None:
        while os.getppid() == server:
            time.sleep(_LOOK_UP)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()

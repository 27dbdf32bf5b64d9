"""A section of the report, measured in a process of its own: it may fail, hang or lose the GPU.

A section's module has HEAD (the columns of its table), CASES (the names of what is measured) and
measure(case, device), which yields rows. It is imported in that process alone, so that a package
that is missing costs the sections that need it.
"""

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection

from cnnviz.text import ExplainedError

Row = tuple[str, ...]


class NotAsExpectedError(Exception):
    """What was measured contradicts what was counted or promised."""


@dataclass(frozen=True)
class Section:
    """What is to be measured.

    Args:
        module: its full name.
        about: how it is measured, in Markdown.
        seconds: after which it is ended where it is, from the start of its process.
    """

    module: str
    title: str
    about: str
    seconds: float

    @property
    def name(self) -> str:
        """What the command line calls it: live."""
        return self.module.rpartition(".")[2]


@dataclass(frozen=True)
class Outcome:
    """What was measured.

    Args:
        failures: a sentence for each case that failed, or one if none was begun.
        done, cases: how many cases were gone through, failed ones included, of all.
        ended_by: "" or why the section ended early.
    """

    head: Row = ()
    rows: tuple[Row, ...] = ()
    failures: tuple[str, ...] = ()
    done: int = 0
    cases: int = 0
    ended_by: str = ""

    @property
    def as_expected(self) -> bool:
        return not self.failures and not self.ended_by


def run(section: Section, device: str) -> Outcome:
    """Measure a section; at the end of its time its process is killed."""
    context = multiprocessing.get_context("spawn")
    received, sent = context.Pipe(duplex=False)
    process = context.Process(target=_measure_all, args=(section.module, device, sent))
    process.start()
    sent.close()
    with received:
        outcome = gather(received, section.seconds)
    process.kill()
    process.join()
    return outcome


def gather(
    messages: Connection, seconds: float, now: Callable[[], float] = time.monotonic
) -> Outcome:
    """What a section's process sends until it is through, dies, or its time is over."""
    head, cases, done, ended_by = (), 0, 0, ""
    rows, failures = [], []
    end = now() + seconds
    while True:
        if not messages.poll(max(0.0, end - now())):
            ended_by = f"stopped after its {seconds:g} s"
            break
        try:
            kind, value = messages.recv()
        except EOFError:
            if done < cases or not (cases or failures):
                ended_by = "its process died"
            break
        if kind == "begin":
            head, cases = value
        elif kind == "row":
            rows.append(value)
        elif kind == "failed":
            failures.append(value)
        else:
            done += 1
    return Outcome(head, tuple(rows), tuple(failures), done, cases, ended_by)


def sentence(error: Exception) -> str:
    """Why something failed, in a line."""
    if isinstance(error, ModuleNotFoundError):
        return f"{error}; docs/training.md says how to bring packages along."
    first = (str(error).strip().splitlines() or [""])[0]
    says_it = isinstance(error, ExplainedError | NotAsExpectedError)
    return first if says_it else f"{type(error).__name__}: {first}"


def _measure_all(module: str, device: str, messages: Connection) -> None:
    with messages:
        try:
            section = import_module(module)
        except Exception as error:
            messages.send(("failed", sentence(error)))
            return
        messages.send(("begin", (section.HEAD, len(section.CASES))))
        for case in section.CASES:
            try:
                for row in section.measure(case, device):
                    messages.send(("row", row))
            except Exception as error:
                messages.send(("failed", f"{case}: {sentence(error)}"))
            messages.send(("done", case))

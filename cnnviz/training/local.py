"""Training jobs as processes of this machine.

They are forked from a server process that has imported torch already and never touches a GPU, so
that a job begins at once and its memory is all given back when it ends.
"""

import contextlib
import logging
import multiprocessing
import os
import signal
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import torch

from cnnviz import machine
from cnnviz.machine import step_back
from cnnviz.training.backend import Capacity
from cnnviz.training.cluster import jobs_on
from cnnviz.training.loop import Event
from cnnviz.training.request import Request
from cnnviz.training.worker import RunJob, failure, run_job


@dataclass
class Handle:
    """A process, our end of its pipe, and when it began (pids are used again)."""

    process: multiprocessing.process.BaseProcess
    events: Connection
    born: float


class LocalBackend:
    """See `Backend`.

    Args:
        threads: that a job computes with.
        job: what runs in the process.
    """

    def __init__(self, threads: int, job: RunJob = run_job):
        self._threads, self._job = threads, job
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["cnnviz.training.preload"])
        forkserver.ensure_running()  # it imports torch now, not when the first job begins

    def look(self) -> Capacity:
        gpus = torch.cuda.device_count()
        return Capacity(gpus=gpus, jobs=jobs_on(gpus))

    def has_room(self, device: str, beside: Sequence[str]) -> bool:
        return True  # the number of jobs alone counts

    def start(self, request: Request, folder: Path) -> Handle:
        events, child_end = self._context.Pipe(duplex=False)
        arguments = (child_end, self._job, request.to_json(), folder, self._threads)
        process = self._context.Process(target=_child, args=arguments, daemon=True)
        process.start()
        child_end.close()
        return Handle(process, events, _born(process.pid))

    def poll(self, handle: Handle) -> tuple[list[Event], int | None]:
        status = handle.process.exitcode  # looked at first: what it sent before is in the pipe
        events = []
        with contextlib.suppress(EOFError, OSError):
            while handle.events.poll():
                events.append(handle.events.recv())
        return events, status

    def waits(self, handle: Handle) -> bool:
        return False

    def kill(self, handle: Handle, *, force: bool) -> None:
        _signal(handle.process.pid, handle.born, signal.SIGKILL if force else signal.SIGTERM)

    def memory_bytes(self, handle: Handle) -> int:
        try:
            process = psutil.Process(handle.process.pid)
            family = [process, *process.children(recursive=True)]
            return sum(member.memory_info().rss for member in family)
        except psutil.Error:
            return 0

    def total_bytes(self, handle: Handle) -> int:
        return machine.total_bytes()

    def describe(self, handle: Handle) -> dict[str, Any]:
        return {"pid": handle.process.pid, "born": handle.born}

    def kill_left_over(self, description: dict[str, Any]) -> None:
        if description:
            _signal(description["pid"], description["born"], signal.SIGKILL)

    def close(self) -> None:
        """Nothing: the fork server ends with this process."""


def _born(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def _signal(pid: int, born: float, number: signal.Signals) -> None:
    """Send a signal to the process and its group, if it is still the one that was meant."""
    if born and _born(pid) == born:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if os.getpgid(pid) == pid else os.kill)(pid, number)


class _Stopped(BaseException):
    """Raised where the job is when it is asked to stop."""


def _stop(number: int, frame: Any) -> None:
    raise _Stopped


def _child(events: Connection, job: RunJob, request: str, folder: Path, threads: int) -> None:
    """The job's process: send each event, and say in a last one why it ends."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setsid()
    step_back()
    torch.set_num_threads(threads)
    try:
        for event in job(Request.from_json(request), folder):
            events.send(event)
    except _Stopped:
        pass
    except BrokenPipeError:
        os._exit(1)  # nobody is there to report to
    except Exception as error:
        logging.getLogger(__name__).error("%s", traceback.format_exc())
        events.send({"kind": "failed", **failure(error)})

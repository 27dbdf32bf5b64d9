"""Training jobs as processes of this machine.

A server process that has imported torch and never touches a GPU forks them, so that a job begins
at once and gives back all of its memory when it ends. On a Mac each begins by itself.
"""

import contextlib
import logging
import multiprocessing
import os
import platform
import signal
import traceback
from collections.abc import Sequence
from ctypes import c_int
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import Any, cast

import psutil
import torch

from cnnviz import machine
from cnnviz.gpus import gpus
from cnnviz.machine import step_back
from cnnviz.threads import spin_shortly
from cnnviz.training.backend import Capacity
from cnnviz.training.cluster import jobs_on
from cnnviz.training.cores import FreeCores
from cnnviz.training.events import Event
from cnnviz.training.request import Request
from cnnviz.training.worker import RunJob, failure, run_job


@dataclass
class Handle:
    """A process, our end of its pipe, its pid and when it began (pids are used again)."""

    process: multiprocessing.process.BaseProcess
    events: Connection
    pid: int
    born: float


class LocalBackend:
    """See `Backend`.

    Args:
        threads: the most; as many as there are free cores are shared evenly by the running jobs.
        job: what runs in the process.
    """

    def __init__(self, threads: int, job: RunJob = run_job):
        self._cores, self._job = FreeCores(threads), job
        spin_shortly()  # the fork server's imports read this setting
        self._context = _context()
        self._share = self._context.RawValue(c_int, threads)  # all jobs see it change
        self._running: list[Handle] = []

    def look(self) -> Capacity:
        count = len(gpus())
        return Capacity(gpus=count, jobs=jobs_on(count))

    def has_room(self, device: str, beside: Sequence[str]) -> bool:
        return True  # the number of jobs alone counts

    def start(self, request: Request, folder: Path) -> Handle:
        events, child_end = self._context.Pipe(duplex=False)
        arguments = (child_end, self._job, request.to_json(), folder, self._share)
        process = self._context.Process(target=_child, args=arguments, daemon=True)
        process.start()
        child_end.close()
        pid = cast(int, process.pid)  # of a process that was started
        handle = Handle(process, events, pid, _born(pid))
        self._running.append(handle)
        self._share_threads()
        return handle

    def poll(self, handle: Handle) -> tuple[list[Event], int | None]:
        # before the pipe is read, so that all that the process sent is in there
        status = handle.process.exitcode
        events = []
        with contextlib.suppress(EOFError, OSError):
            while handle.events.poll():
                events.append(handle.events.recv())
        self._share_threads()
        return events, status

    def _share_threads(self) -> None:
        self._running = [one for one in self._running if one.process.exitcode is None]
        free = self._cores.count(lambda: sum(self.cpu_seconds(one) or 0 for one in self._running))
        self._share.value = max(1, free // max(1, len(self._running)))

    def waits(self, handle: Handle) -> bool:
        return False

    def kill(self, handle: Handle) -> None:
        _kill(handle.pid, handle.born)

    def memory_bytes(self, handle: Handle) -> int:
        try:
            return sum(member.memory_info().rss for member in _family(handle))
        except psutil.Error:
            return 0

    def total_bytes(self, handle: Handle) -> int:
        return machine.total_bytes()

    def cpu_seconds(self, handle: Handle) -> float | None:
        """See `Backend`.

        A process that waits for its GPU either polls, and so computes, or sleeps until the GPU is
        done, at most for one step. A process that polls a GPU that never answers seems to compute;
        the time limit ends that job.
        """
        try:
            times = [member.cpu_times() for member in _family(handle)]
        except psutil.Error:
            return None
        return sum(time.user + time.system for time in times)

    def describe(self, handle: Handle) -> dict[str, Any]:
        return {"pid": handle.pid, "born": handle.born}

    def kill_left_over(self, description: dict[str, Any]) -> None:
        if description:
            _kill(description["pid"], description["born"])

    def close(self) -> None:
        """Do nothing: the fork server ends with this process."""


def _context() -> SpawnContext | ForkServerContext:
    """What starts processes; on a Mac nothing that forks, after which its GPU cannot be used."""
    if platform.system() == "Darwin":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["cnnviz.training.preload"])
    forkserver.ensure_running()  # import torch now, not when the first job begins
    return context


def _born(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def _family(handle: Handle) -> list[psutil.Process]:
    """A job's process and those that it has started."""
    process = psutil.Process(handle.pid)
    return [process, *process.children(recursive=True)]


def _kill(pid: int, born: float) -> None:
    """Kill the process and its group, unless the pid belongs to another process by now."""
    if born and _born(pid) == born:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            (os.killpg if os.getpgid(pid) == pid else os.kill)(pid, signal.SIGKILL)


def _child(events: Connection, job: RunJob, request: str, folder: Path, share: c_int) -> None:
    """Run the job in its process: send each event, and a `Failed` if an error ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.setsid()
    step_back()
    torch.set_num_threads(share.value)
    try:
        for event in job(Request.from_json(request), folder):
            events.send(event)
            if torch.get_num_threads() != share.value:  # what else the machine does has changed
                torch.set_num_threads(share.value)
    except BrokenPipeError:
        os._exit(1)  # the dispatcher is gone
    except Exception as error:
        logging.getLogger(__name__).error("%s", traceback.format_exc())
        events.send(failure(error))

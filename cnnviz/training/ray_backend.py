"""Training jobs as Ray tasks, on this machine or on those of a cluster.

CNNVIZ_BACKEND=ray chooses it and RAY_ADDRESS names the cluster; without one, Ray is started here
and ends with this process. All machines see one data directory, for a run's files.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere

import ray
import torch
from ray.exceptions import RayError, TaskCancelledError

from cnnviz.training.loop import Event
from cnnviz.training.request import Request
from cnnviz.training.worker import RunJob, failure, run_job

STARTED_HERE = "local"  # an address is always given, else Ray joins what it finds
FINISHED, LOST = 0, 1


@dataclass
class Handle:
    """A task's stream of events and, once it is over, how it ended."""

    stream: ray.ObjectRefGenerator
    over: int | None = None


class RayBackend:
    """See `Backend`.

    Args:
        threads: that a job computes with, and the CPUs that Ray sets aside for it.
        job: what runs in the task.
    """

    def __init__(self, threads: int, job: RunJob = run_job):
        self._threads, self._job = threads, job
        ray.init(
            address=os.environ.get("RAY_ADDRESS", STARTED_HERE),
            namespace="cnnviz",
            log_to_driver=False,
            include_dashboard=False,
            configure_logging=False,
        )

    def start(self, request: Request, folder: Path) -> Handle:
        on_gpu = request.device.startswith("cuda")
        task = ray.remote(
            num_cpus=self._threads,
            num_gpus=0.5 if on_gpu else 0,
            max_calls=1,  # a process of its own, so that its memory is given back
            max_retries=0,
            num_returns="streaming",
        )(_task)
        return Handle(task.remote(self._job, request.to_json(), str(folder), self._threads))

    def poll(self, handle: Handle) -> tuple[list[Event], int | None]:
        events: list[Event] = []
        try:
            while handle.over is None and handle.stream.next_ready():
                events.append(ray.get(next(handle.stream)))
        except (StopIteration, TaskCancelledError):
            handle.over = FINISHED
        except RayError:
            handle.over = LOST
        return events, handle.over

    def kill(self, handle: Handle, *, force: bool) -> None:
        """At once, forced or not: a task that ignores being asked blocks who reads its stream."""
        with contextlib.suppress(RayError, ValueError):
            ray.cancel(handle.stream, force=True)

    def memory_bytes(self, handle: Handle) -> int:
        """0: Ray watches the memory of its machines and ends what takes too much."""
        return 0

    def describe(self, handle: Handle) -> dict[str, Any]:
        return {}

    def kill_left_over(self, description: dict[str, Any]) -> None:
        """Nothing: Ray ends the tasks of a dispatcher that is gone."""

    def close(self) -> None:
        ray.shutdown()


def _task(job: RunJob, request: str, folder: str, threads: int) -> Iterator[Event]:
    """What runs in the task; the last event says why it ends."""
    torch.set_num_threads(threads)
    try:
        yield from job(Request.from_json(request), Path(folder))
    except KeyboardInterrupt:
        return  # asked to stop
    except Exception as error:
        yield {"kind": "failed", **failure(error)}

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

from cnnviz.text import Text
from cnnviz.training.errors import TrainingError
from cnnviz.training.loop import Event
from cnnviz.training.request import Request
from cnnviz.training.worker import RunJob, failure, run_job

STARTED_HERE = "local"  # an address is always given, else Ray joins what it finds
FINISHED, LOST = 0, 1
GPUS_OF_A_JOB = 0.5


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
        try:
            ray.init(
                address=os.environ.get("RAY_ADDRESS", STARTED_HERE),
                namespace="cnnviz",
                log_to_driver=False,
                include_dashboard=False,
                configure_logging=False,
            )
        except RayError as error:  # a missing token, say
            raise ConnectionError(str(error)) from None

    def start(self, request: Request, folder: Path) -> Handle:
        gpus = GPUS_OF_A_JOB if request.device.startswith("cuda") else 0
        _check_place(cpus=self._threads, gpus=gpus)
        task = ray.remote(
            num_cpus=self._threads,
            num_gpus=gpus,
            max_calls=1,  # a process of its own, so that its memory is given back
            max_retries=0,
            num_returns="streaming",
        )(_task)
        return Handle(task.remote(self._job, request.to_json(), str(folder), self._threads))

    def poll(self, handle: Handle) -> tuple[list[Event], int | None]:
        done = handle.stream.completed()
        over, _ = ray.wait([done], timeout=0)  # looked at first: what it sent before is there
        events: list[Event] = []
        try:
            while handle.over is None and handle.stream.next_ready():
                events.append(ray.get(next(handle.stream)))
            if over:
                ray.get(done)
                handle.over = FINISHED
        except StopIteration:
            pass  # it ended in between; the next call sees that
        except TaskCancelledError:
            handle.over = FINISHED
        except RayError:
            handle.over = LOST
        return events, handle.over

    def kill(self, handle: Handle) -> None:
        with contextlib.suppress(RayError, ValueError):
            ray.cancel(handle.stream, force=True)

    def memory_bytes(self, handle: Handle) -> int:
        """0: Ray watches the memory of its machines and ends what takes too much."""
        return 0

    def cpu_seconds(self, handle: Handle) -> float | None:
        """None: its process is on another machine; only its events tell that it lives."""
        return None

    def describe(self, handle: Handle) -> dict[str, Any]:
        return {}

    def kill_left_over(self, description: dict[str, Any]) -> None:
        """Nothing: Ray ends the tasks of a dispatcher that is gone."""

    def close(self) -> None:
        ray.shutdown()


def _check_place(*, cpus: int, gpus: float) -> None:
    """Ray would let a task wait for ever that no machine of the cluster can ever hold."""
    machines = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    if any(it.get("CPU", 0) >= cpus and it.get("GPU", 0) >= gpus for it in machines):
        return
    message = Text(
        "No machine of the Ray cluster has the {cpus} CPUs and {gpus} GPUs that a job takes: the "
        "largest have {most_cpus:g} and {most_gpus:g}. Choose another device, or ask the "
        "administrator for a machine.",
        "Ray 集群中没有机器同时具有一个训练任务所需的 {cpus} 个 CPU 和 {gpus} 个 GPU：最多分别为 "
        "{most_cpus:g} 个和 {most_gpus:g} 个。请选择其他设备，或请管理员增加机器。",
    )
    most = {name: max(it.get(name, 0) for it in machines) for name in ("CPU", "GPU")}
    filled = message.format(cpus=cpus, gpus=gpus, most_cpus=most["CPU"], most_gpus=most["GPU"])
    raise TrainingError(filled, code="unplaceable")


def _task(job: RunJob, request: str, folder: str, threads: int) -> Iterator[Event]:
    """What runs in the task; the last event says why it ends."""
    torch.set_num_threads(threads)
    try:
        yield from job(Request.from_json(request), Path(folder))
    except Exception as error:
        yield {"kind": "failed", **failure(error)}

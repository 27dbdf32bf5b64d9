"""Training jobs as Ray tasks, on this machine or on those of a cluster.

CNNVIZ_BACKEND=ray chooses this backend and RAY_ADDRESS names the cluster; without an address, Ray
is started here and ends with this process. All machines see one data directory, for a run's files.
"""

import contextlib
import logging
import os
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere

import psutil
import ray
import torch
from ray.exceptions import RayError, TaskCancelledError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from cnnviz.config import config
from cnnviz.machine import total_bytes
from cnnviz.text import Text
from cnnviz.threads import spin_shortly
from cnnviz.training.backend import Capacity
from cnnviz.training.cluster import JOBS_A_GPU, Cluster, Machine, kind_of, look
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Event, Started
from cnnviz.training.request import Request
from cnnviz.training.worker import RunJob, failure, run_job

STARTED_HERE = "local"  # an address is always given, else Ray joins what it finds
FINISHED, LOST = 0, 1
KIND = "accelerator_type:"  # begins the name of the resource that is a node's kind of GPU
SIGN_EVERY = 1.0  # seconds

_remote: Any = ray.remote  # its annotations do not know these options

log = logging.getLogger("cnnviz.ray")


class Sign(NamedTuple):
    """A task's sign of life, among its events.

    Args:
        held_bytes: of its process.
        total_bytes: of its machine.
        cpu_seconds: of the job's thread; Ray's own are always busy.
    """

    held_bytes: int
    total_bytes: int
    cpu_seconds: float


@dataclass
class Handle:
    """A task's stream of events, its last sign of life, and how it ended once it is over."""

    stream: ray.ObjectRefGenerator
    sign: Sign | None = None
    over: int | None = None


class RayBackend:
    """See `Backend`.

    Args:
        slots: jobs that are to run at one time; None for what the cluster holds.
        job: what runs in the task.
    """

    def __init__(self, slots: int | None = None, job: RunJob = run_job):
        self._slots, self._job = slots, job
        self._looks: dict[str, ray.ObjectRef[Any]] = {}  # under way, by node
        self._seen: dict[str, dict[str, Any]] = {}
        spin_shortly()  # for a Ray that is started here
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

    def look(self) -> Capacity:
        """Ask every machine for its free part; gives the answers of the time before."""
        nodes = [node for node in ray.nodes() if node["Alive"]]
        self._cluster = Cluster(tuple(self._machine(node) for node in nodes))
        self._cluster.write()
        return Capacity(gpus=self._cluster.gpus, jobs=self._cluster.jobs)

    def _machine(self, node: dict[str, Any]) -> Machine:
        number, resources = node["NodeID"], node["Resources"]
        asked = self._looks.get(number)
        if asked and ray.wait([asked], timeout=0)[0]:
            asked = None
            try:
                self._seen[number] = ray.get(self._looks[number])
            except RayError as error:
                log.warning("machine %s: %s", node["NodeManagerAddress"], error)
        if asked is None:
            there = NodeAffinitySchedulingStrategy(number, soft=False)
            task = _remote(num_cpus=0, max_retries=0, scheduling_strategy=there)(look)
            self._looks[number] = task.remote()
        return Machine(
            cpus=resources.get("CPU", 0),
            gpus=int(resources.get("GPU", 0)),
            kind=next((name[len(KIND) :] for name in resources if name.startswith(KIND)), ""),
            **self._seen.get(number, {"free_bytes": int(resources.get("memory", 0))}),
        )

    def has_room(self, device: str, beside: Sequence[str]) -> bool:
        places = self._cluster.places(device)
        # with no machine at all, `start` raises
        return self._cluster.jobs > 0 and (places == 0 or beside.count(device) < places)

    def start(self, request: Request, folder: Path) -> Handle:
        self._check_place(request.device)
        cpus = self._cluster.cpus_a_job(self._slots or self._cluster.jobs)
        on_gpu, kind = request.device.startswith("cuda"), kind_of(request.device)
        task = _remote(
            num_cpus=cpus,
            num_gpus=1 / JOBS_A_GPU if on_gpu else 0,
            accelerator_type=kind if on_gpu and kind else None,
            scheduling_strategy="SPREAD",
            max_calls=1,  # a process of its own, so that its memory is given back
            max_retries=0,
            num_returns="streaming",
        )(_task)
        settings = {"CNNVIZ_DATA": str(config().data)}
        if config().datasets:
            settings["CNNVIZ_DATASETS"] = str(config().datasets)
        threads = max(1, int(cpus))
        return Handle(task.remote(self._job, request.to_json(), str(folder), threads, settings))

    def _check_place(self, device: str) -> None:
        """Refuse a job that no machine of the cluster can hold, as Ray would wait for ever."""
        if any(machine.has(device) for machine in self._cluster.machines):
            return
        message = Text(
            "No machine of the Ray cluster has the device {device}; what there is: {names}. Choose "
            "another device, or ask the administrator for a machine.",
            "Ray 集群中没有机器具有设备 {device}；现有设备：{names}。"
            "请选择其他设备，或请管理员增加机器。",
        )
        filled = message.format(device=device[:40], names=", ".join(self._cluster.names()))
        raise TrainingError(filled, code="unplaceable")

    def poll(self, handle: Handle) -> tuple[list[Event], int | None]:
        done = handle.stream.completed()
        # before the stream is read: all that the task has sent is there
        over, _ = ray.wait([done], timeout=0)
        events: list[Event] = []
        try:
            while handle.over is None and handle.stream.next_ready():
                told = ray.get(next(handle.stream))
                if isinstance(told, Sign):
                    handle.sign = told
                else:
                    events.append(told)
            if over:
                ray.get(done)
                handle.over = FINISHED
        except StopIteration:
            pass  # the task ended in between; the next call sees that
        except TaskCancelledError:
            handle.over = FINISHED
        except RayError:
            handle.over = LOST
        return events, handle.over

    def waits(self, handle: Handle) -> bool:
        return handle.sign is None

    def kill(self, handle: Handle) -> None:
        with contextlib.suppress(RayError, ValueError):
            ray.cancel(handle.stream, force=True)

    def memory_bytes(self, handle: Handle) -> int:
        return handle.sign.held_bytes if handle.sign else 0

    def total_bytes(self, handle: Handle) -> int:
        return handle.sign.total_bytes if handle.sign else 0

    def cpu_seconds(self, handle: Handle) -> float | None:
        return handle.sign.cpu_seconds if handle.sign else None

    def describe(self, handle: Handle) -> dict[str, Any]:
        return {}

    def kill_left_over(self, description: dict[str, Any]) -> None:
        """Do nothing: Ray ends the tasks of a dispatcher that is gone."""

    def close(self) -> None:
        ray.shutdown()


def _task(
    job: RunJob, request: str, folder: str, threads: int, settings: dict[str, str]
) -> Iterator[Event | Sign]:
    """Run the job in the task: its events, with signs of life among them.

    The job is in a thread, so that signs of life come even while the job reports nothing.
    """
    os.environ.update(settings)
    events: SimpleQueue[Event | None] = SimpleQueue()
    arguments = (events, job, Request.from_json(request), Path(folder), threads)
    work = threading.Thread(target=_work, args=arguments, daemon=True)
    work.start()
    while True:
        yield _sign(work)
        due = time.monotonic() + SIGN_EVERY
        with contextlib.suppress(Empty):
            while (left := due - time.monotonic()) > 0:
                event = events.get(timeout=left)
                if event is None:
                    return
                yield event


def _sign(work: threading.Thread) -> Sign:
    process = psutil.Process()
    times = [one for one in process.threads() if one.id == work.native_id]
    seconds = sum(one.user_time + one.system_time for one in times)
    return Sign(process.memory_info().rss, total_bytes(), seconds)


def _work(
    events: "SimpleQueue[Event | None]", job: RunJob, request: Request, folder: Path, threads: int
) -> None:
    """Run the job; None comes after its last event."""
    torch.set_num_threads(threads)  # of this thread
    asked = request.device
    if asked.startswith("cuda"):
        request = replace(request, device="cuda:0")  # Ray shows a task no other GPU than its own
    try:
        for event in job(request, folder):
            events.put(replace(event, device=asked) if isinstance(event, Started) else event)
    except Exception as error:
        logging.getLogger(__name__).error("%s", traceback.format_exc())
        events.put(failure(error))
    finally:
        events.put(None)

"""The machines of a Ray cluster, as the dispatcher saw them last.

The dispatcher writes them into a file beside its lock; the pages read that file and never start
Ray. Without the file, jobs run on this machine.
"""

import json
import math
import subprocess
from dataclasses import asdict, dataclass
from typing import Any, Self

from cnnviz.config import config
from cnnviz.machine import NoDeviceError, free_bytes
from cnnviz.training import dispatcher_process

FILE = "cluster.json"  # in the data directory
JOBS_A_GPU = 2


def jobs_on(gpus: int) -> int:
    """Jobs that a machine runs at one time: two for each GPU or, without one, two."""
    return JOBS_A_GPU * max(1, gpus)


def slots() -> int:
    """Jobs that run at one time: the setting, or the sum over the machines last seen."""
    cluster = Cluster.read()
    return config().slots or (cluster.jobs if cluster else jobs_on(dispatcher_process.seen().gpus))


def sharing(jobs: int) -> int:
    """How many of so many jobs, of which no more run than there are slots, share a device.

    At least 1, the job that asks, also where the cluster has no machine at the moment.
    """
    cluster = Cluster.read()
    devices = max(1, cluster.gpus if cluster else dispatcher_process.seen().gpus)
    return max(1, math.ceil(min(jobs, slots()) / devices))


@dataclass(frozen=True)
class Machine:
    """A machine and what is free of it.

    Args:
        cpus, gpus: that Ray may give away.
        kind: of its GPUs, as Ray calls it; empty where Ray does not know.
        gpu_name: the maker's name; empty where the driver sees none.
        free_bytes: of main memory.
        gpu_free_bytes: of the GPU of which most is free.
    """

    cpus: float
    gpus: int
    kind: str
    gpu_name: str = ""
    free_bytes: int = 0
    gpu_free_bytes: int = 0

    @property
    def gpu_device(self) -> str:
        """The name of its GPUs in a request, such as cuda:H100."""
        return f"cuda:{self.kind}" if self.kind else "cuda"

    @property
    def jobs(self) -> int:
        """Jobs that it runs at one time, if CNNVIZ_SLOTS does not say."""
        return jobs_on(self.gpus) if self.cpus else 0

    def has(self, device: str) -> bool:
        """Whether Ray can place jobs for this device on it."""
        return self.cpus > 0 and (
            not device.startswith("cuda") or (self.gpus > 0 and kind_of(device) in ("", self.kind))
        )


def kind_of(device: str) -> str:
    """The requested kind of GPU; empty where any will do, as with cuda:0."""
    kind = device.partition(":")[2]
    return "" if kind.isdecimal() else kind


@dataclass(frozen=True)
class Cluster:
    """All machines that are there."""

    machines: tuple[Machine, ...]

    @property
    def gpus(self) -> int:
        return sum(machine.gpus for machine in self.machines)

    @property
    def jobs(self) -> int:
        """Jobs that run at one time, if CNNVIZ_SLOTS does not say."""
        return sum(machine.jobs for machine in self.machines)

    def cpus_a_job(self, jobs: int) -> float:
        """The CPUs for each of so many jobs, of which each machine takes a part of its own."""
        share = min(
            machine.cpus / math.ceil(machine.jobs * jobs / self.jobs)
            for machine in self.machines
            if machine.jobs
        )
        return math.floor(share) or math.floor(share * 1000) / 1000

    def places(self, device: str) -> float:
        """Jobs on such a device that find a place at one time; infinite for the CPU."""
        if not device.startswith("cuda"):
            return math.inf
        return JOBS_A_GPU * sum(machine.gpus for machine in self.machines if machine.has(device))

    def names(self) -> dict[str, str]:
        """The name of each device that can be asked for, GPUs first."""
        gpus = {machine.gpu_device: machine.gpu_name for machine in self._with_driver()}
        return {**gpus, "cpu": "CPU"}

    def free_bytes(self, device: str) -> int:
        """Free bytes of such a device, of the one with most.

        Raises:
            NoDeviceError: no machine has such a device.
        """
        if device == "cpu":
            return max((machine.free_bytes for machine in self.machines), default=0)
        free = [one.gpu_free_bytes for one in self._with_driver() if one.gpu_device == device]
        if not free:
            raise NoDeviceError(device)
        return max(free)

    def _with_driver(self) -> list[Machine]:
        return [one for one in self.machines if one.cpus and one.gpus and one.gpu_name]

    def write(self) -> None:
        """Write the file that the pages read."""
        path = config().data / FILE
        new = path.with_suffix(".new")
        new.write_text(json.dumps([asdict(machine) for machine in self.machines]), "utf-8")
        new.replace(path)

    @classmethod
    def read(cls) -> Self | None:
        """The cluster as it was written last; None where jobs run on this machine."""
        try:
            machines = json.loads((config().data / FILE).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return cls(tuple(Machine(**machine) for machine in machines))


def forget() -> None:
    """Delete the file: jobs run on this machine from now on."""
    (config().data / FILE).unlink(missing_ok=True)


def look() -> dict[str, Any]:
    """The free part of this machine, as fields of a `Machine`; needs neither torch nor a GPU."""
    seen = {"free_bytes": free_bytes("cpu")}
    command = ["nvidia-smi", "--query-gpu=name,memory.free", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        gpus = [line.rpartition(", ") for line in answer.stdout.splitlines()]
        most = max(int(mebibytes) for *_, mebibytes in gpus)
    except (OSError, subprocess.SubprocessError, ValueError):
        return seen  # no driver, or none that works
    return {**seen, "gpu_name": gpus[0][0], "gpu_free_bytes": most * 2**20}

"""The available memory (of a GPU, the machine, or a container), and processes' priority."""

import contextlib
import os
from pathlib import Path

import psutil

from cnnviz import gpus
from cnnviz.text import ExplainedError, Text

CGROUP = Path("/sys/fs/cgroup")  # version 2, where a container sees its own limits
NICE = 10  # niceness of workers, so that pages stay responsive


class NoDeviceError(ExplainedError):
    """A device that is not there."""

    def __init__(self, device: str):
        message = Text(
            "There is no device {device!r} here; take cpu, or where there is a GPU cuda:0, or mps "
            "for Apple's.",
            "这里没有设备 {device!r}；请使用 cpu，有 GPU 时可用 cuda:0，Apple GPU 为 mps。",
        )
        super().__init__(message.format(device=device[:40]))


def device_text(device: str) -> str:
    """A device in a sentence: CPU, or cuda:0 and mps as they are."""
    return "CPU" if device == "cpu" else device


def cpu_name() -> str:
    """The product name of the CPU; CPU where the machine does not say."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return value.strip()
    return "CPU"


def free_bytes(device: str) -> int:
    """Return the bytes still available on the device, the page cache among them.

    Raises:
        NoDeviceError: there is no such device.
    """
    if device != "cpu":
        if device not in gpus.gpus():
            raise NoDeviceError(device)
        return gpus.memory(device)[0]
    free = psutil.virtual_memory().available
    limit = _container_limit()
    if limit is None:
        return free
    return max(0, min(free, limit - _container_use()))


def total_bytes() -> int:
    """Return the bytes of main memory that all processes may hold together."""
    total = psutil.virtual_memory().total
    return min(total, _container_limit() or total)


def _container_limit() -> int | None:
    try:
        limit = (CGROUP / "memory.max").read_text().strip()
    except OSError:
        return None
    return None if limit == "max" else int(limit)


def _container_use() -> int:
    """Return the bytes that the container holds, without file pages that it can drop at once."""
    lines = (CGROUP / "memory.stat").read_text().splitlines()
    droppable = next(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
    return int((CGROUP / "memory.current").read_text()) - droppable


def step_back() -> None:
    """Let the pages go first, also where Linux weighs sessions before it looks at niceness."""
    os.nice(NICE)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")

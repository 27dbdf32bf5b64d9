"""The memory there is: of a GPU, of the machine, or of the container that cnnviz runs in."""

import csv
import subprocess
from pathlib import Path
from typing import NamedTuple

import psutil
import torch

CGROUP = Path("/sys/fs/cgroup")  # version 2, where a container sees its own limits

_ASK = ["nvidia-smi", "--query-gpu=name,memory.total,memory.used", "--format=csv,noheader,nounits"]
_PATIENCE = 5.0  # seconds


class Gpu(NamedTuple):
    """A GPU and its memory in bytes, whoever holds it."""

    name: str
    total_bytes: int
    used_bytes: int


def gpus() -> list[Gpu]:
    """NVIDIA's GPUs, found without touching them; none where nvidia-smi does not answer."""
    try:
        answer = subprocess.run(
            _ASK, capture_output=True, text=True, timeout=_PATIENCE, check=True
        ).stdout
        rows = csv.reader(answer.splitlines(), skipinitialspace=True)
        return [Gpu(name, int(total) * 2**20, int(used) * 2**20) for name, total, used in rows]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []


def free_bytes(device: str) -> int:
    """Bytes that can still be had on the device; what the page cache holds can be had."""
    if device != "cpu":
        return torch.cuda.mem_get_info(device)[0]
    free = psutil.virtual_memory().available
    limit = _container_limit()
    if limit is None:
        return free
    return max(0, min(free, limit - _container_use()))


def total_bytes() -> int:
    """Bytes of main memory that all processes may hold together."""
    total = psutil.virtual_memory().total
    return min(total, _container_limit() or total)


def _container_limit() -> int | None:
    try:
        limit = (CGROUP / "memory.max").read_text().strip()
    except OSError:
        return None
    return None if limit == "max" else int(limit)


def _container_use() -> int:
    """Bytes that the container holds, without the file pages that it can drop at once."""
    lines = (CGROUP / "memory.stat").read_text().splitlines()
    droppable = next(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
    return int((CGROUP / "memory.current").read_text()) - droppable

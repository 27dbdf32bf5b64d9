"""What the administrator may set, by environment variables; docs/training.md has the table."""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path

import torch

from cnnviz.machine import total_bytes
from cnnviz.text import Text
from cnnviz.training.errors import TrainingError

LOCK = "dispatcher.lock"  # the file that the one dispatcher of a data directory holds


def _slots() -> int:
    """Two jobs for each GPU or, without one, two for the machine."""
    return 2 * max(1, torch.cuda.device_count())


def _job_memory() -> float:
    return total_bytes() / 2e9


@dataclass(frozen=True)
class Limits:
    """Limits of the training jobs.

    Args:
        slots: jobs that run at one time; two for each GPU, or two in all.
        per_owner: jobs of one owner that wait or run.
        in_all: jobs that wait or run.
        heartbeat: seconds without a sign of life after which a job is ended.
        job_memory: GB of main memory that one job may hold; half of what there is.
        evaluation: seconds that a job may go on after its recipe's time limit.
    """

    slots: int = field(default_factory=_slots)
    per_owner: int = 3
    in_all: int = 200
    heartbeat: float = 120
    job_memory: float = field(default_factory=_job_memory)
    evaluation: float = 120

    @property
    def threads(self) -> int:
        """Threads that one job computes with; small networks gain nothing from more."""
        return max(1, (os.cpu_count() or 1) // self.slots)

    @classmethod
    def from_environment(cls) -> "Limits":
        """CNNVIZ_SLOTS and so on; what is not set has its default.

        Raises:
            TrainingError: a value is no number above zero.
        """
        names = {limit.name: f"CNNVIZ_{limit.name.upper()}" for limit in fields(cls)}
        given = {
            limit.name: _number(names[limit.name], os.environ[names[limit.name]], limit.type)
            for limit in fields(cls)
            if names[limit.name] in os.environ
        }
        return cls(**given)


def _number(name: str, text: str, kind: type) -> float:
    try:
        value = kind(text)
    except ValueError:
        value = 0
    if not 0 < value < 1e9:
        message = Text(
            "{name} is {text!r}; it must be a number above 0.",
            "{name} 为 {text!r}；应为大于 0 的数。",
        )
        raise TrainingError(message.format(name=name, text=text), code="limits")
    return value


def data_directory() -> Path:
    """Where jobs, runs and downloaded data are kept: CNNVIZ_DATA, else ~/.cache/cnnviz."""
    return Path(os.environ.get("CNNVIZ_DATA") or Path.home() / ".cache" / "cnnviz")

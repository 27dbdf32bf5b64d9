"""Where training jobs run: what the dispatcher needs of such a place, and which one it is."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cnnviz.config import config
from cnnviz.text import Text
from cnnviz.training import cluster
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Event
from cnnviz.training.request import Request


@dataclass(frozen=True)
class Capacity:
    """How much a place holds now.

    Args:
        gpus: that there are.
        jobs: that run at one time, if CNNVIZ_SLOTS does not say.
    """

    gpus: int
    jobs: int


class Backend(Protocol):
    """Starts `run_job` somewhere, hands on its events and can kill it.

    A handle is whatever `start` gives. The last event of a job that ends by itself is `Ended` or
    `Failed`; a process that is gone without one was lost.
    """

    def look(self) -> Capacity:
        """See what there is now, also for `has_room`; called before anything else, and often."""

    def has_room(self, device: str, beside: Sequence[str]) -> bool:
        """Whether a job on the device would begin at once beside those on others."""

    def start(self, request: Request, folder: Path) -> Any:
        """Start a job; it returns at once.

        Raises:
            TrainingError: there is no place where such a job could ever run.
        """

    def poll(self, handle: Any) -> tuple[list[Event], int | None]:
        """The events since the last call, and the exit status once the job is over."""

    def waits(self, handle: Any) -> bool:
        """Whether a job that was started has not begun, for want of room."""

    def kill(self, handle: Any) -> None:
        """End a job and all that it started, at once."""

    def cpu_seconds(self, handle: Any) -> float | None:
        """What a job has computed on CPUs until now; it changes as long as the job is not stuck.

        None where that cannot be known.
        """

    def memory_bytes(self, handle: Any) -> int:
        """The memory that a job holds now, 0 if it cannot be known."""

    def total_bytes(self, handle: Any) -> int:
        """The memory of the machine that a job is on, 0 if it is not on any yet."""

    def describe(self, handle: Any) -> dict[str, Any]:
        """What `kill_left_over` needs to find the job again."""

    def kill_left_over(self, description: dict[str, Any]) -> None:
        """End a job that a dispatcher before this one has started."""

    def close(self) -> None:
        """Give back what the backend itself holds."""


def chosen_backend() -> Backend:
    """The backend that the settings name.

    Raises:
        TrainingError: its library is not installed, or its cluster cannot be reached.
    """
    if config().backend == "local":
        from cnnviz.training.local import LocalBackend  # noqa: PLC0415 (only what is used)

        cluster.forget()
        return LocalBackend(os.cpu_count() or 1)
    try:
        from cnnviz.training.ray_backend import RayBackend  # noqa: PLC0415

        return RayBackend(config().slots)
    except ImportError:
        message = Text(
            "CNNVIZ_BACKEND is ray, which is not installed: pip install -r requirements-ray.txt",
            "CNNVIZ_BACKEND 为 ray，但未安装：pip install -r requirements-ray.txt",
        )
        raise TrainingError(message, code="backend") from None
    except (ConnectionError, RuntimeError, ValueError) as error:
        message = Text("Ray cannot be reached: {error}", "无法连接 Ray：{error}")
        raise TrainingError(message.format(error=error), code="backend") from None

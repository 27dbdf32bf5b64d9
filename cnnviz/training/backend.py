"""Backends run training jobs: the protocol for the dispatcher, and the chosen one."""

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
    """The present capacity of a backend.

    Args:
        gpus: that there are.
        jobs: that run at one time, if CNNVIZ_SLOTS does not say.
    """

    gpus: int
    jobs: int


class Backend(Protocol):
    """Starts `run_job` somewhere, hands on its events and can kill it.

    `start` gives a handle. The last event of a job that ends by itself is `Ended` or
    `Failed`; a process that is gone without one was lost.
    """

    def look(self) -> Capacity:
        """Look at the hardware, also for `has_room`; called before anything else, and often."""

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
        """CPU seconds of a job until now; they change unless the job is stuck.

        None where they cannot be known.
        """

    def memory_bytes(self, handle: Any) -> int:
        """Memory of a job now in bytes; 0 if it cannot be known."""

    def total_bytes(self, handle: Any) -> int:
        """Memory of the job's machine in bytes; 0 if it is on none yet."""

    def describe(self, handle: Any) -> dict[str, Any]:
        """Notes for `kill_left_over` to find the job again."""

    def kill_left_over(self, description: dict[str, Any]) -> None:
        """End a job that a dispatcher before this one has started."""

    def close(self) -> None:
        """Give back the backend's own resources."""


def chosen_backend() -> Backend:
    """The backend that the settings name.

    Raises:
        TrainingError: its library is not installed, or its cluster cannot be reached.
    """
    if config().backend == "local":
        from loky import cpu_count  # noqa: PLC0415 (only what is used)

        from cnnviz.training.local import LocalBackend  # noqa: PLC0415

        cluster.forget()
        return LocalBackend(cpu_count())
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

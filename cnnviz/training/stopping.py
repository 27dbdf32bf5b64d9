"""How a run ends before its recipe does, if need be in the middle of a long step.

A job is asked to stop by a file in its folder: that is all that it has in common with whoever asks,
wherever it runs.
"""

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from torch import nn

STOP = "stop"
LOOK_SECONDS = 0.1


class CutShort(Exception):
    """Raised where a run is that has to end; the weights are those of its last whole step.

    Args:
        by: "stop" or "time_limit".
    """

    def __init__(self, by: str):
        super().__init__(by)
        self.by = by


def ask_to_stop(folder: Path) -> None:
    """Let the job of this folder keep what it has learnt, evaluate it and end."""
    with contextlib.suppress(OSError):  # of a full disk: who does not obey is killed
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STOP).touch()


def forget_stop(folder: Path) -> None:
    """Let a job begin in this folder that nobody has asked to stop yet."""
    (folder / STOP).unlink(missing_ok=True)


class StopFile:
    """Called, it tells whether the job was asked to stop; it looks ten times a second at most."""

    def __init__(self, folder: Path):
        self._path = folder / STOP
        self._next, self._found = -math.inf, False

    def __call__(self) -> bool:
        now = time.perf_counter()
        if not self._found and now >= self._next:
            self._found, self._next = self._path.exists(), now + LOOK_SECONDS
        return self._found


@contextlib.contextmanager
def interruptible(module: nn.Module, check: Callable[[], None]) -> Iterator[None]:
    """Call `check` before each layer and after each gradient; it may raise `CutShort`.

    Then the statistics of batch norm are put back, which the step has moved in part. No weight has
    changed: the optimiser moves them all after the last gradient.
    """
    hooks = [
        layer.register_forward_pre_hook(lambda *_: check())
        for layer in module.modules()
        if not any(layer.children())
    ]
    hooks += [
        weight.register_post_accumulate_grad_hook(lambda _: check())
        for weight in module.parameters()
        if weight.requires_grad
    ]
    before = [buffer.clone() for buffer in module.buffers()]
    try:
        yield
    except CutShort:
        for buffer, value in zip(module.buffers(), before, strict=True):
            buffer.copy_(value)
        raise
    finally:
        for hook in hooks:
            hook.remove()

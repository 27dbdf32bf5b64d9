"""Ending a run before its recipe does, if need be in the middle of a long step.

A file in its folder asks a job to stop: wherever the job runs, the folder is all that it shares
with the dispatcher.
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
    """Ends a run where it is; the weights are those of its last whole step.

    Args:
        by: "stop" or "time_limit".
    """

    def __init__(self, by: str):
        super().__init__(by)
        self.by = by


def ask_to_stop(folder: Path) -> None:
    """Let the job of this folder keep what it has learnt, evaluate it and end."""
    with contextlib.suppress(OSError):  # a full disk: a job that does not obey is killed
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STOP).touch()


def forget_stop(folder: Path) -> None:
    """Remove an old wish to stop, before a job begins in this folder."""
    (folder / STOP).unlink(missing_ok=True)


class StopFile:
    """Tells, when called, whether the job was asked to stop; looks ten times a second at most."""

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

    After `CutShort`, the statistics of batch norm, which the step has moved in part, are put back.
    Weights have not changed: the optimiser moves them all after the last gradient.
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

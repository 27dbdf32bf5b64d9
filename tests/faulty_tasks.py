"""What may go wrong in the live worker: tasks that its tests ask for."""

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

import torch

from cnnviz.analysis.real_run import LiveError
from cnnviz.live.tasks import Task
from cnnviz.text import Text


@dataclass(frozen=True)
class Good(Task):
    """Gives what it is given, and leaves a line in a log if there is one."""

    value: object = None
    log: Path | None = None

    def run(self, models):
        if self.log:
            with self.log.open("a") as log:
                log.write(f"{self.value}\n")
        return self.value


@dataclass(frozen=True)
class Costly(Good):
    """Says that it takes much, in any unit."""

    macs: int = 0

    @property
    def cost(self):
        return self.macs


@dataclass(frozen=True)
class Gated(Task):
    """Waits until somebody writes to a named pipe."""

    gate: Path

    def run(self, models):
        return self.gate.read_text()


@dataclass(frozen=True)
class Pid(Task):
    """The worker's process, and that it is asked anew each time."""

    momentary = True

    def run(self, models):
        return os.getpid()


@dataclass(frozen=True)
class Hang(Task):
    def run(self, models):
        threading.Event().wait()


@dataclass(frozen=True)
class Lost(Task):
    """Ends the worker without a word, as a crashing driver or the kernel does.

    Args:
        mark: a file, made the first time, after which it goes well; None: it never does.
    """

    mark: Path | None = None

    def run(self, models):
        if self.mark and self.mark.exists():
            return "well"
        if self.mark:
            self.mark.touch()
        os.kill(os.getpid(), signal.SIGSEGV)
        return None


@dataclass(frozen=True)
class Refused(Task):
    def run(self, models):
        raise LiveError(Text("Too large by far.", "太大了。"))


@dataclass(frozen=True)
class Raises(Task):
    """Fails in one of the ways of a GPU, or in another."""

    how: str

    def run(self, models):
        raise {
            "assert": torch.AcceleratorError("CUDA error: device-side assert triggered"),
            "memory": torch.OutOfMemoryError("CUDA out of memory."),
            "cudnn": RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
            "bug": ZeroDivisionError(),
        }[self.how]

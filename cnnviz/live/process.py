"""The live worker as the web process sees it: a process and our end of its pipe."""

import os
import pickle
import subprocess
import sys
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import NamedTuple

from cnnviz.live.tasks import Reply, Task


class Received(NamedTuple):
    """A reply, and how many bytes it had on its way."""

    reply: Reply
    nbytes: int


class Process:
    """A worker that is starting; `receive` gives its first reply when it is ready.

    Args:
        most_bytes: of the networks that it keeps.

    Raises:
        OSError: no process can be started.
    """

    def __init__(self, most_bytes: int):
        self._pipe, theirs = Pipe()
        descriptor = theirs.fileno()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cnnviz.live.worker", str(descriptor), str(most_bytes)],
                # spinning OpenMP threads starve the ones they wait for
                env={"OMP_WAIT_POLICY": "PASSIVE", **os.environ},
                cwd=Path(__file__).parents[2],
                stdin=subprocess.DEVNULL,
                pass_fds=[descriptor],
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """As `subprocess.Popen.poll` gives it: None while the process lives, -9 after SIGKILL."""
        return self._process.poll()

    def send(self, task: Task) -> None:
        """Raises: OSError: it has ended."""
        self._pipe.send(task)

    def receive(self, seconds: float) -> Received:
        """Wait for the worker's reply.

        Raises:
            TimeoutError: no reply came in this time.
            EOFError, OSError: it has ended.
        """
        if not self._pipe.poll(seconds):
            raise TimeoutError
        message = self._pipe.recv_bytes()
        return Received(pickle.loads(message), len(message))

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> int:
        """Kill the process, even in the middle of a task, and return its status."""
        self._process.kill()
        self._pipe.close()
        return self._process.wait()

"""Starting the dispatcher where none runs, and its sign of life."""

import math
import os
import subprocess
import sys
import time
from io import TextIOBase
from pathlib import Path
from typing import NamedTuple

from cnnviz.config import config

try:
    import fcntl
except ImportError:  # Windows: networks are shown there, and none is trained
    fcntl = None  # type: ignore[assignment]

CAN_RUN = fcntl is not None
STORE = "jobs.db"  # the file of the store in the data directory
LOCK = "dispatcher.lock"  # the file that the only dispatcher of a data directory locks
BEAT = 5  # seconds from one sign of life to the next
SILENT = 30  # seconds without a sign of life, after which something is wrong

_started = -math.inf  # when this process last started one


def ensure_dispatcher() -> None:
    """Start a dispatcher if none runs, unless CNNVIZ_DISPATCHER is "separate".

    The dispatcher has a session of its own, so that it outlives the app until its jobs are done.
    """
    global _started  # noqa: PLW0603 (of the process, as the dispatcher is)
    now = time.monotonic()
    if not CAN_RUN or config().dispatcher == "separate" or now - _started < SILENT or is_running():
        return  # a starting dispatcher holds no lock yet; wait before trying again
    _started = now
    subprocess.Popen(
        [sys.executable, "-m", "cnnviz.training.dispatcher"],
        env={**os.environ, "CNNVIZ_PARENT": str(os.getpid())},
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def is_running() -> bool:
    """Whether somebody holds the dispatcher's lock."""
    if not CAN_RUN:
        return False
    config().data.mkdir(parents=True, exist_ok=True)
    with (config().data / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def beat(lock: TextIOBase, gpus: int, first: int, unreadable: int) -> None:
    """Give a sign of life: write the fields of `Seen` into the lock file, whose time changes."""
    lock.seek(0)
    lock.write(f"{gpus:4} {first:4} {unreadable:6}\n")
    lock.flush()


def seconds_silent() -> float:
    """Seconds since the last sign of life; infinite where there never was one."""
    try:
        return time.time() - (config().data / LOCK).stat().st_mtime
    except FileNotFoundError:
        return float("inf")


class Seen(NamedTuple):
    """The dispatcher's view at its last sign of life.

    Args:
        gpus, first: the GPUs, and those at its start.
        unreadable: jobs of the store that cannot be read.
    """

    gpus: int = 0
    first: int = 0
    unreadable: int = 0


def seen() -> Seen:
    """The dispatcher's last view; zeros where there never was a dispatcher."""
    try:
        return Seen(*map(int, (config().data / LOCK).read_text(encoding="ascii").split()))
    except (FileNotFoundError, ValueError, TypeError):
        return Seen()

"""A dispatcher that runs, whoever started it."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from cnnviz.config import config

LOCK = "dispatcher.lock"  # the file that the one dispatcher of a data directory holds


def ensure_dispatcher() -> None:
    """Start a dispatcher if none runs; CNNVIZ_DISPATCHER=separate leaves that to somebody else.

    It has a session of its own: it goes on when the app is killed, until its jobs are done.
    """
    if config().dispatcher == "separate" or _is_running():
        return
    subprocess.Popen(
        [sys.executable, "-m", "cnnviz.training.dispatcher"],
        env={**os.environ, "CNNVIZ_PARENT": str(os.getpid())},
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def _is_running() -> bool:
    """Whether somebody holds the dispatcher's lock."""
    config().data.mkdir(parents=True, exist_ok=True)
    with (config().data / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False

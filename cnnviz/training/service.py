"""What the pages need of training: the store, a dispatcher that runs, and a run's files."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from torch import nn

from cnnviz.training.admission import training_spec
from cnnviz.training.data import sources
from cnnviz.training.dispatcher import LOCK, folder
from cnnviz.training.dispatcher import open_store as _open_store
from cnnviz.training.job import Job
from cnnviz.training.limits import Limits, data_directory
from cnnviz.training.results import load_weights
from cnnviz.training.store import Store
from cnnviz.training.worker import WEIGHTS

__all__ = ["data_directory", "ensure_dispatcher", "folder", "load_model", "open_store"]


def open_store() -> Store:
    """The store of the data directory."""
    return _open_store(Limits.from_environment())


def ensure_dispatcher() -> None:
    """Start a dispatcher if none runs; CNNVIZ_DISPATCHER=separate leaves that to somebody else.

    It has a session of its own: it goes on when the app is killed, until its jobs are done.
    """
    if os.environ.get("CNNVIZ_DISPATCHER") == "separate" or _is_running():
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
    data_directory().mkdir(parents=True, exist_ok=True)
    with (data_directory() / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def load_model(job: Job) -> nn.Module:
    """The trained network of a job on the CPU, ready to answer.

    Raises:
        TrainingError: its weights are not there or are not its own.
    """
    module = training_spec(job.request.spec, sources()[job.request.data]).build()
    return load_weights(module, folder(job.id) / WEIGHTS)

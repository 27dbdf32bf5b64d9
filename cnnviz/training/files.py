"""Where things are in the data directory: the store, and a folder for each run."""

from pathlib import Path

from cnnviz.config import config
from cnnviz.training.start import STORE
from cnnviz.training.store import Store

RUNS = "runs"


def folder(job_id: str) -> Path:
    """Where the files of a run are."""
    return config().data / RUNS / job_id


def open_store() -> Store:
    """The store of the data directory."""
    limits = config()
    return Store(limits.data / STORE, jobs_per_owner=limits.per_owner, jobs_in_all=limits.in_all)

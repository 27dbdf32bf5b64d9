"""Paths in the data directory: the store, and a folder for each run."""

from pathlib import Path

from cnnviz.config import config
from cnnviz.training.dispatcher_process import STORE
from cnnviz.training.limits import Limits
from cnnviz.training.store import Store

RUNS = "runs"


def folder(job_id: str) -> Path:
    """The folder with the files of a run."""
    return config().data / RUNS / job_id


def open_store() -> Store:
    """The store of the data directory."""
    settings = config()
    limits = Limits(
        per_owner=settings.per_owner,
        per_address=settings.per_address,
        address_seconds=3600 * settings.address_hours,
        in_all=settings.in_all,
        owner_bytes=1e9 * settings.owner_disk,
        address_bytes=1e9 * settings.address_disk,
    )
    return Store(settings.data / STORE, limits)

"""Where things are in the data directory: the store, and a folder for each run."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from cnnviz.config import config
from cnnviz.training.store import Store

STORE = "jobs.db"
RUNS = "runs"


def folder(job_id: str) -> Path:
    """Where the files of a run are."""
    return config().data / RUNS / job_id


def open_store() -> Store:
    """The store of the data directory."""
    limits = config()
    return Store(limits.data / STORE, jobs_per_owner=limits.per_owner, jobs_in_all=limits.in_all)


def files_in(path: Path) -> Iterator[Path]:
    """Every file under a folder; one that is deleted meanwhile may be among them."""
    for where, _, names in os.walk(path):
        yield from (Path(where, name) for name in sorted(names))


def bytes_in(path: Path) -> int:
    """What the files under a folder hold, in bytes; 0 where there is none."""
    held = 0
    for file in files_in(path):
        with suppress(FileNotFoundError):
            held += file.lstat().st_size
    return held

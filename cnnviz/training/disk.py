"""Room on the disk of the data directory."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cnnviz.config import config
from cnnviz.text import Text
from cnnviz.training.errors import TrainingError

RESERVE = 0.1  # of CNNVIZ_DISK_FREE, below which no job goes on: the store needs room, too
_BLOCK = 2**20  # bytes; a disk with less is full


def free_gigabytes() -> float:
    """Free GB on the disk of the runs."""
    return shutil.disk_usage(config().data).free / 1e9


def check_disk() -> None:
    """Let a job pass if there is room for what it will write.

    Raises:
        TrainingError: less than CNNVIZ_DISK_FREE is free.
    """
    free, least = free_gigabytes(), config().disk_free
    if free < least:
        message = Text(
            "The server's disk has {free:.1f} GB free, and {least:g} GB is the least with which a "
            "job is taken. Delete runs that you need no more, or tell your administrator.",
            "服务器磁盘仅剩 {free:.1f} GB，至少需要 {least:g} GB 才能接受训练任务。"
            "请删除不再需要的训练任务，或告知管理员。",
        )
        raise TrainingError(message.format(free=free, least=least), code="disk_full")


def filled_up() -> TrainingError:
    """The error that ends a job whose disk fills while it runs."""
    message = Text(
        "The server's disk filled up while the job ran. Delete runs that you need no more, or "
        "tell your administrator.",
        "训练任务运行期间服务器磁盘已满。请删除不再需要的训练任务，或告知管理员。",
    )
    return TrainingError(message, code="disk_full")


@contextmanager
def naming_a_full_disk(folder: Path) -> Iterator[None]:
    """Raise `filled_up` in place of the various errors of libraries on a full disk."""
    try:
        yield
    except Exception as error:
        no_space = isinstance(error, OSError) and error.errno == errno.ENOSPC
        if no_space or shutil.disk_usage(folder).free < _BLOCK:
            raise filled_up() from error
        raise


def files_in(path: Path) -> Iterator[Path]:
    """Every file under a folder; one that is deleted meanwhile may be among them."""
    for where, _, names in os.walk(path):
        yield from (Path(where, name) for name in sorted(names))


def bytes_in(path: Path) -> int:
    """Bytes of the files under a folder; 0 where there is none."""
    held = 0
    for file in files_in(path):
        with suppress(FileNotFoundError):
            held += file.lstat().st_size
    return held

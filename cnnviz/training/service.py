"""Queue, disk and dispatcher as the pages use them."""

from cnnviz.training.disk import check_disk
from cnnviz.training.dispatcher_process import (
    CAN_RUN,
    SILENT,
    ensure_dispatcher,
    seconds_silent,
)
from cnnviz.training.files import folder, open_store

__all__ = [
    "CAN_RUN",
    "SILENT",
    "check_disk",
    "ensure_dispatcher",
    "folder",
    "open_store",
    "seconds_silent",
]

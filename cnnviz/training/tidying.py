"""Clearing checkpoints and drafts of ended runs; weights and results stay."""

import logging

from cnnviz.training.checkpoint import CHECKPOINT
from cnnviz.training.disk import bytes_in
from cnnviz.training.files import folder
from cnnviz.training.stopping import STOP
from cnnviz.training.store import Store

DRAFT = ".new"  # suffix of a file that is still being written

log = logging.getLogger("cnnviz.dispatcher")


def tidy(store: Store) -> int:
    """Clear the folders of runs that have ended since the last time; gives the bytes of that.

    The store notes the bytes that each run still holds.
    """
    freed = 0
    for job_id in store.untidied():
        place = folder(job_id)
        for file in (place / CHECKPOINT, place / STOP, *place.glob(f"*{DRAFT}")):
            if file.is_file():
                freed += file.stat().st_size
                file.unlink(missing_ok=True)
        store.set_bytes(job_id, bytes_in(place))
    if freed:
        log.info("%.1f MB of ended runs are cleared: checkpoints and unfinished files", freed / 1e6)
    return freed

"""The part of the store that the dispatcher alone writes: attempts at jobs and their events.

Events are written only for the running attempt, so that a process that was given up for lost
cannot add to the curve of its successor. For example, attempt 1 stops answering and attempt 2
begins; a late step of attempt 1 is refused.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping
from typing import Any

from cnnviz.text import Text
from cnnviz.training.database import Database
from cnnviz.training.events import Event
from cnnviz.training.state import JobState


class Attempts(Database):
    """The attempts at the jobs of a store; see `Store`."""

    def begin(self, job_id: str) -> int | None:
        """Turn a waiting job into a running one and give its attempt; None if it waits no more."""
        with self._write() as db:
            changed = db.execute(
                "UPDATE jobs SET state = ?, attempt = attempt + 1, started = ?, cancel = 0 "
                "WHERE id = ? AND state = ? RETURNING attempt",
                (JobState.RUNNING, time.time(), job_id, JobState.QUEUED),
            ).fetchone()
        return changed["attempt"] if changed else None

    def set_process(self, job_id: str, process: Mapping[str, Any]) -> None:
        """Note where a job runs, for a dispatcher that comes after this one."""
        with self._write() as db:
            db.execute(
                "UPDATE jobs SET process = ? WHERE id = ?", (json.dumps(dict(process)), job_id)
            )

    def write(self, job_id: str, attempt: int, events: Iterable[Event]) -> bool:
        """Add events of a job; False, and nothing written, if that attempt runs no more."""
        with self._write() as db:
            if not _is_running(db, job_id, attempt):
                return False
            (last,) = db.execute(
                "SELECT coalesce(max(number), 0) FROM events WHERE job = ?", (job_id,)
            ).fetchone()
            db.executemany(
                "INSERT INTO events (job, number, attempt, event) VALUES (?, ?, ?, ?)",
                [
                    (job_id, number, attempt, event.to_json())
                    for number, event in enumerate(events, start=last + 1)
                ],
            )
        return True

    def end(
        self,
        job_id: str,
        attempt: int,
        state: JobState,
        *,
        code: str = "",
        message: Text | None = None,
        result: Mapping[str, Any] | None = None,
    ) -> bool:
        """Close a running job; False if that attempt runs no more."""
        message = message or Text("", "")
        with self._write() as db:
            if not _is_running(db, job_id, attempt):
                return False
            db.execute(
                "UPDATE jobs SET state = ?, code = ?, message = ?, result = ?, ended = ?, "
                "process = '{}' WHERE id = ?",
                (
                    state,
                    code,
                    json.dumps(message._asdict()),
                    json.dumps(dict(result or {})),
                    time.time(),
                    job_id,
                ),
            )
        return True

    def requeue(self, job_id: str, attempt: int, *, lost: bool = False) -> bool:
        """Let a running job begin again; False if that attempt runs no more.

        Args:
            lost: whether its process was gone; losses are counted and limited.
        """
        with self._write() as db:
            if not _is_running(db, job_id, attempt):
                return False
            db.execute(
                "UPDATE jobs SET state = ?, process = '{}', losses = losses + ? WHERE id = ?",
                (JobState.QUEUED, lost, job_id),
            )
        return True


def _is_running(db: sqlite3.Connection, job_id: str, attempt: int) -> bool:
    row = db.execute("SELECT state, attempt FROM jobs WHERE id = ?", (job_id,)).fetchone()
    return row is not None and (row["state"], row["attempt"]) == (JobState.RUNNING, attempt)

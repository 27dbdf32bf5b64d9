"""The jobs and their events, in one SQLite file that every process opens for itself.

The web pages submit, read and cancel; the dispatcher alone begins and ends jobs and writes what
they report (`cnnviz.training.attempts`).
"""

import sqlite3
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from cnnviz.text import Text
from cnnviz.training import events
from cnnviz.training.attempts import Attempts
from cnnviz.training.events import Event
from cnnviz.training.job import Job
from cnnviz.training.limits import USUAL, Limits, Refused, check_room
from cnnviz.training.order import in_turn
from cnnviz.training.request import Request
from cnnviz.training.state import ACTIVE, JobState

RECENT = 20  # last jobs that the average time is taken over
HOUR = 3600
LONGEST_NAME = 80  # characters


@dataclass(frozen=True)
class Submission:
    """A job that is to be submitted.

    Args:
        key: unlike that of any other job or, in a group, of any other member.
        name: that the user sees; "" for none.
        predicted: seconds that it is expected to take alone.
    """

    key: str
    request: Request
    name: str = ""
    predicted: float | None = None


class Store(Attempts):
    """The jobs in the file `path`, made if it is not there; safe to use from many threads.

    Raises:
        TrainingError: the file is no store, is of a newer version, or cannot be written.
    """

    def __init__(self, path: Path, limits: Limits = USUAL):
        super().__init__(path)
        self._limits = limits

    def submit(
        self,
        request: Request,
        *,
        key: str,
        owner: str,
        name: str = "",
        predicted: float | None = None,
        address: str = "",
    ) -> Job:
        """Put a job into the queue; the same key again gives the job that is there already.

        Args:
            predicted: seconds that it is expected to take alone.
            address: of the computer that it comes from, which has limits as an owner has.

        Raises:
            Refused: the owner, the address, or everybody together, has too much already.
        """
        wanted = Submission(key, request, name, predicted)
        return self._submit([wanted], owner=owner, address=address)[0]

    def submit_group(
        self, group: str, members: Iterable[Submission], *, owner: str, address: str = ""
    ) -> list[Job]:
        """Put jobs into the queue that belong together: all of them, or none.

        They count as one job of their owner, and `jobs_of_group` finds them again.

        Args:
            group: without a colon; the same again gives the jobs that are there already.

        Raises:
            Refused: the owner, the address, or everybody together, has too much already.
        """
        members = [replace(member, key=f"{group}:{member.key}") for member in members]
        return self._submit(members, owner=owner, address=address)

    def _submit(self, wanted: list[Submission], *, owner: str, address: str) -> list[Job]:
        same = "SELECT * FROM jobs WHERE key = ?"
        rows = []
        with self._write() as db:
            if db.execute(same, (wanted[0].key,)).fetchone() is None:
                check_room(db, self._limits, owner=owner, address=address, jobs=len(wanted))
            for one in wanted:
                db.execute(
                    "INSERT OR IGNORE INTO jobs "
                    "(id, key, owner, name, request, created, predicted, address) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(uuid.uuid4().hex[:12], one.key, owner, one.name),
                        *(one.request.to_json(), time.time(), one.predicted, address),
                    ),
                )
                rows.append(db.execute(same, (one.key,)).fetchone())
        return [Job.from_row(row) for row in rows]

    def job(self, job_id: str) -> Job | None:
        found = self._read("SELECT * FROM jobs WHERE id = ?", (job_id,))
        return Job.from_row(found[0]) if found else None

    def jobs(
        self,
        *,
        owner: str | None = None,
        states: Iterable[str] = (),
        ended_before: float | None = None,
        most: int = -1,
    ) -> list[Job]:
        """The jobs, newest first, that meet each condition that is given.

        Args:
            states: an unreadable job is UNREADABLE, whatever its row says.
            ended_before: seconds since 1970.
            most: how many; -1 for all.
        """
        states = tuple(states)
        conditions: list[str] = ["1"]
        values: list[str | float] = []
        if owner is not None:
            conditions.append("owner = ?")
            values.append(owner)
        if states and JobState.UNREADABLE not in states:  # a row of any state may be unreadable
            conditions.append(f"state IN ({', '.join('?' * len(states))})")
            values += states
        if ended_before is not None:
            conditions.append("ended < ?")
            values.append(ended_before)
        query = (
            f"SELECT * FROM jobs WHERE {' AND '.join(conditions)} ORDER BY sequence DESC LIMIT ?"
        )
        found = map(Job.from_row, self._read(query, [*values, most]))
        return [job for job in found if not states or job.state in states]

    def jobs_of_group(self, group: str) -> list[Job]:
        """The jobs of a group that are still there, in the order of their submission."""
        rows = self._read(
            "SELECT * FROM jobs WHERE substr(key, 1, ?) = ? ORDER BY sequence",
            (len(group) + 1, f"{group}:"),
        )
        return [Job.from_row(row) for row in rows]

    def events(self, job_id: str, *, after: int = 0) -> list[Event]:
        """The events of a job after the event number `after`."""
        rows = self._read(
            "SELECT number, event FROM events WHERE job = ? AND number > ? ORDER BY number",
            (job_id, after),
        )
        found = (events.from_json(row["event"], row["number"]) for row in rows)
        return [event for event in found if event is not None]

    def queue(self) -> list[Job]:
        """The waiting jobs in the order in which they will begin."""
        if not self._read("SELECT 1 FROM jobs WHERE state = ? LIMIT 1", (JobState.QUEUED,)):
            return []  # the dispatcher asks twenty times a second
        now = time.time()
        rows = self._read(
            "SELECT * FROM jobs WHERE state IN (?, ?) OR ended > ? ORDER BY sequence",
            (*ACTIVE, now - HOUR),
        )
        jobs = map(Job.from_row, rows)
        return in_turn((job for job in jobs if job.is_readable), now)

    def seconds_a_job(self) -> float | None:
        """How long the last jobs took on average; None where there were none."""
        (row,) = self._read(
            "SELECT avg(seconds) AS mean FROM (SELECT ended - started AS seconds FROM jobs "
            "WHERE state = ? ORDER BY ended DESC LIMIT ?)",
            (JobState.DONE, RECENT),
        )
        return cast(float | None, row["mean"])

    def pause(self, *, by: str) -> None:
        """Let no waiting job begin, until `resume`; those that run go on."""
        with self._write() as db:
            db.execute("INSERT OR IGNORE INTO pause (by) VALUES (?)", (by,))

    def resume(self) -> None:
        """Let waiting jobs begin again."""
        with self._write() as db:
            db.execute("DELETE FROM pause")

    def paused_by(self) -> str | None:
        """The administrator who paused the queue; None if it runs."""
        found = self._read("SELECT by FROM pause")
        return found[0]["by"] if found else None

    def cancel(self, job_id: str, *, owner: str) -> None:
        """Stop a job: one that waits at once, one that runs by the dispatcher.

        The weights of a running job are kept and evaluated, unless it is stopped twice. A job
        that has ended stays as it is.

        Raises:
            Refused: there is no such job of this owner.
        """
        with self._write() as db:
            self._own(db, job_id, owner)
            db.execute(
                "UPDATE jobs SET state = ?, ended = ? WHERE id = ? AND state = ?",
                (JobState.CANCELLED, time.time(), job_id, JobState.QUEUED),
            )
            db.execute(
                "UPDATE jobs SET cancel = min(cancel + 1, 2) WHERE id = ? AND state = ?",
                (job_id, JobState.RUNNING),
            )

    def rename(self, job_id: str, name: str, *, owner: str) -> None:
        """Give a job a name of at most LONGEST_NAME characters.

        Raises:
            Refused: the name is longer, or there is no such job of this owner.
        """
        name = name.strip()
        if len(name) > LONGEST_NAME:
            message = Text(
                "The name has {length} characters, and {most} is the most. Take {over} away.",
                "名称有 {length} 个字符，最多 {most} 个，请删去 {over} 个。",
            )
            over = len(name) - LONGEST_NAME
            filled = message.format(length=len(name), most=LONGEST_NAME, over=over)
            raise Refused(filled, code="name")
        with self._write() as db:
            self._own(db, job_id, owner)
            db.execute("UPDATE jobs SET name = ? WHERE id = ?", (name, job_id))

    def delete(self, job_id: str, *, owner: str) -> None:
        """Forget a job that has ended.

        Raises:
            Refused: there is no such job of this owner, or it has not ended.
        """
        with self._write() as db:
            if self._own(db, job_id, owner)["state"] in ACTIVE:
                raise Refused(
                    Text("The job has not ended; stop it first.", "训练任务尚未结束，请先停止。"),
                    code="active",
                )
            db.execute("DELETE FROM events WHERE job = ?", (job_id,))
            db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))

    def _own(self, db: sqlite3.Connection, job_id: str, owner: str) -> sqlite3.Row:
        row: sqlite3.Row | None = db.execute(
            "SELECT state, owner FROM jobs WHERE id = ?", (job_id,)
        ).fetchone()
        if row is None or row["owner"] != owner:
            message = Text("There is no such job of yours.", "没有属于你的这个训练任务。")
            raise Refused(message, code="not_yours")
        return row

    def untidied(self) -> list[str]:
        """The ids of ended jobs whose files are not tidied up yet."""
        rows = self._read("SELECT id FROM jobs WHERE state NOT IN (?, ?) AND bytes IS NULL", ACTIVE)
        return [row["id"] for row in rows]

    def set_bytes(self, job_id: str, held: int) -> None:
        """Note what the files of a job hold."""
        with self._write() as db:
            db.execute("UPDATE jobs SET bytes = ? WHERE id = ?", (held, job_id))

    def close_unreadable(self) -> list[Job]:
        """End the jobs that wait or run and cannot be read; gives all that cannot be read."""
        found = self.jobs(states=[JobState.UNREADABLE])
        with self._write() as db:
            db.executemany(
                "UPDATE jobs SET state = ?, code = ?, ended = ?, process = '{}' "
                "WHERE id = ? AND state IN (?, ?)",
                [
                    (JobState.FAILED, JobState.UNREADABLE, time.time(), job.id, *ACTIVE)
                    for job in found
                ],
            )
        return found

"""The SQLite file under the store: connections, transactions, and the versions of its tables.

Opening a file of an older version brings it up to this one; a copy of the old file stays beside.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar, cast

from cnnviz.text import Text
from cnnviz.training.errors import TrainingError

BUSY_SECONDS = 10

# Each step makes a version of the one before; the first makes the tables of an empty file.
_STEPS = (
    """
CREATE TABLE jobs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    key TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    request TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    attempt INTEGER NOT NULL DEFAULT 0,
    losses INTEGER NOT NULL DEFAULT 0,
    cancel INTEGER NOT NULL DEFAULT 0,
    process TEXT NOT NULL DEFAULT '{}',
    code TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '{}',
    result TEXT NOT NULL DEFAULT '{}',
    created REAL NOT NULL,
    started REAL,
    ended REAL
);
CREATE INDEX jobs_by_state ON jobs (state, owner);
CREATE TABLE events (
    job TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (job, number)
) WITHOUT ROWID;
""",
    """
CREATE TABLE pause (
    one INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    by TEXT NOT NULL
);
""",
    "ALTER TABLE jobs ADD COLUMN predicted REAL",
    """
ALTER TABLE jobs ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN bytes INTEGER
""",
)
VERSION = len(_STEPS)


class Database:
    """The file `path`, made if it is not there; each thread has a connection of its own.

    A class for other tables than the jobs' has `steps` of its own.

    Raises:
        TrainingError: the file is no store, is of a newer version, or cannot be written.
    """

    steps: ClassVar[tuple[str, ...] | None] = None

    def __init__(self, path: Path):
        self.path = Path(path)
        self._local = threading.local()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._write() as db:
                self._migrate(db)
        except (sqlite3.Error, OSError) as error:
            raise _broken(self.path, error) from error

    def copy(self, path: Path) -> None:
        """Copy the file as it is now to another, even while others write.

        Raises:
            TrainingError: it cannot be read or written.
        """
        try:
            _copy(self.path, path)
        except sqlite3.Error as error:
            raise _broken(self.path, error) from error

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        if not hasattr(self._local, "db"):
            db = sqlite3.connect(self.path, timeout=BUSY_SECONDS, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA foreign_keys = ON")
            self._local.db = db
        return cast(sqlite3.Connection, self._local.db)

    def _read(self, query: str, values: Iterable[Any] = ()) -> list[sqlite3.Row]:
        try:
            return self._connection().execute(query, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise _broken(self.path, error) from error

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        """One transaction; no other connection writes meanwhile."""
        try:
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            raise _broken(self.path, error) from error
        try:
            yield db
            db.execute("COMMIT")
        except BaseException as error:
            db.rollback()
            if isinstance(error, sqlite3.Error):
                raise _broken(self.path, error) from error
            raise

    def _migrate(self, db: sqlite3.Connection) -> None:
        steps = self.steps or _STEPS
        known = len(steps)
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version > known:
            message = Text(
                "The store {path} is of version {version}; this cnnviz knows {known}. Update it.",
                "存储 {path} 的版本为 {version}，本程序只支持 {known}，请升级。",
            )
            values = {"path": self.path.name, "version": version, "known": known}
            raise TrainingError(message.format(**values), code="store")
        if 0 < version < known:
            _copy(self.path, self.path.with_name(f"{self.path.name}.version-{version}"))
        for step in steps[version:]:
            for statement in step.split(";"):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {known}")


def _copy(source: Path, target: Path) -> None:
    draft = target.with_name(f"{target.name}.new")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(draft)) as new:
        old.backup(new)
    draft.replace(target)


def _broken(path: Path, error: Exception) -> TrainingError:
    message = Text("The store {path} cannot be used: {error}.", "存储 {path} 无法使用：{error}。")
    return TrainingError(message.format(path=path.name, error=error), code="store")

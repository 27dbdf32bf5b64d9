"""The classes of a server, in one SQLite file that every web process opens for itself.

Who is in a class is known by a pseudonym. A class that is over is deleted with all that belongs to
it, and its bytes are overwritten.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path

from cnnviz.classes.classroom import LOCKS, Classroom, Member, Stop
from cnnviz.classes.errors import ClassError
from cnnviz.classes.question import Question
from cnnviz.text import Text
from cnnviz.training.database import Database

FILE = "classes.db"
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none of them looks like another
LENGTH = 6  # 31⁶ = 887 million codes
LASTS = 8 * 3600  # seconds
MOST, MOST_MEMBERS, MOST_QUESTIONS = 100, 300, 100
LONGEST_NAME = 30  # characters
LONGEST_STOP = 4000  # characters of an address that is shown
SEEN = 10.0  # seconds after which it is noted again that somebody is there

_STEPS = (
    """
CREATE TABLE classes (
    code TEXT PRIMARY KEY,
    teacher TEXT NOT NULL UNIQUE,
    language TEXT NOT NULL,
    locks TEXT NOT NULL,
    ends REAL NOT NULL,
    stop TEXT NOT NULL DEFAULT '',
    stops INTEGER NOT NULL DEFAULT 0,
    asked INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE members (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    class TEXT NOT NULL REFERENCES classes (code) ON DELETE CASCADE,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    seen REAL NOT NULL,
    UNIQUE (class, person)
);
CREATE INDEX members_by_person ON members (person);
CREATE TABLE questions (
    class TEXT NOT NULL REFERENCES classes (code) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    question TEXT NOT NULL,
    PRIMARY KEY (class, number)
);
CREATE TABLE answers (
    class TEXT NOT NULL,
    question INTEGER NOT NULL,
    person TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (class, question, person),
    FOREIGN KEY (class, question) REFERENCES questions (class, number) ON DELETE CASCADE,
    FOREIGN KEY (class, person) REFERENCES members (class, person) ON DELETE CASCADE
)
""",
)


class ClassStore(Database):
    """The classes in the file `path`, made if it is not there; safe to use from many threads.

    Raises:
        TrainingError: the file is no store, is of a newer version, or cannot be written.
    """

    steps = _STEPS

    def __init__(self, path: Path):
        super().__init__(path)
        self.path.chmod(0o600)

    def open(self, teacher: str, language: str, locks: Collection[str] = ()) -> Classroom:
        """Open a class; a teacher who has one gets that.

        Raises:
            ClassError: the server has too many classes.
        """
        if found := self.of_teacher(teacher):
            return found
        self.purge()
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        with self._write() as db:
            (count,) = db.execute("SELECT count(*) FROM classes").fetchone()
            if count >= MOST:
                raise ClassError(_MANY.format(count=count, most=MOST))
            db.execute(
                "INSERT OR IGNORE INTO classes (code, teacher, language, locks, ends) "
                "VALUES (?, ?, ?, ?, ?)",
                (code, teacher, language, _locks(locks), time.time() + LASTS),
            )
        return self._of_teacher(teacher)

    def find(self, code: str) -> Classroom | None:
        """The class of a code, as somebody may type it."""
        code = code.upper().replace(" ", "").replace("-", "")
        found = self._classes("code = ?", code)
        return found[0] if found else None

    def of_teacher(self, teacher: str) -> Classroom | None:
        found = self._classes("teacher = ?", teacher)
        return found[0] if found else None

    def attended(self, person: str) -> list[Classroom]:
        """The classes that somebody is in, the one joined last at the end."""
        return self._classes(
            "code IN (SELECT class FROM members WHERE person = ?) ORDER BY "
            "(SELECT sequence FROM members WHERE class = code AND person = ?)",
            person,
            person,
        )

    def join(self, code: str, person: str, name: str = "") -> None:
        """Bring somebody into a class; who is there already gets the name.

        Raises:
            ClassError: there is no such class, it is full, or the name cannot be one.
        """
        name = " ".join(name.split())
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise ClassError(_NAME.format(length=len(name), most=LONGEST_NAME))
        with self._write() as db:
            (is_there,) = db.execute(
                "SELECT count(*) FROM classes WHERE code = ? AND ends > ?", (code, time.time())
            ).fetchone()
            if not is_there:
                raise ClassError(OVER)
            (count,) = db.execute(
                "SELECT count(*) FROM members WHERE class = ? AND person != ?", (code, person)
            ).fetchone()
            if count >= MOST_MEMBERS:
                raise ClassError(_FULL.format(count=count, most=MOST_MEMBERS))
            db.execute(
                "INSERT INTO members (class, person, name, seen) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (class, person) DO UPDATE SET name = excluded.name",
                (code, person, name, time.time()),
            )

    def see(self, code: str, person: str) -> None:
        """Note that somebody is there."""
        now = time.time()
        late = "SELECT 1 FROM members WHERE class = ? AND person = ? AND seen < ?"
        if self._read(late, (code, person, now - SEEN)):
            with self._write() as db:
                db.execute(
                    "UPDATE members SET seen = ? WHERE class = ? AND person = ?",
                    (now, code, person),
                )

    def lock(self, teacher: str, locks: Collection[str]) -> None:
        """Lock these for everybody in the teacher's class, and nothing else.

        Raises:
            ClassError: the class is over.
        """
        self._change(teacher, "locks = ?", _locks(locks))

    def show(self, teacher: str, stop: Stop) -> None:
        """Lead those who follow to a page.

        Raises:
            ClassError: the class is over, or the address is too long.
        """
        text = json.dumps(stop)
        if len(text) > LONGEST_STOP:
            raise ClassError(_LONG_STOP.format(length=len(text), most=LONGEST_STOP))
        self._change(teacher, "stop = ?, stops = stops + 1", text)

    def ask(self, teacher: str, question: Question) -> int:
        """Ask a question in place of the one before; gives its number.

        Raises:
            ClassError: the class is over, or has been asked too much.
        """
        code = self._of_teacher(teacher).code
        with self._write() as db:
            (count,) = db.execute(
                "SELECT count(*) FROM questions WHERE class = ?", (code,)
            ).fetchone()
            if count >= MOST_QUESTIONS:
                raise ClassError(_ASKED.format(count=count, most=MOST_QUESTIONS))
            db.execute(
                "INSERT INTO questions (class, number, question) VALUES (?, ?, ?)",
                (code, count + 1, question.to_json()),
            )
            db.execute(
                "UPDATE classes SET asked = ?, revision = revision + 1 WHERE code = ?",
                (count + 1, code),
            )
        return int(count) + 1

    def close(self, teacher: str) -> None:
        """Take no more answers to the question.

        Raises:
            ClassError: the class is over.
        """
        self._change(teacher, "asked = ?", 0)

    def questions(self, code: str) -> dict[int, Question]:
        """All questions of a class by their number."""
        rows = self._read("SELECT * FROM questions WHERE class = ? ORDER BY number", (code,))
        return {row["number"]: Question.from_json(row["question"]) for row in rows}

    def answer(self, code: str, person: str, number: int, answer: object) -> None:
        """Answer a question, or change the answer, while it is asked.

        Raises:
            ClassError: it is no answer, the question is not asked, or the person is not there.
        """
        with self._write() as db:
            row = db.execute(
                "SELECT question FROM questions JOIN classes ON class = code "
                "WHERE code = ? AND number = ? AND asked = number AND ends > ?",
                (code, number, time.time()),
            ).fetchone()
            there = "SELECT 1 FROM members WHERE class = ? AND person = ?"
            if row is None or db.execute(there, (code, person)).fetchone() is None:
                raise ClassError(_NOT_ASKED)
            taken = Question.from_json(row["question"]).accept(answer)
            db.execute(
                "INSERT INTO answers (class, question, person, answer) VALUES (?, ?, ?, ?) ON "
                "CONFLICT (class, question, person) DO UPDATE SET answer = excluded.answer",
                (code, number, person, json.dumps(taken)),
            )

    def answer_of(self, code: str, person: str, number: int) -> float | None:
        """What somebody has answered."""
        found = self._read(
            "SELECT answer FROM answers WHERE class = ? AND question = ? AND person = ?",
            (code, number, person),
        )
        return json.loads(found[0]["answer"]) if found else None

    def members(self, code: str) -> list[Member]:
        """Who is in a class, in the order in which they came, with all their answers."""
        given: dict[str, dict[int, float]] = {}
        for row in self._read("SELECT * FROM answers WHERE class = ?", (code,)):
            given.setdefault(row["person"], {})[row["question"]] = json.loads(row["answer"])
        rows = self._read("SELECT * FROM members WHERE class = ? ORDER BY sequence", (code,))
        return [
            Member(number, row["name"], row["seen"], given.get(row["person"], {}))
            for number, row in enumerate(rows, start=1)
        ]

    def end(self, teacher: str) -> None:
        """Delete the teacher's class with all that belongs to it."""
        self._delete("teacher = ?", teacher)

    def purge(self) -> None:
        """Delete the classes whose time is over."""
        now = time.time()
        if self._read("SELECT 1 FROM classes WHERE ends <= ?", (now,)):
            self._delete("ends <= ?", now)

    def _classes(self, condition: str, *values: str) -> list[Classroom]:
        query = f"SELECT * FROM classes WHERE ends > ? AND {condition}"
        return [Classroom.from_row(row) for row in self._read(query, (time.time(), *values))]

    def _of_teacher(self, teacher: str) -> Classroom:
        found = self.of_teacher(teacher)
        if found is None:
            raise ClassError(OVER)
        return found

    def _change(self, teacher: str, setting: str, value: str | int) -> None:
        self._of_teacher(teacher)
        with self._write() as db:
            db.execute(
                f"UPDATE classes SET {setting}, revision = revision + 1 WHERE teacher = ?",
                (value, teacher),
            )

    def _delete(self, condition: str, value: str | float) -> None:
        with self._write() as db:
            db.execute(f"DELETE FROM classes WHERE {condition}", (value,))
        # what the log beside the file still holds goes, too, unless somebody reads in it just now
        self._read("PRAGMA wal_checkpoint(TRUNCATE)")

    def _connection(self) -> sqlite3.Connection:
        is_new = not hasattr(self._local, "db")
        db = super()._connection()
        if is_new:
            db.execute("PRAGMA secure_delete = ON")
        return db


def _locks(locks: Collection[str]) -> str:
    return " ".join(sorted(LOCKS.keys() & set(locks)))


OVER = Text(
    "There is no such class, or it is over. Ask the teacher for the code.",
    "没有这个课堂，或课堂已结束。请向老师索取课堂码。",
)
_MANY = Text(
    "{count} classes are open on this server, and {most} is the most. Wait until one ends.",
    "本服务器已有 {count} 个课堂，最多 {most} 个，请等其中一个结束。",
)
_FULL = Text(
    "{count} students are in this class, and {most} is the most.",
    "课堂已有 {count} 名学生，最多 {most} 名。",
)
_NAME = Text(
    "The name has {length} character{length:|s} or a character that cannot be shown; up to "
    "{most} that can be shown are possible. Change it, or leave it empty.",
    "名字有 {length} 个字符，或含无法显示的字符；最多可用 {most} 个可显示的字符。请修改，或留空。",
)
_LONG_STOP = Text(
    "The address of this page has {length} characters, and {most} is the most that can be shown to "
    "a class. Unfold less of the graph.",
    "此页地址有 {length} 个字符，向课堂展示时最多 {most} 个。请少展开一些结构图。",
)
_ASKED = Text(
    "The class has had {count} questions, and {most} is the most. End it, and open another.",
    "课堂已提出 {count} 个问题，最多 {most} 个。请结束后另开一个课堂。",
)
_NOT_ASKED = Text(
    "This question takes no answers any more. Look at what is asked now.",
    "此问题已停止作答，请看当前的问题。",
)

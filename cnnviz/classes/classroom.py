"""A class as it is kept, and what its teacher can lock."""

import json
from dataclasses import dataclass, field
from sqlite3 import Row
from typing import NamedTuple

# What a teacher can lock, and the pages that go with it.
LOCKS: dict[str, tuple[str, ...]] = {
    "network": ("compare", "sweeps"),
    "training": ("training", "experiments"),
    "pages": (),  # all of them but the teacher's stop
}
ALWAYS = ("class", "admin")  # pages that no lock takes away


class Stop(NamedTuple):
    """What a teacher shows: a page, and the parameters of its address."""

    page: str
    query: dict[str, str]


@dataclass(frozen=True)
class Classroom:
    """A class that is not over.

    Args:
        teacher: the pseudonym of who opened it.
        language: that its link sets.
        ends: seconds since 1970.
        stop: what the teacher shows; None before the first time.
        stops: how often something was shown.
        asked: the number of the question that takes answers; 0 for none.
        revision: goes up with each change that concerns those who are in it.
    """

    code: str
    teacher: str
    language: str
    locks: frozenset[str]
    ends: float
    stop: Stop | None = None
    stops: int = 0
    asked: int = 0
    revision: int = 0

    @staticmethod
    def from_row(row: Row) -> "Classroom":
        locks = frozenset(row["locks"].split()) & LOCKS.keys()
        stop = Stop(*json.loads(row["stop"])) if row["stop"] else None
        numbers = {name: row[name] for name in ("ends", "stops", "asked", "revision")}
        return Classroom(row["code"], row["teacher"], row["language"], locks, stop=stop, **numbers)

    def hides(self, page: str) -> bool:
        """Whether those who are in it may not open a page."""
        if page in ALWAYS:
            return False
        if "pages" in self.locks and not (self.stop and self.stop.page == page):
            return True
        return any(page in LOCKS[lock] for lock in self.locks)


@dataclass(frozen=True)
class Member:
    """Who is in a class.

    Args:
        number: in the order in which they came; of this class, from 1.
        name: as they call themselves; "" for none.
        seen: seconds since 1970 when their page last asked.
        answers: by the question's number.
    """

    number: int
    name: str
    seen: float
    answers: dict[int, float] = field(default_factory=dict)

"""Limits of one owner, of one computer and of everybody together in the store."""

import sqlite3
from dataclasses import dataclass

from cnnviz.text import Text
from cnnviz.training.errors import TrainingError
from cnnviz.training.state import ACTIVE


class Refused(TrainingError):
    """A job that was not taken, or may not be touched; nothing has changed.

    Args:
        over: how many jobs must end first; 0 where that alone does not help.
    """

    def __init__(self, message: Text, *, code: str, over: int = 0):
        super().__init__(message, code=code)
        self.over = over


@dataclass(frozen=True)
class Limits:
    """The most there may be.

    Args:
        per_owner, per_address: jobs that wait or run; a group of jobs counts as one.
        in_all: jobs that wait or run.
        address_seconds: predicted seconds of all jobs of an address.
        owner_bytes, address_bytes: of the files of ended jobs.
    """

    per_owner: int = 3
    per_address: int = 60
    address_seconds: float = 4 * 3600
    in_all: int = 200
    owner_bytes: float = 5e9
    address_bytes: float = 50e9


USUAL = Limits()
UNKNOWN = 600  # seconds of a job without a prediction
# The key of a job in a group is GROUP:MEMBER, that of a job alone has no colon.
_GROUP = "substr(key, 1, instr(key || ':', ':') - 1)"


def check_room(
    db: sqlite3.Connection, limits: Limits, *, owner: str, address: str, jobs: int = 1
) -> None:
    """Let another job in, or a group of them, if there is room; an unknown address has no limit.

    Args:
        jobs: how many the group has.

    Raises:
        Refused: there is none.
    """
    queued, running = ACTIVE
    known = {"owner": owner, "address": address, "unknown": UNKNOWN}
    own, beside, seconds, total = db.execute(
        f"SELECT count(DISTINCT iif(owner = :owner, {_GROUP}, NULL)), "
        f"count(DISTINCT iif(address = :address, {_GROUP}, NULL)), "
        "coalesce(sum(iif(address = :address, coalesce(predicted, :unknown), 0)), 0), count(*) "
        "FROM jobs WHERE state IN (:queued, :running)",
        {**known, "queued": queued, "running": running},
    ).fetchone()
    if own >= limits.per_owner:
        raise _refused(_OWN, "owner_limit", own, limits.per_owner)
    if address and beside >= limits.per_address:
        raise _refused(_BESIDE, "address_limit", beside, limits.per_address)
    if address and seconds >= limits.address_seconds:
        raise _refused(_LONG, "address_time", seconds / 3600, limits.address_seconds / 3600)
    if total + jobs > limits.in_all:
        message = _FULL.format(count=total, most=limits.in_all)
        raise Refused(message, code="queue_full", over=total + jobs - limits.in_all)
    held, held_beside = db.execute(
        "SELECT coalesce(sum(iif(owner = :owner, bytes, 0)), 0), "
        "coalesce(sum(iif(address = :address, bytes, 0)), 0) FROM jobs",
        known,
    ).fetchone()
    if held >= limits.owner_bytes:
        raise _refused(_HELD, "owner_disk", held / 1e9, limits.owner_bytes / 1e9)
    if address and held_beside >= limits.address_bytes:
        raise _refused(_HELD_BESIDE, "address_disk", held_beside / 1e9, limits.address_bytes / 1e9)


_OWN = Text(
    "{count} of your jobs {count:is|are} waiting or running, and {most} is the most. Stop one, "
    "or wait for one to end.",
    "你有 {count} 个训练任务在等待或运行，最多 {most} 个。请停止一个，或等一个结束。",
)
_BESIDE = Text(
    "{count} job{count:|s} from your computer or network {count:is|are} waiting or running, and "
    "{most} is the most. Wait for some to end.",
    "来自你的电脑或网络的 {count} 个训练任务在等待或运行，最多 {most} 个。请等一些任务结束。",
)
_LONG = Text(
    "The jobs from your computer or network that are waiting or running take about {count:.1f} "
    "hours, and {most:g} is the most. Wait for some to end, or take shorter ones.",
    "来自你的电脑或网络的等待或运行中的任务预计共需 {count:.1f} 小时，最多 {most:g} 小时。"
    "请等一些任务结束，或缩短训练。",
)
_FULL = Text(
    "The queue is full: {count} job{count:|s}, and {most} is the most. Try again later.",
    "队列已满：{count} 个训练任务，最多 {most} 个。请稍后再试。",
)
_HELD = Text(
    "Your runs hold {count:.1f} GB, and {most:g} GB is the most. Delete those that you need no "
    "more.",
    "你的训练结果占用 {count:.1f} GB，最多 {most:g} GB。请删除不再需要的训练。",
)
_HELD_BESIDE = Text(
    "The runs from your computer or network hold {count:.1f} GB, and {most:g} GB is the most. "
    "Delete some that are needed no more.",
    "来自你的电脑或网络的训练结果占用 {count:.1f} GB，最多 {most:g} GB。请删除不再需要的训练。",
)


def _refused(message: Text, code: str, count: float, most: float) -> Refused:
    return Refused(message.format(count=count, most=most), code=code)

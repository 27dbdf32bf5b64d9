"""A training job, as it is in the store."""

import json
import sqlite3
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from cnnviz.knobs import SpecError
from cnnviz.text import Text
from cnnviz.training.errors import TrainingError
from cnnviz.training.request import Request
from cnnviz.training.state import JobState


@dataclass(frozen=True)
class Job:
    """A training job.

    Args:
        key: of its submission; submitting twice with one key makes one job. That of a job in a
            group is GROUP:MEMBER.
        owner: who may cancel, rename and delete it.
        attempt, losses: number of starts, and of lost processes.
        request: None in an unreadable job, whose message says why.
        cancel: how often it was asked to stop: once, to keep and evaluate its weights; twice, to
            end at once.
        process: the backend's notes to find its process again.
        code: of the failure, such as "time_limit"; empty otherwise.
        message: the same as a sentence, in both languages.
        result: the values of `Ended`, once the job is done, or stopped and evaluated.
        created, started, ended: seconds since 1970.
        predicted: seconds that it takes alone, by the forecast at its submission; None where there
            was none.
        address: of the computer that submitted it; "" where that is not known.
        bytes: of its files; None until it has ended and been tidied up.
    """

    sequence: int
    id: str
    key: str
    owner: str
    name: str
    request: Request | None
    state: JobState
    attempt: int
    losses: int
    cancel: int
    process: dict[str, Any]
    code: str
    message: Text
    result: dict[str, Any]
    created: float
    started: float | None
    ended: float | None
    predicted: float | None = None
    address: str = ""
    bytes: int | None = None

    @property
    def asked(self) -> Request:
        """The request of a readable job."""
        assert self.request is not None, f"the request of job {self.id} cannot be read"
        return self.request

    @property
    def group(self) -> str:
        """The jobs with which it was submitted together; "" for a job alone."""
        return self.key.rpartition(":")[0]

    @property
    def seconds_running(self) -> float:
        """Seconds since its start; 0 before."""
        return 0.0 if self.started is None else time.time() - self.started

    @property
    def is_active(self) -> bool:
        return self.state.is_active

    @property
    def is_readable(self) -> bool:
        return self.state != JobState.UNREADABLE

    @property
    def hit_time_limit(self) -> bool:
        """Whether the time limit ended it before its last epoch."""
        return self.result.get("ended_by") == "time_limit"

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> Self:
        """The job of a row of the store."""
        values = dict(row)
        for name in ("process", "result", "message"):
            values[name] = _object(values[name])
        values["message"] = Text(**{"en": "", "zh": "", **values["message"]})
        try:
            values["state"] = JobState(values["state"])
            values["request"] = Request.from_json(values["request"])
        except TrainingError as error:
            return cls(**{**values, **_unreadable(error.message)})
        except SpecError as error:
            return cls(**{**values, **_unreadable(error.problems[0].shown)})
        except ValueError:
            unknown = Text("the state {state!r} is not known.", "未知的状态 {state!r}。")
            return cls(**{**values, **_unreadable(unknown.format(state=values["state"]))})
        return cls(**values)


def _object(text: str) -> dict[str, Any]:
    """A JSON object; an empty one where it is none."""
    with suppress(ValueError, RecursionError):
        found = json.loads(text)
        return found if isinstance(found, dict) else {}
    return {}


def _unreadable(why: Text) -> dict[str, Any]:
    message = Text(
        "What this run was asked to do cannot be read: {why} It can be deleted.",
        "无法读取此训练的设置：{why} 可将其删除。",
    ).format(why=why)
    return {
        "request": None,
        "state": JobState.UNREADABLE,
        "code": JobState.UNREADABLE.value,
        "message": message,
    }

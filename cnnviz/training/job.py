"""A training job and the states it goes through."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from cnnviz.text import Text
from cnnviz.training.request import Request

QUEUED, RUNNING, DONE, CANCELLED, FAILED = "queued", "running", "done", "cancelled", "failed"
ACTIVE = (QUEUED, RUNNING)


@dataclass(frozen=True)
class Job:
    """A training job.

    Args:
        key: of its submission; submitting twice with one key makes one job.
        owner: who may cancel, rename and delete it.
        attempt, losses: how often it was begun, and how often its process was lost.
        cancel: how often it was asked to stop: once, to keep what it has learnt and evaluate that;
            twice, to end at once.
        process: what the backend needs to find its process again.
        code: why it failed, such as "time_limit"; empty otherwise.
        message: the same as a sentence, in both languages.
        result: the last event of its process, once it is done, or stopped and evaluated.
        created, started, ended: seconds since 1970.
    """

    sequence: int
    id: str
    key: str
    owner: str
    name: str
    request: Request
    state: str
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

    @property
    def is_active(self) -> bool:
        return self.state in ACTIVE

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """The job of a row of the store."""
        values = dict(row)
        for name in ("process", "result", "message"):
            values[name] = json.loads(values[name])
        values["message"] = Text(**{"en": "", "zh": "", **values["message"]})
        values["request"] = Request.from_json(values["request"])
        return cls(**values)

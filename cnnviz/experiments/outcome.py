"""The outcome of one training of an experiment: its events, and the figures that are read off."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from math import inf, isfinite, nan
from pathlib import Path

from cnnviz.training.errors import DIVERGED
from cnnviz.training.events import Ended, Event, Failed, from_json
from cnnviz.training.history import History, extend
from cnnviz.training.job import Job
from cnnviz.training.request import Request
from cnnviz.training.state import JobState


@dataclass(frozen=True)
class Outcome:
    """A training that is over.

    Training that diverged has a loss without bound and guesses: 1 of 10 of ten classes is right.

    Args:
        end: the last event: `Ended` or `Failed`.
    """

    history: History
    end: Ended | Failed

    @property
    def is_diverged(self) -> bool:
        return isinstance(self.end, Failed) and self.end.code == DIVERGED

    @property
    def is_whole(self) -> bool:
        """Whether it can be compared: trained to its end, or diverged on the way."""
        return self.is_diverged or (isinstance(self.end, Ended) and self.end.ended_by == "epochs")

    @property
    def train_loss(self) -> float:
        """The mean of the last epoch, while the weights change."""
        return inf if self.is_diverged else self._last("train_loss")

    @property
    def test_loss(self) -> float:
        return inf if self.is_diverged else self._last("test_loss")

    @property
    def train_accuracy(self) -> float:
        return self._guessed if self.is_diverged else self._last("train_accuracy")

    @property
    def test_accuracy(self) -> float:
        return self._guessed if self.is_diverged else self._last("test_accuracy")

    @property
    def top5_accuracy(self) -> float:
        if self.is_diverged:
            return min(1.0, 5 * self._guessed)
        found = self.end.top5_accuracy if isinstance(self.end, Ended) else None
        return nan if found is None else found

    @property
    def seconds(self) -> float:
        """Seconds of the whole job; of one that diverged, those of its epochs."""
        if isinstance(self.end, Ended):
            return self.end.total_seconds
        return sum(epoch.seconds for epoch in self.history.epochs)

    @property
    def first_gradients(self) -> tuple[float, ...]:
        """Norm of each weight's gradient in the first step, from the first layer to the last."""
        return self.history.steps[0].gradient_norms if self.history.steps else ()

    @property
    def last_gradients(self) -> tuple[float, ...]:
        return self.history.steps[-1].gradient_norms if self.history.steps else ()

    @property
    def probed(self) -> dict[str, float]:
        """What the probe has found, by name."""
        found = self.history.measured
        return dict(zip(found.names, found.figures, strict=True)) if found else {}

    @property
    def final(self) -> dict[str, float]:
        """The figures at the end, by name."""
        names = ("train_loss", "train_accuracy", "test_loss", "test_accuracy", "top5_accuracy")
        return {name: getattr(self, name) for name in names}

    def reaches(self, accuracy: float) -> tuple[float, float] | None:
        """Epochs and seconds after which the test accuracy is first this high; None if never."""
        seconds = 0.0
        for epoch in self.history.epochs:
            seconds += epoch.seconds
            if epoch.test_accuracy >= accuracy:
                return epoch.epoch, seconds
        return None

    @property
    def _guessed(self) -> float:
        return 1 / max(1, len(self.history.start.classes))

    def _last(self, name: str) -> float:
        return float(getattr(self.history.epochs[-1], name)) if self.history.epochs else nan


def outcome_of(events: Iterable[Event]) -> Outcome | None:
    """The outcome of a job's events; None where its last one is missing."""
    events = list(events)
    end = events[-1] if events else None
    if not isinstance(end, Ended | Failed):
        return None
    return Outcome(extend(History(), events), end)


def end_of(job: Job) -> Ended | Failed | None:
    """The last event of a job that is over and has a result, or has diverged."""
    if job.state == JobState.FAILED and job.code == DIVERGED:
        return Failed(code=job.code, message=job.message)
    if not job.result:
        return None
    known = {one.name for one in fields(Ended)}
    return Ended(**{name: value for name, value in job.result.items() if name in known})


class Kept:
    """Outcomes in a folder, each in a file of its own, so that a long series can go on.

    A file is named after all that decides its content: the request with its seed, and the version
    of torch that computes.

    Args:
        folder: made when something is kept.
    """

    def __init__(self, folder: Path, torch_version: str):
        self.folder, self._torch = folder, torch_version

    def path(self, request: Request) -> Path:
        digest = hashlib.sha256(f"{request.to_json()} {self._torch}".encode()).hexdigest()
        return self.folder / f"{digest[:24]}.jsonl"

    def read(self, request: Request) -> Outcome | None:
        """The kept outcome of a request; None if there is none or its file is damaged."""
        try:
            lines = self.path(request).read_text(encoding="utf-8").splitlines()
            found = [from_json(line, number) for number, line in enumerate(lines, start=1)]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return outcome_of(event for event in found if event is not None)

    def write(self, request: Request, outcome: Outcome) -> None:
        """Keep what the figures are read off, whole or not at all."""
        history = outcome.history
        ends = {step.step: step for step in (*history.steps[:1], *history.steps[-1:])}
        measured = [history.measured] if history.measured else []
        events: list[Event] = [history.start, *ends.values(), *history.epochs, *measured]
        path = self.path(request)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        lines = [event.to_json() for event in (*events, outcome.end)]
        new.write_text("\n".join(lines) + "\n", encoding="utf-8")
        new.replace(path)


def as_json(value: float) -> float | None:
    """A figure as JSON has it, which knows neither infinity nor nan."""
    return value if isfinite(value) else None


def line_of(values: dict[str, object]) -> str:
    """A JSON object on one line."""
    return json.dumps(values, ensure_ascii=False, allow_nan=False)

"""Events of a training job, and the only place that reads and writes them as JSON.

A job yields events, its backend carries them to the dispatcher, the dispatcher writes them into the
store, and the pages read them there. For example `Step(step=1, loss=2.3)` is written as
`{"kind": "step", "step": 1, "loss": 2.3, …}`.

Each field has a default: an event of an earlier version lacks the fields that came later.
"""

import json
from dataclasses import dataclass, fields
from math import nan
from typing import Any, ClassVar

from cnnviz.text import Text


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event that a job reports.

    Args:
        number: place among the events of its job, from 1; 0 until it is stored.
    """

    kind: ClassVar[str]
    number: int = 0

    @property
    def values(self) -> dict[str, Any]:
        """The fields by name, without the number; a message as its two languages."""
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "number"}
        if isinstance(values.get("message"), Text):
            values["message"] = values["message"]._asdict()
        return values

    def to_json(self) -> str:
        """The kind and the values as a JSON object; the store keeps the number beside it."""
        return json.dumps({"kind": self.kind, **self.values})


@dataclass(frozen=True, kw_only=True)
class Phase(Event):
    """A phase in which a job does not train.

    Args:
        phase: one of `PHASES`.
        done, total: how far it is.
    """

    kind = "phase"
    phase: str = ""
    done: int = 0
    total: int = 1


PHASES = ("data", "network", "first step", "evaluation", "saving")


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """The network is built; its first step comes next.

    Args:
        params: number of the network's parameters.
        train_images, test_images: their numbers.
        layers: the names of the weights, from the first layer to the last.
        classes: the names of the classes, (English, Chinese) each.
        skipped: pictures of a folder that were left out.
    """

    kind = "start"
    device: str = ""
    params: int = 0
    train_images: int = 0
    test_images: int = 0
    layers: tuple[str, ...] = ()
    classes: tuple[tuple[str, str], ...] = ()
    skipped: int = 0


@dataclass(frozen=True, kw_only=True)
class Step(Event):
    """The newest step of many.

    Args:
        step, steps: its number in the whole run, and how many there will be.
        step_of_epoch: its number in its epoch.
        epoch: epochs that are done, with the part of the one under way.
        loss, accuracy: mean over the steps since the event before.
        images: of all epochs so far.
        learning_rate: of this step.
        memory_bytes: the most that tensors held on the GPU; 0 on the CPU.
        gradient_norms: L2 norm of the gradient of each weight, from the first layer to the last.
        held_bytes: main memory of the job, which the dispatcher measures; None until then.
    """

    kind = "step"
    step: int = 0
    steps: int = 0
    step_of_epoch: int = 0
    epoch: float = 0
    loss: float = nan
    accuracy: float = nan
    images: int = 0
    learning_rate: float = nan
    images_per_second: float = 0
    seconds_left: float = 0
    memory_bytes: int = 0
    gradient_norms: tuple[float, ...] = ()
    held_bytes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Evaluating(Event):
    """No weight changes any more, the weights are kept, and the last evaluation is under way."""

    kind = "evaluating"


@dataclass(frozen=True, kw_only=True)
class Epoch(Event):
    """An epoch is over, or the part of it that the run still did.

    Args:
        epoch: epochs that are done; no whole number where the run ended in the middle of one.
        seconds: of the epoch with its evaluation.
    """

    kind = "epoch"
    epoch: float = 0
    train_loss: float = nan
    train_accuracy: float = nan
    test_loss: float = nan
    test_accuracy: float = nan
    seconds: float = 0


@dataclass(frozen=True, kw_only=True)
class Measured(Event):
    """What a probe has found in the network, beside its training.

    Args:
        probe: one of `cnnviz.training.probes.PROBES`.
        names: of what was looked at, such as layers or blocks, in order.
        figures: one for each name.
    """

    kind = "measured"
    probe: str = ""
    names: tuple[str, ...] = ()
    figures: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ended(Event):
    """The job has done what was asked for, or kept and evaluated what it had learnt when stopped.

    Args:
        top5_accuracy: share of the test images whose class is among the five likeliest.
        images_per_second: of training, with its evaluations.
        seconds: of training; total_seconds begins with the job.
        ended_by: "epochs", "time_limit" or "stop".
    """

    kind = "end"
    test_accuracy: float = nan
    top5_accuracy: float | None = None
    images_per_second: float = 0
    seconds: float = 0
    total_seconds: float = 0
    epochs: float = 0
    ended_by: str = ""

    def seconds_of(self, epochs: int) -> float | None:
        """Total seconds of so many epochs: in proportion, where the time limit cut them off.

        None if the job was stopped or ended within its first epoch, which tells too little.
        """
        if self.ended_by == "stop" or self.epochs < 1:
            return None
        return self.total_seconds * epochs / self.epochs


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """The job ends with an error.

    Args:
        code: such as "diverged".
        message: the same as a sentence.
    """

    kind = "failed"
    code: str = ""
    message: Text = Text("", "")


_KINDS = {
    event.kind: event
    for event in (Phase, Started, Step, Evaluating, Epoch, Measured, Ended, Failed)
}


def from_json(text: str, number: int) -> Event | None:
    """Read what `to_json` wrote in this version or another one.

    None if the kind is not known here; unknown fields are left out. Both are of a later version.
    """
    found: dict[str, Any] = json.loads(text)
    cls = _KINDS.get(found["kind"])
    if cls is None:
        return None
    names = {one.name for one in fields(cls)}
    values = {name: _frozen(value) for name, value in found.items() if name in names}
    if "message" in values:
        values["message"] = Text(**values["message"])
    return cls(**{**values, "number": number})


def _frozen(value: Any) -> Any:
    """A list, and each list in it, as a tuple."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value

"""The course of a training run: the events that it reports, sorted for the charts."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

Event = Mapping[str, Any]


class Course(NamedTuple):
    """What a run has reported so far.

    Args:
        number: of the last event that was taken in.
        last: the kind of that event.
        phase: that event if it tells a phase, else empty.
        start: the event with device, layers and classes; empty before it.
        steps, epochs: those events in order.
    """

    number: int = 0
    last: str = ""
    phase: Event = MappingProxyType({})
    start: Event = MappingProxyType({})
    steps: tuple[Event, ...] = ()
    epochs: tuple[Event, ...] = ()

    @property
    def now(self) -> Event:
        """The newest step; empty before the first."""
        return self.steps[-1] if self.steps else {}


def extend(course: Course, events: Iterable[Event]) -> Course:
    """The course with more events; a run that begins again replaces what it repeats."""
    number, last, phase, start = course.number, course.last, course.phase, course.start
    steps, epochs = list(course.steps), list(course.epochs)
    for event in events:
        number, last = event["number"], event["kind"]
        phase = event if last == "phase" else {}
        if last == "start":
            start = event
        elif last == "step":
            while steps and steps[-1]["step"] >= event["step"]:
                steps.pop()
            while epochs and epochs[-1]["epoch"] > event["epoch"]:
                epochs.pop()
            steps.append(event)
        elif last == "epoch":
            epochs.append(event)
    return Course(number, last, phase, start, tuple(steps), tuple(epochs))


def thinned(points: tuple[Event, ...], most: int) -> tuple[Event, ...]:
    """At most about `most` of the points, evenly, the newest among them."""
    stride = -(-len(points) // most) or 1
    return points[::-1][::stride][::-1]


def table(course: Course) -> list[dict[str, Any]]:
    """One flat row for each step and epoch, for a file."""
    layers = course.start.get("layers", ())
    rows = []
    for event in sorted((*course.steps, *course.epochs), key=lambda event: event["number"]):
        row = {name: value for name, value in event.items() if name != "gradient_norms"}
        norms = event.get("gradient_norms", ())
        row |= {f"gradient_norm {layer}": norm for layer, norm in zip(layers, norms, strict=False)}
        rows.append(row)
    return rows

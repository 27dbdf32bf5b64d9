"""The history of a training run: the events that it reports, sorted for the charts."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

from cnnviz.training.events import Epoch, Event, Measured, Phase, Started, Step

Point = TypeVar("Point", bound=Event)


class History(NamedTuple):
    """The events of a run so far.

    Args:
        last: the newest event that was taken in; None before the first.
        start: the event with device, layers and classes; an empty one before it.
        steps, epochs: those events in order.
        measured: what a probe has found; None where there was none.
    """

    last: Event | None = None
    start: Started = Started()
    steps: tuple[Step, ...] = ()
    epochs: tuple[Epoch, ...] = ()
    measured: Measured | None = None

    @property
    def number(self) -> int:
        """The number of the newest event; 0 before the first."""
        return self.last.number if self.last else 0

    @property
    def phase(self) -> Phase | None:
        """The newest event if it tells a phase."""
        return self.last if isinstance(self.last, Phase) else None

    @property
    def now(self) -> Step | None:
        """The newest step; None before the first."""
        return self.steps[-1] if self.steps else None

    @property
    def epoch(self) -> float:
        """Epochs that are done, with the part of the one under way."""
        return self.steps[-1].epoch if self.steps else 0


def extend(history: History, events: Iterable[Event]) -> History:
    """The history with more events; a run that begins again replaces what it repeats.

    Example:
        Steps 10 and 15, then a restart from a checkpoint and step 12, leave steps 10 and 12.
    """
    last, start, measured = history.last, history.start, history.measured
    steps, epochs = list(history.steps), list(history.epochs)
    for event in events:
        last = event
        if isinstance(event, Started):
            start = event
        elif isinstance(event, Step):
            while steps and steps[-1].step >= event.step:
                steps.pop()
            while epochs and epochs[-1].epoch > event.epoch:
                epochs.pop()
            steps.append(event)
        elif isinstance(event, Epoch):
            epochs.append(event)
        elif isinstance(event, Measured):
            measured = event
    return History(last, start, tuple(steps), tuple(epochs), measured)


def thinned(points: tuple[Point, ...], most: int) -> tuple[Point, ...]:
    """At most about `most` of the points, evenly, the newest among them."""
    stride = -(-len(points) // most) or 1
    return points[::-1][::stride][::-1]


def table(history: History) -> list[dict[str, Any]]:
    """One flat row for each step and epoch, for a file."""
    points: list[Step | Epoch] = [*history.steps, *history.epochs]
    return [
        _row(event, history.start.layers) for event in sorted(points, key=lambda one: one.number)
    ]


def _row(event: Step | Epoch, layers: tuple[str, ...]) -> dict[str, Any]:
    row = {"number": event.number, "kind": event.kind, **event.values}
    norms = row.pop("gradient_norms", ())
    return row | {
        f"gradient_norm {layer}": norm for layer, norm in zip(layers, norms, strict=False)
    }

"""Moments of one pass: on the CPU's clock, or in the stream of a GPU."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

import torch

from cnnviz.gpus import wait

_NAP = 10_000_000  # cycles, some milliseconds, in which the CPU gets ahead of the GPU
_AHEAD = 64  # ops for which one nap is enough
_TRIES = 400  # calls by which a stopwatch's own time is found


class Span(NamedTuple):
    """Milliseconds of some repeats: their median and their quartiles."""

    median: float
    low: float
    high: float

    @property
    def spread(self) -> float:
        """Between the quartiles."""
        return self.high - self.low


def span(milliseconds: Sequence[float]) -> Span:
    """The median of repeats, and the quartiles between which half of them are."""
    if len(milliseconds) < 2:
        return Span(*[milliseconds[0]] * 3)
    low, median, high = statistics.quantiles(milliseconds, n=4, method="inclusive")
    return Span(median, low, high)


class Marks(Protocol):
    """Notes moments; the milliseconds between them are to be had after the pass."""

    def __call__(self) -> None: ...

    def milliseconds(self) -> list[float]:
        """From each moment to the next."""


class ClockMarks:
    """Moments on the CPU's clock."""

    def __init__(self) -> None:
        self._moments: list[int] = []

    def __call__(self) -> None:
        self._moments.append(time.perf_counter_ns())

    def milliseconds(self) -> list[float]:
        return [(b - a) / 1e6 for a, b in zip(self._moments, self._moments[1:], strict=False)]


class StreamMarks:
    """Moments in a GPU's stream, whose kernels never wait for the CPU to launch them.

    From time to time the GPU naps, outside of what is timed, so that the CPU gets ahead of it. So
    the time between two moments is that of the kernels alone.
    """

    def __init__(self) -> None:
        self._ends: list[torch.cuda.Event] = []
        self._starts: list[torch.cuda.Event] = []

    def __call__(self) -> None:
        self._ends.append(_event())
        if len(self._ends) % _AHEAD == 1:
            torch.cuda._sleep(_NAP)
            self._starts.append(_event())
        else:
            self._starts.append(self._ends[-1])

    def milliseconds(self) -> list[float]:
        torch.cuda.synchronize()
        pairs = zip(self._starts, self._ends[1:], strict=False)
        return [start.elapsed_time(end) for start, end in pairs]


def _event() -> torch.cuda.Event:
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event


def own_time(marks: Callable[[], Marks]) -> float:
    """Milliseconds between two moments with nothing between them."""
    noted = marks()
    for _ in range(_TRIES):
        noted()
    return statistics.median(noted.milliseconds())


def lined_up(issued: Iterable[float], taken: Iterable[float]) -> list[float]:
    """Milliseconds by which each op puts off the end of a pass on a GPU.

    An op begins when the CPU has launched it and the op before it is through. For example, of two
    ops that are launched after 1 and 2 ms and take 0.5 and 3 ms, the first ends after 1.5 ms and
    the second after 5 ms: 1.5 and 3.5.

    Args:
        issued: the CPU's milliseconds from one launch to the next.
        taken: the GPU's milliseconds for each.
    """
    now = end = 0.0
    spans = []
    for issue, kernel in zip(issued, taken, strict=True):
        now += issue
        before, end = end, max(now, end) + kernel
        spans.append(end - before)
    return spans


def whole(run: Callable[[], object], device: torch.device) -> float:
    """Milliseconds of a run, from an idle device to an idle device."""
    wait(device)
    start = time.perf_counter_ns()
    run()
    wait(device)
    return (time.perf_counter_ns() - start) / 1e6

"""Time every op of a network, forward and backward, on its real inputs.

On the CPU, an op's time is what passes from the end of the op before it to its own end, less what
noting the moments takes; so what Python does between two ops is in it, and all ops together are the
pass. On a GPU, which computes while the CPU goes on, two things are noted: when the CPU launches an
op, and how long its kernels run once they need not wait for that. From both follows by how much
each op puts off the end of the pass, see `stopwatch.lined_up`.
"""

import time
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from statistics import median
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from cnnviz.analysis.collector import paused
from cnnviz.analysis.timing.calls import (
    Calls,
    Marking,
    Nodes,
    Place,
    hook_overhead,
    overhead,
    owners,
    watched,
)
from cnnviz.analysis.timing.setting import Setting
from cnnviz.analysis.timing.stopwatch import (
    ClockMarks,
    Marks,
    Span,
    StreamMarks,
    lined_up,
    own_time,
    span,
    whole,
)
from cnnviz.families import Spec
from cnnviz.gpus import wait

LEAST, MOST = 4, 400  # repeats
SECONDS = 2.0  # after which no further repeat begins, but for the least
_OF = 4  # passes, the fastest counts
_SEED = 0


class Pass(NamedTuple):
    """Times of a pass forward or backward, in milliseconds.

    Of the fastest quarter of the repeats: what else runs on the machine only ever slows one.

    Args:
        rows: of each op; the positions are those of the report.
        kernels: of each op, the median of what its kernels take on a GPU; empty on a CPU.
        whole: of the pass as it is without a stopwatch.
        overhead: of the stopwatch in one pass, which is in none of the others.
        repeats: all of them.
    """

    rows: tuple[Span, ...]
    kernels: tuple[float, ...]
    whole: Span
    overhead: float
    repeats: int

    @property
    def total(self) -> float:
        """All ops together."""
        return sum(row.median for row in self.rows)


def time_forward(
    spec: Spec, setting: Setting, *, seconds: float = SECONDS, least: int = LEAST
) -> Pass:
    """Time the pass forward in evaluation mode, without gradients, after two that warm up.

    Args:
        seconds: for which it is repeated.
        least: repeats, however long they take.
    """
    module, x = _built(spec, setting)
    device = x.device
    module.eval()
    with torch.inference_mode(), _on(device):
        calls = Calls(owners(module))
        with watched(module, x, calls):
            module(x)
        rows, count = _of_rows(calls.rows), len(calls.places())
        own = [overhead(is_python) for is_python in calls.in_python]

        def marked(marks: Marks) -> list[float]:
            marks()
            with Marking(marks):
                module(x)
            return marks.milliseconds()

        module(x)
        wholes, spans, kernels = [], [], []
        for _ in _repeats(seconds, least):
            wholes.append(whole(lambda: module(x), device))
            wait(device)
            # the ends are those of calls: a last moment after them has no call
            issued = _less(marked(ClockMarks()), own)
            if device.type == "cuda":
                taken = _less(marked(StreamMarks()), [_event_time()] * len(own))
                kernels.append(_sums(rows, taken, count))
                issued = lined_up(issued, taken)
            spans.append(_sums(rows, issued, count))
    return _pass(spans, kernels, wholes, sum(own))


def time_backward(
    spec: Spec, setting: Setting, *, seconds: float = SECONDS, least: int = LEAST
) -> Pass:
    """Time the pass backward in training mode, from the outputs to the weights.

    A batch norm of a single value a channel, which torch refuses, is timed as any other. What is
    only there in training counts for the op before it.
    """
    module, x = _built(spec, setting)
    device = x.device
    with _on(device):
        module.eval()
        calls = Calls(owners(module))
        with torch.no_grad(), watched(module, x, calls):
            module(x)
        places = calls.places()
        module.train()

        def backward(marks: Marks | None) -> tuple[float, Nodes]:
            nodes = Nodes(owners(module), marks)
            with watched(module, x, nodes):
                output = module(x)
            ends = [end for end in tree_leaves(output) if end.requires_grad]
            gradients = [torch.ones_like(end) for end in ends]
            module.zero_grad(set_to_none=True)
            taken = whole(lambda: torch.autograd.backward(ends, gradients), device)
            if marks:
                marks()
            return taken, nodes

        backward(None)
        own = hook_overhead()
        begun = 0
        wholes, spans, kernels = [], [], []
        for _ in _repeats(seconds, least):
            wholes.append(backward(None)[0])
            clock = ClockMarks()
            nodes = backward(clock)[1]
            begun = len(nodes.begun)
            issued = _less(clock.milliseconds(), [own] * begun)
            rows = _matched(nodes, places)
            if device.type == "cuda":
                stream = StreamMarks()
                backward(stream)
                taken = _less(stream.milliseconds(), [_event_time()] * begun)
                kernels.append(_sums(rows, taken, len(places)))
                issued = lined_up(issued, taken)
            spans.append(_sums(rows, issued, len(places)))
    return _pass(spans, kernels, wholes, own * begun)


def time_whole(spec: Spec, setting: Setting, *, seconds: float = SECONDS) -> Span:
    """Time the pass forward alone, after one that warms up: the fastest quarter of the repeats."""
    module, x = _built(spec, setting)
    module.eval()
    with torch.inference_mode(), _on(x.device):
        module(x)
        taken = [whole(lambda: module(x), x.device) for _ in _repeats(seconds, 1)]
    return span(_fastest(taken))


def _built(spec: Spec, setting: Setting) -> tuple[nn.Module, Tensor]:
    """The network on its device, and random images (N, C, H, W) for it."""
    torch.manual_seed(_SEED)
    layout = torch.channels_last if setting.channels_last else torch.contiguous_format
    with torch.device(setting.device):
        module: Any = spec.build()
        x = torch.randn(setting.batch, *spec.input_shape[1:])
    module = module.to(setting.device, setting.dtype, memory_format=layout)
    return module, x.to(setting.device, setting.dtype, memory_format=layout)


@contextmanager
def _on(device: torch.device) -> Iterator[None]:
    """The context in which a device is timed; no garbage is collected, and events are its own."""
    with paused(), torch.cuda.device(device) if device.type == "cuda" else nullcontext():
        yield


def _repeats(seconds: float, least: int) -> Iterator[int]:
    end = time.monotonic() + seconds
    for repeat in range(MOST):
        if repeat >= least and time.monotonic() >= end:
            return
        yield repeat


def _of_rows(rows: Sequence[int | None]) -> list[int]:
    """The row of each call: of one without a row, that of the next call that has one."""
    row = max((row for row in rows if row is not None), default=0)
    made = []
    for own in reversed(rows):
        row = row if own is None else own
        made.append(row)
    return made[::-1]


def _matched(nodes: Nodes, places: Sequence[Place]) -> list[int]:
    """The row, of the pass in evaluation mode, of each node that began.

    What is only there in training belongs to the row before it.
    """
    positions: dict[Place, deque[int]] = defaultdict(deque)
    for position, place in enumerate(places):
        positions[place].append(position)
    found, last = [], 0
    for place in nodes.places():
        if positions[place]:
            last = positions[place].popleft()
        found.append(last)
    return [found[row] for row in nodes.begun]


def _less(milliseconds: Sequence[float], own: Sequence[float]) -> list[float]:
    """Times without the stopwatch's own."""
    pairs = zip(milliseconds, own, strict=True)
    return [max(0.0, taken - stopwatch) for taken, stopwatch in pairs]


def _sums(rows: Sequence[int], milliseconds: Sequence[float], count: int) -> list[float]:
    """The time of each row."""
    sums = [0.0] * count
    for row, taken in zip(rows, milliseconds, strict=True):
        sums[row] += taken
    return sums


def _pass(
    spans: list[list[float]], kernels: list[list[float]], wholes: list[float], overhead: float
) -> Pass:
    rows = sorted(spans, key=sum)[: _best(wholes)]
    return Pass(
        rows=tuple(map(span, zip(*rows, strict=True))),
        kernels=tuple(map(median, zip(*kernels, strict=True))),
        whole=span(_fastest(wholes)),
        overhead=overhead,
        repeats=len(wholes),
    )


def _fastest(milliseconds: Sequence[float]) -> list[float]:
    return sorted(milliseconds)[: _best(milliseconds)]


def _best(repeats: Sequence[float]) -> int:
    """How many of the repeats count."""
    return max(2, len(repeats) // _OF)


@cache
def _event_time() -> float:
    """Milliseconds between two moments in the stream with nothing between them."""
    return own_time(StreamMarks)

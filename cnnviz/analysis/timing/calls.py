"""Which call of a torch function is part of which op, and the moments between the calls."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.graph import Node
from torch.overrides import TorchFunctionMode

from cnnviz.analysis.memory.autograd import batch_norm
from cnnviz.analysis.ops import Call, Traced
from cnnviz.analysis.recorder import INPUT, Owners, Recorder, scopes
from cnnviz.analysis.timing.stopwatch import ClockMarks, Marks

_TRIES = 2_000
_CHAIN, _CHAINS = 100, 20
Place = tuple[str, str]  # an op's scope and its function


class Marking(TorchFunctionMode):
    """Notes the moment at which each call of a torch function is through."""

    def __init__(self, mark: Marks):
        super().__init__()
        self._mark = mark

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        self._mark()
        return result


class Calls(Recorder):
    """The row of each call; a call that makes no row, such as a look at a shape, has none.

    Attributes:
        rows: of each call its position, or None.
        in_python: of each call whether its function is written in Python.
    """

    def __init__(self, owners: Owners):
        super().__init__(owners)
        self.rows: list[int | None] = []
        self.in_python: list[bool] = []

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        before = len(self._rows)
        result = super().__torch_function__(function, types, args, kwargs)
        self.rows.append(before if len(self._rows) > before else None)
        self.in_python.append(hasattr(function, "__code__"))
        return result

    def places(self) -> list[Place]:
        """Where each row is, and its function."""
        return [(row["scope"], row["operation"]) for row in self._rows]


class Nodes(Calls):
    """The nodes of the backward pass, which say when each of them begins.

    A batch norm of a single value a channel, which torch refuses, runs as any other.

    Attributes:
        begun: the position of the row to which each node belongs, in the order of the backward
            pass.
    """

    def __init__(self, owners: Owners, mark: Marks | None):
        super().__init__(owners)
        self.begun: list[int] = []
        self._mark = mark
        self._known: set[Node] = set()

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if function is F.batch_norm:
            function = batch_norm
        return super().__torch_function__(function, types, args, kwargs)

    def _record(self, call: Call, outputs: list[Traced]) -> None:
        super()._record(call, outputs)
        if self._mark and self._rows:
            for output in outputs:
                self._follow(output.grad_fn, len(self._rows) - 1, self._mark)

    def _follow(self, node: Node | None, row: int, mark: Marks) -> None:
        """Watch the nodes that this row has made: those up to nodes that are known."""

        def begin(gradients: Any) -> None:
            self.begun.append(row)
            mark()

        ahead = [node]
        while ahead:
            node = ahead.pop()
            # what adds gradients to a weight runs right after the node that computed them
            if node is None or node in self._known or node.name().endswith("AccumulateGrad"):
                continue
            self._known.add(node)
            node.register_prehook(begin)
            ahead += [source for source, _ in node.next_functions]


@contextmanager
def watched(module: nn.Module, x: Tensor, recorder: Recorder) -> Iterator[None]:
    """The context in which a recorder sees one pass of a module on `x`."""
    cast(Traced, x)._produced_by = INPUT
    with scopes(module, recorder), recorder:
        yield


def owners(module: nn.Module) -> Owners:
    """The trainable parameters, as a recorder wants them."""
    return {id(p): (name, p) for name, p in module.named_parameters() if p.requires_grad}


@cache
def overhead(in_python: bool) -> float:
    """Milliseconds by which one marked call is slower than a plain one, on this CPU."""
    function = F.relu if in_python else torch.neg
    x = torch.zeros(1)
    plain = _median(lambda: function(x))
    with Marking(ClockMarks()):
        return max(0.0, _median(lambda: function(x)) - plain)


@cache
def hook_overhead() -> float:
    """Milliseconds by which a node of the backward pass is slower for saying that it begins."""
    x = torch.zeros(1, requires_grad=True)
    marks, begun = ClockMarks(), []

    def begin(gradients: Any) -> None:
        begun.append(0)
        marks()

    def chain(*, hooked: bool) -> float:
        y = x
        for _ in range(_CHAIN):
            y = y.neg()
            if hooked and y.grad_fn:
                y.grad_fn.register_prehook(begin)
        start = time.perf_counter_ns()
        y.backward()
        return (time.perf_counter_ns() - start) / 1e6

    plain = statistics.median(chain(hooked=False) for _ in range(_CHAINS))
    return max(0.0, statistics.median(chain(hooked=True) for _ in range(_CHAINS)) - plain) / _CHAIN


def _median(run: Callable[[], object]) -> float:
    taken = []
    for _ in range(_TRIES):
        start = time.perf_counter_ns()
        run()
        taken.append(time.perf_counter_ns() - start)
    return statistics.median(taken) / 1e6

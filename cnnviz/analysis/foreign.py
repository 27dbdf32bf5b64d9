"""Somebody else's module: a copy of it is traced, so that the module itself comes back untouched.

Two passes run over the copy: one in evaluation mode makes the rows, one in training mode lets
autograd save what it saves.
"""

import logging
import random
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.analysis.copying import Copier, Scripted
from cnnviz.analysis.inputs import Inputs, tensors_of
from cnnviz.analysis.leftovers import taken_away
from cnnviz.analysis.memory.autograd import Saving, matched
from cnnviz.analysis.operators import Shapes, Values, World
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.recorder import Owners
from cnnviz.analysis.refusals import lacks_batch, needs_values, needs_whole_numbers, no_batch
from cnnviz.analysis.report import Layer, Report
from cnnviz.analysis.watching import Watching

_LOG = logging.getLogger("torch._subclasses.fake_tensor")


def analyze_module(
    module: nn.Module, input_shape: Shape | None, inputs: Any, device: torch.device
) -> Report:
    """Trace a copy of a module; see `cnnviz.analyze`."""
    tensors = dict(chain(module.named_parameters(), module.named_buffers()))
    for name, tensor in tensors.items():
        if nn.parameter.is_lazy(tensor):
            raise ValueError(f"{name} is not initialised; run the module once before analyze.")
    given = Inputs(tensors.values(), input_shape, inputs)
    world: World = Shapes(_home(tensors.values())) if device.type == "meta" else Values(device)
    with taken_away(module):
        with _aside(device), world:
            twin = Copier(world.stand_in)(module)
        return _Passes(module, twin, given, world).report()


@contextmanager
def _aside(device: torch.device) -> Iterator[None]:
    """Keep a pass to itself: random numbers, warnings, and torch's log of an op that it refuses.

    Compiled functions run as they are written.
    """
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings(action="ignore"))
        _LOG.disabled, before = True, _LOG.disabled
        stack.callback(setattr, _LOG, "disabled", before)
        stack.callback(random.setstate, random.getstate())
        if numpy := sys.modules.get("numpy"):
            stack.callback(numpy.random.set_state, numpy.random.get_state())
        devices = [device] if device.type == "cuda" else []
        stack.enter_context(torch.random.fork_rng(devices))
        if "torch._dynamo" in sys.modules:
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield


def _home(tensors: Iterable[Tensor]) -> torch.device:
    """Where the module is; one without memory is thought to be on the CPU."""
    for tensor in tensors:
        if tensor.device.type != "meta":
            return tensor.device
    return torch.device("cpu")


class _Passes:
    """The passes over one copy.

    Args:
        module: the original, of which only names and sizes are read.
    """

    def __init__(self, module: nn.Module, twin: nn.Module, given: Inputs, world: World):
        self._module, self._twin, self._given, self._world = module, twin, given, world
        self._device = world.device
        weights: dict[str, Tensor] = dict(twin.named_parameters())
        for path, part in twin.named_modules():
            if isinstance(part, Scripted):
                prefix = f"{path}." if path else ""
                weights |= {f"{prefix}{name}": tensor for name, tensor in part.weights.items()}
        self._weights = list(weights.values())
        self._owners: Owners = {
            id(tensor): (name, tensor) for name, tensor in weights.items() if tensor.requires_grad
        }
        self._recorder: Watching
        self._watched: set[nn.Module] = set()

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Passes":
        """The same, where a module copies a part of itself, with the hooks that tell of it."""
        return self

    def report(self) -> Report:
        """The rows of the pass in evaluation mode, with what a training step saves."""
        recorder = Watching(self._owners, self._twin)
        try:
            output = self._run(recorder, training=False)
        except Exception as error:
            self._explain(recorder, error)
            raise
        shape = self._given.shape
        if refusal := no_batch(shape, recorder.calls()):
            raise refusal
        first = next(tensors_of(output), torch.empty((), device="meta"))
        others = self._save(recorder)
        report = recorder.report(self._module, shape, first, self._given.image)
        if not others:
            return report
        rows = sum(layer.kind != "unused" for layer in report.layers)
        return replace(report, layers=(*report.layers[:rows], *others, *report.layers[rows:]))

    def _watch(self, recorder: Watching) -> None:
        """Let hooks tell the recorder which module runs; they stay, for the next recorder."""
        self._recorder = recorder
        for path, part in self._twin.named_modules():
            if part not in self._watched:
                self._watched.add(part)
                part.register_forward_pre_hook(partial(self._enter, path), prepend=True)
                part.register_forward_hook(self._leave)

    def _enter(self, path: str, module: nn.Module, args: tuple[Any, ...]) -> None:
        self._recorder.enter(path, module, args)

    def _leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        self._recorder.leave(module, args, output)

    def _run(self, recorder: Watching, *, training: bool) -> Any:
        with _aside(self._device):
            self._world.watcher = None
            with self._world:
                with suppress(NotImplementedError):  # an exported one has one mode alone
                    self._twin.train(training)
                args, kwargs = self._given.arguments(self._world)
            self._watch(recorder)
            self._world.watcher = recorder
            try:
                with torch.set_grad_enabled(training), self._world, recorder:
                    return self._twin(*args, **kwargs)
            finally:
                self._world.watcher = None

    def _explain(self, recorder: Watching, error: Exception) -> None:
        """Raise the sentence for a pass that ended early, where there is one."""
        shape = self._given.shape
        if refusal := no_batch(shape, recorder.calls()) or lacks_batch(error, shape):
            raise refusal from error
        if self._given.is_shape and (whole := needs_whole_numbers(error, recorder.where(), shape)):
            raise whole from error
        if isinstance(self._world, Shapes) and (needing := needs_values(error, recorder.where())):
            raise needing from error
        if (broken := recorder.broken(error, self._module, shape)) is not None:
            raise broken from error

    def _save(self, recorder: Watching) -> list[Layer]:
        """Tell each row what a training step saves; a row for each part that runs only then."""
        own = [*self._weights, *self._twin.buffers()]
        saving = Saving(self._owners, self._twin, own, self._given.dtype.itemsize)
        try:
            with saving.hooks():
                self._run(saving, training=True)
        except Exception:  # a network that trains in another way, with targets beside its input
            recorder.keep_saved([None] * len(recorder.places()))
            return []
        saved, others = matched(recorder.places(), saving.rows())
        recorder.keep_saved(saved)
        return [
            Layer(name=scope, kind="unused", operation="", scope=scope, saved=kept)
            for scope, kept in others.items()
        ]

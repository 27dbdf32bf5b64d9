"""One forward pass, watched: from any module to a `Report`.

A torch function mode sees every torch function with its tensors; forward hooks say which module
called it. On the meta device nothing is computed, and the functions that are slow there and whose
output shape is plain (batch norm, activations, linear) are not run at all.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnnviz.analysis.broken import BROKEN, BrokenNetwork, why
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.collector import paused
from cnnviz.analysis.memory.storages import SavedTensors
from cnnviz.analysis.mistakes import checked_shape, no_network, with_batch
from cnnviz.analysis.ops import (
    Call,
    Shape,
    Traced,
    attributes,
    canonical_name,
    connections,
    kind_and_macs,
)
from cnnviz.analysis.receptive.field import READS, Fields
from cnnviz.analysis.report import Layer, Report
from cnnviz.analysis.shortcuts import SHORTCUTS
from cnnviz.families import Spec
from cnnviz.kept import kept

INPUT = -1
Owners = dict[int, tuple[str, Tensor]]  # the trainable parameters with their names, by id


def analyze(
    spec_or_module: Spec | nn.Module,
    input_shape: Shape | None = None,
    device: str | torch.device = "meta",
) -> Report:
    """Trace one forward pass in evaluation mode.

    Args:
        spec_or_module: a spec, built without memory, or a module, which comes back untouched.
        input_shape: (N, C, H, W) of the input; a spec knows its own.
        device: where the pass runs; "meta" computes shapes only.

    Returns:
        The report; its counts are for one image whatever N is.

    Raises:
        ValueError: a module without `input_shape`, or with parameters not yet initialised; a shape
            without the batch, or with an axis that is no whole number of at least 1.
        TypeError: neither a spec nor a module, or an `input_shape` that is no shape.
        BrokenNetwork: an op cannot run on what it reads, as in a network whose input is too small;
            `partial` is the report up to that op.
    """
    with paused():
        return _analyze(spec_or_module, input_shape, torch.device(device))


def _analyze(
    spec_or_module: Spec | nn.Module, input_shape: Shape | None, device: torch.device
) -> Report:
    if isinstance(spec_or_module, Spec):
        shape = checked_shape(input_shape or spec_or_module.input_shape, axes=4)
        if device.type == "meta":
            return _analyze_spec(spec_or_module, shape)
        with device:
            return trace(spec_or_module.build(), shape, device)
    if not isinstance(spec_or_module, nn.Module):
        raise no_network(spec_or_module)
    if input_shape is None:
        raise ValueError("analyze needs input_shape=(N, C, H, W) for a module.")
    shape = checked_shape(input_shape)
    trace_it = partial(_trace_borrowed, spec_or_module, shape, device)
    return with_batch(trace_it, spec_or_module, shape)


@kept
def _analyze_spec(spec: Spec, input_shape: Shape) -> Report:
    return trace(build_on_meta(spec), input_shape, torch.device("meta"))


def is_analyzed(spec: Spec) -> bool:
    """Whether the spec's report is cached."""
    return _analyze_spec.cache_key(spec, spec.input_shape) in _analyze_spec.cache


def keep_report(spec: Spec, report: Report) -> None:
    """Give `analyze` a report of the spec that another process has made."""
    with _analyze_spec.cache_lock:
        _analyze_spec.cache[_analyze_spec.cache_key(spec, spec.input_shape)] = report


def trace(module: nn.Module, input_shape: Shape, device: torch.device) -> Report:
    """Run a module of our own, already on `device`, on zeros and report every op."""
    owners: Owners = {id(p): (name, p) for name, p in module.named_parameters() if p.requires_grad}
    return _watch(module.eval(), module, owners, input_shape, device)


def _trace_borrowed(module: nn.Module, input_shape: Shape, device: torch.device) -> Report:
    """Trace somebody else's module: stand-in tensors on `device`, every mode put back."""
    stand_ins: dict[int, Tensor] = {}
    tensors: dict[str, Tensor] = {}
    owners: Owners = {}
    for name, tensor in module.named_parameters(remove_duplicate=False):
        if nn.parameter.is_lazy(tensor):
            raise ValueError(f"{name} is not initialised; run the module once before analyze.")
        stand_in = stand_ins.setdefault(id(tensor), tensor.detach().to(device))
        tensors[name] = stand_in
        if tensor.requires_grad:
            owners.setdefault(id(stand_in), (name, tensor))
    for name, buffer in module.named_buffers(remove_duplicate=False):
        # a forward pass may write to its buffers, so these are always copies
        tensors[name] = stand_ins.setdefault(id(buffer), buffer.detach().to(device, copy=True))

    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        run = partial(torch.func.functional_call, module, tensors)
        return _watch(run, module, owners, input_shape, device)
    finally:
        for part, training in modes:
            part.training = training


def _watch(
    run: Callable[[Tensor], Any],
    module: nn.Module,
    owners: Owners,
    input_shape: Shape,
    device: torch.device,
) -> Report:
    x = torch.zeros(input_shape, device=device)
    cast(Traced, x)._produced_by = INPUT
    recorder = _Recorder(owners, SavedTensors(x, owners), on_meta=device.type == "meta")
    try:
        with torch.no_grad(), _scopes(module, recorder), recorder:
            output = run(x)
    except RuntimeError as error:
        if (broken := recorder.broken(error, module, input_shape)) is None:
            raise
        raise broken from error
    return recorder.report(module, input_shape, next(_tensors(output)))


@contextmanager
def _scopes(module: nn.Module, recorder: "_Recorder") -> Iterator[None]:
    """Hooks that tell the recorder which module is running; they are gone afterwards."""
    with ExitStack() as stack:
        for path, part in module.named_modules():
            enter = part.register_forward_pre_hook(partial(recorder.enter, path), prepend=True)
            leave = part.register_forward_hook(recorder.leave)
            stack.callback(enter.remove)
            stack.callback(leave.remove)
        yield


class _Recorder(TorchFunctionMode):
    """Keeps a row for every torch function that reads an activation.

    Tensors carry what the trace knows of them as attributes: `_produced_by`, the position of the
    op that made an activation, and `_made_from`, the parameters behind a prepared weight.
    """

    def __init__(self, owners: Owners, saved: SavedTensors, *, on_meta: bool):
        super().__init__()
        self._owners = owners
        self._saved = saved
        self._uncounted = dict(owners)
        self._on_meta = on_meta
        self._running: list[tuple[str, str]] = []  # (path, scope) of the modules being called
        self._calls: Counter[str] = Counter()
        self._modules: dict[str, str] = {}
        self._leaves: set[str] = set()
        self._rows: list[dict[str, Any]] = []
        self._refused: tuple[RuntimeError, Call] | None = None

    def enter(self, path: str, module: nn.Module, args: tuple[Any, ...]) -> None:
        outer_path, outer_scope = self._running[-1] if self._running else ("", "")
        inside = outer_path and path.startswith(outer_path + ".")
        scope = outer_scope + path[len(outer_path) :] if inside else path
        self._calls[scope] += 1
        if self._calls[scope] > 1:
            scope = f"{scope}:{self._calls[scope]}"
        self._modules[scope] = type(module).__name__
        if next(module.children(), None) is None:
            self._leaves.add(scope)
        self._running.append((path, scope))

    def leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        self._running.pop()

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        name = canonical_name(function)
        try:
            if self._on_meta and name in SHORTCUTS:
                result = SHORTCUTS[name](function, *args, **kwargs)
            else:
                result = function(*args, **kwargs)
        except RuntimeError as error:
            self._refused = error, Call(name, args, kwargs, torch.empty(0, device="meta"))
            raise
        outputs = list(_tensors(args[0] if name == "setitem" else result))
        if outputs:
            self._record(Call(name, args, kwargs, outputs[0]), outputs)
        return result

    def _reads(self, call: Call) -> tuple[list[Traced], set[int]]:
        """The activations that a call reads, and the ids of the parameters behind the rest."""
        sources: list[Traced] = []
        weights: set[int] = set()
        for tensor in _tensors((call.args, call.kwargs)):
            if hasattr(tensor, "_produced_by"):
                sources.append(tensor)
            elif id(tensor) in self._owners:
                weights.add(id(tensor))
            else:
                weights |= getattr(tensor, "_made_from", set())
        return sources, weights

    def _record(self, call: Call, outputs: list[Traced]) -> None:
        sources, weights = self._reads(call)
        if not sources:
            # a constant, or a weight being prepared: its parameters count where it is used
            for output in outputs:
                output._made_from = weights
            return
        position = sources[0]._produced_by
        if call.name != "get":  # a property such as x.T is another view of the same op's output
            position = len(self._rows)
            self._rows.append(self._row(call, sources, weights))
        for output in outputs:
            output._produced_by = position

    def _row(self, call: Call, sources: list[Traced], weights: set[int]) -> dict[str, Any]:
        kind, macs = kind_and_macs(call)
        return {
            "scope": self._running[-1][1],
            "operation": call.name,
            "kind": kind,
            "macs": macs,
            "connections": connections(
                call, macs, parameters=len(weights), window=self._window(sources[0])
            ),
            "params": sum(
                self._uncounted.pop(weight)[1].numel()
                for weight in weights
                if weight in self._uncounted
            ),
            "weighted": any(self._owners[weight][1].ndim > 1 for weight in weights),
            "inputs": tuple(dict.fromkeys(tensor._produced_by for tensor in sources)),
            "input_shape": tuple(sources[0].shape),
            "input_shapes": tuple(tuple(tensor.shape) for tensor in sources),
            "output_shape": tuple(call.output.shape),
            "attributes": attributes(call),
            "saved": self._saved.record(call, kind, sources, weights),
            "reads": READS[call.name](call) if call.name in READS else (),
        }

    def _window(self, source: Traced) -> int:
        """How many numbers the op behind `source` summed into one: 4 in a 2×2 average pooling."""
        if source._produced_by == INPUT:
            return 1
        row = self._rows[source._produced_by]
        return prod(dict(row["attributes"])["kernel"]) if row["operation"] == "avg_pool2d" else 1

    def broken(
        self, error: RuntimeError, module: nn.Module, input_shape: Shape
    ) -> BrokenNetwork | None:
        """Return the error that ended the pass; the op that torch refused is the last row.

        None for any other end than an op that does not fit the activations it reads: the module's
        own error, memory, or a function that the device lacks.
        """
        if self._refused is None or type(error) is not RuntimeError:
            return None
        refused, call = self._refused
        if refused is not error:
            return None
        sources, weights = self._reads(call)
        if not sources:
            return None
        row = self._row(Call("", call.args, call.kwargs, call.output), sources, weights)
        nothing = {"kind": BROKEN, "macs": 0, "connections": 0, "output_shape": ()}
        row |= {**nothing, "operation": call.name, "attributes": attributes(call)}
        self._rows.append(row)
        whole = self.report(module, input_shape, call.output)
        layers = whole.layers[: len(self._rows)]
        params = sum(layer.params for layer in layers)
        partial = replace(whole, layers=layers, params=params, output_shape=())
        return BrokenNetwork(why(call, layers[-1], str(error)), partial, str(error))

    def report(self, module: nn.Module, input_shape: Shape, output: Tensor) -> Report:
        """The rows with their names, and one more for each parameter that was never used."""
        ops_in_scope = Counter(row["scope"] for row in self._rows)
        used: Counter[str] = Counter()
        layers: list[Layer] = []
        fields = Fields(input_shape, layers)
        for position, row in enumerate(self._rows):
            scope = row["scope"]
            name = scope or row["operation"]
            if scope not in self._leaves or ops_in_scope[scope] > 1:
                name = f"{scope}.{row['operation']}" if scope else row["operation"]
            used[name] += 1
            row["name"] = f"{name}:{used[name]}" if used[name] > 1 else name
            for count in ("macs", "connections"):
                row[count] = None if row[count] is None else row[count] // input_shape[0]
            layers.append(Layer(**row, place=(fields, position)))
        layers += [
            Layer(name=name, kind="unused", operation="", scope=name, params=parameter.numel())
            for name, parameter in self._uncounted.values()
        ]
        trainable: list[Tensor] = []
        fixed = list(module.buffers())
        for parameter in module.parameters():
            (trainable if parameter.requires_grad else fixed).append(parameter)
        return Report(
            input_shape=input_shape,
            output_shape=tuple(output.shape),
            layers=tuple(layers),
            params=sum(tensor.numel() for tensor in trainable),
            buffers=sum(tensor.numel() for tensor in fixed),
            macs=sum(layer.macs or 0 for layer in layers),
            unknown=tuple(layer.name for layer in layers if layer.macs is None),
            modules=self._modules,
        )


def _tensors(value: Any) -> Iterator[Traced]:
    """The tensors in a nest of tuples, lists and dictionaries."""
    if isinstance(value, Traced):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))

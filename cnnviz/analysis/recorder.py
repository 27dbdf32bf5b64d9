"""The row of each torch function in one forward pass.

A torch function mode sees every torch function with its tensors; forward hooks say which module
called it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from cnnviz.analysis.broken import BROKEN, REFUSALS, BrokenNetwork, may_be_refusal, own_check, why
from cnnviz.analysis.graph import INPUT_ID, ancestors
from cnnviz.analysis.memory.storages import SavedTensors
from cnnviz.analysis.ops import Call, Shape, Traced, canonical_name
from cnnviz.analysis.ops.table import OPS, attributes, connections, kind_and_macs
from cnnviz.analysis.receptive.field import Fields, No
from cnnviz.analysis.report import Layer, Report

INPUT = -1
_SHAPES = {name: op.shape for name, op in OPS.items() if op.shape}
_READS = {name: op.reads for name, op in OPS.items() if op.reads}
_NESTS = (tuple, list, dict)
Owners = dict[int, tuple[str, Tensor]]  # the trainable parameters with their names, by id


@contextmanager
def scopes(module: nn.Module, recorder: "Recorder") -> Iterator[None]:
    """Hooks that tell the recorder which module is running; they are gone afterwards."""
    with ExitStack() as stack:
        for path, part in module.named_modules():
            enter = part.register_forward_pre_hook(partial(recorder.enter, path), prepend=True)
            leave = part.register_forward_hook(recorder.leave)
            stack.callback(enter.remove)
            stack.callback(leave.remove)
        yield


class Recorder(TorchFunctionMode):
    """Keeps a row for every torch function that reads an activation.

    Tensors carry what the trace knows of them as attributes: `_produced_by`, the position of the
    op that made an activation, and `_made_from`, the parameters behind a prepared weight.
    """

    def __init__(self, owners: Owners, saved: SavedTensors | None = None, *, on_meta: bool = False):
        super().__init__()
        self._owners = owners
        self._saved = saved
        self._on_meta = on_meta
        self._uncounted = dict(owners)
        self._running: list[tuple[str, str]] = []  # (path, scope) of the modules being called
        self._calls: Counter[str] = Counter()
        self._modules: dict[str, str] = {}
        self._leaves: set[str] = set()
        self._rows: list[dict[str, Any]] = []
        self._refused: tuple[Exception, Call] | None = None

    def enter(self, path: str, module: nn.Module, args: tuple[Any, ...]) -> None:
        outer_path, outer_scope = self._running[-1] if self._running else ("", "")
        inside = outer_path and path.startswith(outer_path + ".")
        self._open(path, outer_scope + path[len(outer_path) :] if inside else path, module)

    def _open(self, path: str, scope: str, module: nn.Module) -> None:
        scope = self._unique(scope)
        self._modules[scope] = type(module).__name__
        if next(module.children(), None) is None:
            self._leaves.add(scope)
        self._running.append((path, scope))

    def _unique(self, scope: str) -> str:
        """The scope of one more call: a, a:2, a:3 …; no two are the same."""
        self._calls[scope] += 1
        count = self._calls[scope]
        unique = scope if count == 1 else f"{scope}:{count}"
        while unique in self._modules or unique == INPUT_ID:
            count += 1
            unique = f"{scope}:{count}"
        return unique

    def leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        self._running.pop()

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        name = canonical_name(function)
        try:
            if self._on_meta and name in _SHAPES:
                result = _SHAPES[name](function, *args, **kwargs)
            else:
                result = function(*args, **kwargs)
        except REFUSALS as error:
            self._refused = error, Call(name, args, kwargs, torch.empty(0, device="meta"))
            raise
        outputs = tensors_in(args[0] if name == "setitem" else result)
        if outputs:
            self._record(Call(name, args, kwargs, outputs[0]), outputs)
        return result

    def _reads(self, call: Call) -> tuple[list[Traced], set[int]]:
        """The activations that a call reads, and the ids of the parameters behind the rest."""
        sources: list[Traced] = []
        weights: set[int] = set()
        for tensor in tensors_in((call.args, call.kwargs)):
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
            self._rows.append(self._row(call, sources, weights, made_by(sources)))
        for output in outputs:
            output._produced_by = position

    def _row(
        self, call: Call, read: Sequence[Traced], weights: set[int], inputs: tuple[int, ...]
    ) -> dict[str, Any]:
        kind, macs = self._cost(call)
        window = self._window(inputs[0]) if inputs else 1
        return {
            "scope": self._running[-1][1],
            "operation": call.name,
            "kind": kind,
            "macs": macs,
            "connections": connections(call, macs, parameters=len(weights), window=window),
            "params": self._count(weights),
            "weighted": any(
                _is_a_matrix(self._owners[weight][1].shape, macs) for weight in weights
            ),
            "inputs": inputs,
            "input_shape": tuple(read[0].shape),
            "input_shapes": tuple(tuple(tensor.shape) for tensor in read),
            "output_shape": tuple(call.output.shape),
            "attributes": attributes(call),
            "saved": self._saved and self._saved.record(call, kind, read, weights),
            "reads": _READS[call.name](call) if call.name in _READS else (),
        }

    def _cost(self, call: Call) -> tuple[str, int | None]:
        """The op's kind and its multiply-accumulates for the whole batch."""
        return kind_and_macs(call)

    def _count(self, weights: set[int]) -> int:
        """The elements of the parameters that no op before has used."""
        return sum(
            self._uncounted.pop(weight)[1].numel()
            for weight in weights
            if weight in self._uncounted
        )

    def _window(self, source: int) -> int:
        """How many numbers the op at `source` summed into one: 4 in a 2×2 average pooling."""
        if source == INPUT:
            return 1
        row = self._rows[source]
        return prod(dict(row["attributes"])["kernel"]) if row["operation"] == "avg_pool2d" else 1

    def broken(
        self, error: Exception, module: nn.Module, input_shape: Shape
    ) -> BrokenNetwork | None:
        """Return the error that ended the pass; the op that torch refused is the last row.

        None for any other end than an op that does not fit the activations it reads: the module's
        own error, memory, or a function that the device lacks.
        """
        if not may_be_refusal(error):
            return None
        refused, call = self._refused or (None, None)
        if refused is not error:
            call = own_check(error)
        if call is None:
            return None
        sources, weights = self._reads(call)
        if not sources:
            return None
        nameless = Call("", call.args, call.kwargs, call.output)
        row = self._row(nameless, sources, weights, made_by(sources))
        nothing = {"kind": BROKEN, "macs": 0, "connections": 0, "output_shape": ()}
        row |= {**nothing, "operation": call.name, "attributes": attributes(call)}
        self._rows.append(row)
        reason = str(error)
        whole = self.report(module, input_shape, call.output)
        layers = whole.layers[: len(self._rows)]
        if (said := why(call, layers[-1], reason)) is None:
            return None
        params = sum(layer.params for layer in layers)
        partial = replace(whole, layers=layers, params=params, output_shape=())
        return BrokenNetwork(said, partial, reason)

    def report(
        self, module: nn.Module, input_shape: Shape, output: Tensor, image: Shape | None = None
    ) -> Report:
        """The rows with their names, and one more for each parameter that was never used.

        Args:
            image: of what the fields are; without it, of the input.
        """
        images = input_shape[0] if input_shape else 1
        layers: list[Layer] = []
        fields = Fields(input_shape if image is None else image)
        for name, row in zip(self._names(), self._rows, strict=True):
            for count in ("macs", "connections"):
                row[count] = None if row[count] is None else row[count] // images
            field = No.WHOLE if row["kind"] == BROKEN else fields.add(row)
            layers.append(Layer(name=name, **row, field=field))
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
            modules=self._classes(),
        )

    def _classes(self) -> dict[str, str]:
        """The class name of the module behind each scope."""
        return self._modules

    def _names(self) -> Iterator[str]:
        """A name for each row: its module's path, with the function where that does more.

        No two rows have the same, nor has a row that of a block.
        """
        ops_in_scope = Counter(row["scope"] for row in self._rows)
        blocks = {INPUT_ID, *self._modules}
        blocks.update(outer for scope in ops_in_scope for outer in ancestors(scope))
        used: Counter[str] = Counter()
        for row in self._rows:
            scope, operation = row["scope"], row["operation"]
            if scope in self._leaves and ops_in_scope[scope] == 1 and scope:
                yield scope
                continue
            name = f"{scope}.{operation}" if scope else operation
            used[name] += 1
            unique = name if used[name] == 1 else f"{name}:{used[name]}"
            while unique in blocks:
                used[name] += 1
                unique = f"{name}:{used[name]}"
            yield unique


def made_by(sources: Iterable[Traced]) -> tuple[int, ...]:
    """The ops that made activations, each once."""
    return tuple(dict.fromkeys(tensor._produced_by for tensor in sources))


def tensors_in(value: Any) -> list[Traced]:
    """The tensors in a nest of tuples, lists and dictionaries."""
    if isinstance(value, Traced):
        return [value]
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, tuple | list):
        return []
    found: list[Traced] = []
    for item in value:
        if isinstance(item, Traced):
            found.append(item)
        elif isinstance(item, _NESTS):
            found += tensors_in(item)
    return found


def _is_a_matrix(shape: Shape, macs: int | None) -> bool:
    """Whether a parameter is a weight matrix or kernels; C×1×1 outside of products is no more."""
    return len(shape) > 1 and (bool(macs) or sum(side > 1 for side in shape) > 1)

"""The rows of somebody else's module, of which nothing is known beforehand.

Beside torch's functions, the operators below them are watched. They tell what a function costs for
which no formula is written down, and make a row where no function was seen, as in a scripted
module. So a product is in a row, whoever computes it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor

from cnnviz.analysis.broken import REFUSALS
from cnnviz.analysis.copying import Scripted
from cnnviz.analysis.counting.conventions import WEIGHTED
from cnnviz.analysis.graph import ancestors
from cnnviz.analysis.memory.rules import MASK_SIZES
from cnnviz.analysis.memory.saved import Saved
from cnnviz.analysis.operators import deep_copy, is_free, products
from cnnviz.analysis.ops import Call, Shape, Traced, canonical_name
from cnnviz.analysis.ops.record import CONVOLUTION, LINEAR
from cnnviz.analysis.ops.table import kind_and_macs
from cnnviz.analysis.recorder import Owners, Recorder, made_by, tensors_in

SCRIPTED = "scripted"  # the operation of a row without a function
# Functions that may hand their input on as it is; then they are no op.
_CASTS = frozenset(
    ("to", "type", "type_as", "float", "half", "double", "bfloat16",
     "cpu", "cuda", "contiguous", "requires_grad", "detach")
)  # fmt: skip
_LAYERS = "torch.nn.modules."  # where torch's own layers are
Read = tuple[list[Traced], set[int]]  # activations, and the ids of parameters
_PREPARING = ("ParametrizationList",)  # a module that makes a weight of another


class Watching(Recorder):
    """Keeps a row for every function and operator that reads an activation or costs something.

    Tensors know one thing more: `_written_by`, on the one that all views are of, is the position of
    the op that wrote there last.

    Args:
        root: the module that is traced.
    """

    def __init__(self, owners: Owners, root: nn.Module):
        super().__init__(owners)
        self._stack: list[nn.Module] = []
        self._root = root
        self._within: dict[int, dict[int, str]] = {}  # paths by the ids of module and part
        self._calling = False  # a torch function
        self._count_of_call = 0
        self._kind_of_call = ""
        self._is_strange = False  # an operator of the call that may hold products
        self._loose: dict[str, Any] | None = None  # the row of operators outside of functions

    # -------------------------------------------------------------- where
    def enter(self, path: str, module: nn.Module, args: tuple[Any, ...]) -> None:
        """A module belongs to where it is called, whatever it is registered as elsewhere."""
        outer = self._running[-1][1] if self._running else ""
        name = self._name_within(self._stack[-1], module) if self._stack else ""
        if outer and not name:
            name = path.rpartition(".")[2]
        scope = f"{outer}.{name}" if outer and name else outer or name or path
        self._open(path, scope, module)
        self._stack.append(module)
        self._loose = None
        if isinstance(module, Scripted):
            self._modules[self._running[-1][1]] = module.name

    def leave(self, module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        while self._stack[-1] is not module:  # one that failed, and the network went on
            self._stack.pop()
            self._running.pop()
        self._stack.pop()
        self._loose = None
        super().leave(module, args, output)

    def _name_within(self, outer: nn.Module, module: nn.Module) -> str:
        """The shortest path of a module inside the one that runs; empty where it is not inside."""
        names = self._within.get(id(outer))
        if names is None:
            names = self._within[id(outer)] = {}
            ahead = deque([("", outer)])
            while ahead:
                path, part = ahead.popleft()
                for name, child in part._modules.items():
                    if child is not None and id(child) not in names:
                        names[id(child)] = f"{path}{name}"
                        ahead.append((f"{path}{name}.", child))
        return names.get(id(module), "")

    def _classes(self) -> dict[str, str]:
        """Those of containers that are never called, too."""
        parts = dict(self._root.named_modules(remove_duplicate=True))
        for row in self._rows:
            for scope in ancestors(row["scope"]):
                if scope not in self._modules:
                    path = ".".join(name.partition(":")[0] for name in scope.split("."))
                    self._modules[scope] = type(parts[path]).__name__ if path in parts else ""
        return self._modules

    def where(self) -> str:
        """The scope that runs, or in which the pass ended."""
        return self._running[-1][1] if self._running else ""

    def calls(self) -> list[tuple[str, Shape, tuple[int, ...]]]:
        """Of each op, the refused one included: its function, its first shape, its sources."""
        made = [(row["operation"], row["input_shape"], row["inputs"]) for row in self._rows]
        if self._refused:
            call = self._refused[1]
            if read := self._reads(call)[0]:
                made.append((call.name, tuple(read[0].shape), made_by(read)))
        return made

    def places(self) -> list[tuple[str, str]]:
        """Of each row, its scope and its function."""
        return [(row["scope"], row["operation"]) for row in self._rows]

    def keep_saved(self, saved: Sequence[Saved | None]) -> None:
        """Write into each row what a training step saves there."""
        for row, kept in zip(self._rows, saved, strict=True):
            row["saved"] = kept

    # -------------------------------------------------------------- what is called
    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        name = canonical_name(function)
        self._calling, self._count_of_call, self._is_strange = True, 0, False
        if function is Tensor.__deepcopy__ and isinstance(args[0], FakeTensor):
            function = deep_copy
        try:
            result = function(*args, **kwargs)
            outputs = tensors_in(args[0] if name == "setitem" else result)
            if outputs:
                if args and result is args[0] and (name in _CASTS or name in MASK_SIZES):
                    if name in _CASTS:
                        return result
                    # what is no other tensor has no row of its own to be read from
                    result = torch.ops.aten.alias(result)
                    outputs = [result]
                self._record(Call(name, args, kwargs, outputs[0]), outputs)
        except REFUSALS as error:
            self._refused = error, Call(name, args, kwargs, torch.empty(0, device="meta"))
            raise
        finally:
            self._calling = False
        return result

    def operator(self, operator: Any, arguments: Any, result: Any) -> None:
        """An operator has run; in a function, the function's row counts it."""
        count = products(operator, arguments, result)
        if not self._calling:
            self._outside(operator, arguments, result, count)
        elif count:
            self._count_of_call += count
            self._kind_of_call = _kind(operator)
        elif not self._is_strange:
            self._is_strange = not is_free(operator)

    def _reads(self, call: Call) -> Read:
        return self._read((call.args, call.kwargs))

    def _read(self, arguments: Any) -> Read:
        sources: list[Traced] = []
        weights: set[int] = set()
        for tensor in tensors_in(arguments):
            base = tensor._base
            written = getattr(base, "_written_by", None) if base is not None else None
            made = getattr(tensor, "_produced_by", None)
            if written is not None and (made is None or written > made):
                tensor._produced_by = made = written
            if made is not None:
                sources.append(tensor)
            if id(tensor) in self._owners:
                weights.add(id(tensor))
            else:
                weights |= getattr(tensor, "_made_from", set())
        return sources, weights

    def _record(self, call: Call, outputs: list[Traced]) -> None:
        sources, weights = self._reads(call)
        if not sources and not self._is_layer(call, weights):
            self._prepared(outputs, weights)
            return
        if call.name == "get":
            position = sources[0]._produced_by
        else:
            position = len(self._rows)
            read = sources or tensors_in((call.args, call.kwargs))[:1]
            self._rows.append(self._row(call, read, weights, made_by(sources)))
            self._loose = None
        for output in outputs:
            self._made(output, position, call)
            if not sources:
                output._made_from = weights

    def _prepared(self, outputs: list[Traced], weights: set[int]) -> None:
        """Remember the parameters behind a constant, or behind a weight made in the pass."""
        for output in outputs:
            output._made_from = weights
            if output._base is not None:
                base: Any = output._base
                base._made_from = getattr(base, "_made_from", set()) | weights

    def _made(self, output: Traced, position: int, call: Call) -> None:
        output._produced_by = position
        if (call.args and output is call.args[0]) or output is call.kwargs.get("out"):
            whole: Any = output if output._base is None else output._base
            whole._produced_by = whole._written_by = position

    def _is_layer(self, call: Call, weights: set[int]) -> bool:
        """Whether a call that reads no activation is an op by itself, not part of a weight."""
        if self._count_of_call:
            return True
        here = self._stack[-1]
        return (
            bool(weights)
            and len(self._stack) > 1
            and type(here).__module__.startswith(_LAYERS)
            and type(self._stack[-2]).__name__ not in _PREPARING
            and call.name != "get"
        )

    def _cost(self, call: Call) -> tuple[str, int | None]:
        """By our formula or, where there is none, by the operators that the function has run."""
        kind, macs = kind_and_macs(call)
        if self._count_of_call:
            return kind if kind in WEIGHTED else self._kind_of_call, self._count_of_call
        if macs is None and not self._is_strange:
            return "other", 0
        return kind, macs

    # -------------------------------------------------------------- operators by themselves
    def _outside(self, operator: Any, arguments: Any, result: Any, count: int) -> None:
        """An operator that no function of torch has called: a row for each run of them."""
        sources, weights = self._read(arguments)
        outputs = tensors_in(result)
        here = self._stack[-1] if self._stack else self._root
        if isinstance(here, Scripted):
            weights |= set(map(id, here.weights.values())) & self._owners.keys()
        if not outputs:
            return
        if not sources and not count:
            self._prepared(outputs, weights)
            return
        if operator.is_view and sources and self._loose is None:
            for output in outputs:
                output._produced_by = sources[0]._produced_by
            return
        if self._loose is None:
            self._loose = self._new_row(sources or outputs)
            self._rows.append(self._loose)
        self._extend(self._loose, operator, (sources, weights), outputs[0], count)
        for output in outputs:
            output._produced_by = len(self._rows) - 1

    def _new_row(self, read: list[Traced]) -> dict[str, Any]:
        return {
            "scope": self._running[-1][1] if self._running else "",
            "operation": SCRIPTED,
            "kind": "other",
            "macs": 0,
            "connections": 0,
            "params": 0,
            "weighted": False,
            "inputs": (),
            "input_shape": tuple(read[0].shape),
            "input_shapes": (tuple(read[0].shape),),
            "output_shape": (),
            "attributes": (),
            "reads": (),
            "saved": None,
        }

    def _extend(
        self, row: dict[str, Any], operator: Any, read: Read, output: Tensor, count: int
    ) -> None:
        """Count one more operator in a row."""
        sources, weights = read
        own = len(self._rows) - 1
        others = [position for position in made_by(sources) if position != own]
        row["inputs"] = tuple(dict.fromkeys((*row["inputs"], *others)))
        row["params"] += self._count(weights)
        row["weighted"] |= any(self._owners[weight][1].ndim > 1 for weight in weights)
        row["output_shape"] = tuple(output.shape)
        if count:
            row["kind"] = _kind(operator)
        elif not is_free(operator) and row["kind"] == "other":
            row["kind"], row["macs"], row["connections"] = "unknown", None, None
        if count and row["macs"] is not None:
            row["macs"] += count
            row["connections"] += count


def _kind(operator: Any) -> str:
    return CONVOLUTION if "conv" in operator.name() else LINEAR

"""What autograd itself keeps of a training step of somebody else's module.

No rule of ours could know its checkpoints, its own autograd functions or its branches of training
only. So a second pass, in training mode, lets autograd save what it saves and counts that.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import add
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnnviz.analysis.memory.saved import INT64, NOTHING, Saved
from cnnviz.analysis.ops import Call, Traced
from cnnviz.analysis.recorder import Owners, tensors_in
from cnnviz.analysis.watching import SCRIPTED, Watching

# Scripted code saves behind the back of hooks, of torch.cond it hangs on the branch; of the others,
# the CPU's functions keep a workspace.
_UNSEEN = (SCRIPTED, "cond", "lstm", "embedding_bag")


class Saving(Watching):
    """Rows of a training pass: where it was, which function, and what was saved there.

    Args:
        own: parameters and buffers, which are in memory anyway.
        width: bytes of one of the network's floats.
    """

    def __init__(self, owners: Owners, root: nn.Module, own: Iterable[Tensor], width: int):
        super().__init__(owners, root)
        self._width = width
        # by their addresses, and kept, so that no other takes the place
        self._seen = {storage._cdata: storage for storage in filter(None, map(_storage, own))}
        self._fixed: dict[int, torch.UntypedStorage] = {}  # of any batch the same
        self._new: list[Saved | None] = []
        self._function = ""
        self._is_fixed = False  # what the function reads is the same for any batch

    def hooks(self) -> torch.autograd.graph.saved_tensors_hooks:
        """The context in which autograd hands over what it saves."""
        return torch.autograd.graph.saved_tensors_hooks(self._pack, lambda packed: packed)

    def rows(self) -> list[tuple[str, str, Saved | None]]:
        """Scope, function and what is saved, in the order of the pass; None: not all is seen."""
        return [
            (row["scope"], row["operation"], None if row["operation"] in _UNSEEN else row["saved"])
            for row in self._rows
        ]

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        self._function = getattr(function, "__name__", "")
        if function is F.batch_norm:
            function = batch_norm
        self._is_fixed = all(map(_is_constant, tensors_in((args, kwargs))))
        return super().__torch_function__(function, types, args, kwargs)

    def _pack(self, tensor: Tensor) -> None:
        with torch._C.DisableTorchFunction():
            storage, found = _storage(tensor), None
            if storage is not None:
                if storage._cdata in self._seen:
                    return
                self._seen[storage._cdata] = storage
                fixed = self._is_fixed or storage._cdata in self._fixed
                fixed |= self._function == "batch_norm" and tensor.ndim == 1
                found = _numbers(tensor, storage.nbytes(), self._width, fixed=fixed)
        if self._calling or not self._rows:
            self._new.append(found)
        else:  # by an autograd function of the module's own, or by a checkpoint
            self._rows[-1]["saved"] = _plus(self._rows[-1]["saved"], found)

    def _row(
        self, call: Call, read: Sequence[Traced], weights: set[int], inputs: tuple[int, ...]
    ) -> dict[str, Any]:
        nothing: Saved | None = NOTHING
        saved, self._new = reduce(_plus, self._new, nothing), []
        return {"scope": self._running[-1][1], "operation": call.name, "saved": saved}

    def _record(self, call: Call, outputs: list[Traced]) -> None:
        super()._record(call, outputs)
        if self._is_fixed:
            for output in outputs:
                output._is_fixed = True
                if (storage := _storage(output)) is not None:
                    self._fixed[storage._cdata] = storage


def _is_constant(tensor: Traced) -> bool:
    """Whether a tensor does not hang on the input."""
    return not hasattr(tensor, "_produced_by") or hasattr(tensor, "_is_fixed")


def matched(
    rows: Sequence[tuple[str, str]], saving: Sequence[tuple[str, str, Saved | None]]
) -> tuple[list[Saved | None], dict[str, Saved | None]]:
    """What each row saves, and each scope that runs in training only.

    Args:
        rows: scope and function of each row of the pass in evaluation mode.
        saving: the rows of the pass in training mode.
    """
    places: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    for position, row in enumerate(rows):
        places[row].append(position)
    scopes = {scope for scope, _ in rows}
    found: list[Saved | None] = [NOTHING] * len(rows)
    others: dict[str, Saved | None] = {}
    last = 0
    for scope, function, saved in saving:
        if places[scope, function]:
            last = places[scope, function].popleft()
            found[last] = _plus(found[last], saved)
        elif rows and (scope in scopes or not scope):
            found[last] = _plus(found[last], saved)
        elif saved != NOTHING:
            others[scope] = _plus(others.get(scope, NOTHING), saved)
    return found, others


def _plus(one: Saved | None, other: Saved | None) -> Saved | None:
    return None if one is None or other is None else Saved(*map(add, one, other))


def _numbers(tensor: Tensor, nbytes: int, width: int, *, fixed: bool) -> Saved:
    count = nbytes // width
    of_the_network = tensor.dtype.to_real().itemsize == width
    if (tensor.is_floating_point() or tensor.is_complex()) and of_the_network:
        return Saved(statistics=count) if fixed else Saved(floats=count)
    if fixed:
        return Saved(fixed=nbytes)
    return Saved(indices=nbytes // INT64) if tensor.dtype == torch.int64 else Saved(others=nbytes)


def _storage(tensor: Tensor) -> torch.UntypedStorage | None:
    """Where its numbers are; None for a sparse tensor, whose are in several places."""
    return tensor.untyped_storage() if tensor.layout is torch.strided else None


def batch_norm(input: Tensor, *args: Any, **kwargs: Any) -> Tensor:
    """`F.batch_norm`, which refuses a single value a channel; what is saved is the same."""
    names = ("running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")
    given = dict(zip(names, args, strict=False)) | kwargs
    training = given.get("training", False)
    if training:  # they are not brought up to date, which takes more than one value
        given |= {"running_mean": None, "running_var": None}
    return torch.batch_norm(
        input,
        given.get("weight"),
        given.get("bias"),
        given["running_mean"],
        given["running_var"],
        training,
        given.get("momentum", 0.1),
        given.get("eps", 1e-5),
        torch.backends.cudnn.enabled,
    )

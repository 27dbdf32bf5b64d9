"""Storages that a training step keeps for the backward pass, followed through one trace.

A storage that several tensors share, such as a view and its base, counts once, at the first op that
saves it. Parameters and buffers are not counted; they are in memory anyway.
"""

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor

from cnnviz.analysis.memory.rules import MASK_SIZES, mask_rate
from cnnviz.analysis.memory.saved import NOTHING, Saved, SavingRule
from cnnviz.analysis.ops.call import Call, Traced
from cnnviz.analysis.ops.table import OPS


class SavedTensors:
    """Follow storages through one trace and tell for each op which it is the first to save.

    Args:
        image: the network's input.
        owners: the trainable parameters by id.
    """

    def __init__(self, image: Tensor, owners: Mapping[int, object]):
        self._owners = owners
        # one entry an op, after that of the image: its output's storage and whether it has a
        # gradient. A storage goes by the entry that made it
        self._storages = [0]
        self._elements = [image.numel()]
        self._trained = [False]
        self._saved: set[int] = set()

    def record(
        self, call: Call, kind: str, sources: Sequence[Traced], weights: set[int]
    ) -> Saved | None:
        """Return the numbers that the next op is the first to save; None if unknown.

        Args:
            sources: the activations it reads, which know the op that made them.
            weights: ids of the trainable parameters it reads.
        """
        entry = len(self._storages)
        storage = self._storage(call, kind, sources, entry)
        trained = call.name != "detach" and (
            bool(weights) or any(self._trained[source._produced_by + 1] for source in sources)
        )
        self._storages.append(storage)
        self._elements.append(call.output.numel())
        self._trained.append(trained)
        if not trained:
            return NOTHING
        op = OPS.get(call.name)
        return None if op is None or op.saves is None else self._sum(call, op.saves, storage)

    def _sum(self, call: Call, rule: SavingRule, output: int) -> Saved | None:
        made, kept = [], set()
        for item in rule(call, self._needs_gradient):
            if isinstance(item, Saved):
                made.append(item)
            elif item is None or (item is not call.output and _is_prepared(item)):
                return None
            elif item is call.output:
                kept.add(output)
            elif hasattr(item, "_produced_by"):  # else it is a parameter or a buffer
                kept.add(self._storages[cast(Traced, item)._produced_by + 1])
        kept -= self._saved
        self._saved |= kept
        floats = sum(self._elements[storage] for storage in kept)
        if not made:
            return Saved(floats) if floats else NOTHING
        return Saved(*map(sum, zip(Saved(floats), *made, strict=True)))

    def _storage(self, call: Call, kind: str, sources: Sequence[Traced], new: int) -> int:
        """The storage of the op's output; views and ops in place have that of an input."""
        if call.name in MASK_SIZES:  # the trace, in evaluation mode, may hand the input on
            in_place = call.argument(3, "inplace", False) or mask_rate(call) == 0
            return self._storages[sources[0]._produced_by + 1] if in_place else new
        for source in sources:
            if source is call.output:
                return self._storages[source._produced_by + 1]
        # of one group, the meta device makes a view where the others make a copy
        if kind in ("reshape", "unknown") and call.name != "channel_shuffle":
            pointer = call.output.untyped_storage()._cdata
            for source in sources:
                if source.untyped_storage()._cdata == pointer:
                    return self._storages[source._produced_by + 1]
        return new

    def _needs_gradient(self, tensor: Tensor) -> bool:
        if hasattr(tensor, "_produced_by"):
            return self._trained[cast(Traced, tensor)._produced_by + 1]
        return id(tensor) in self._owners or bool(getattr(tensor, "_made_from", ()))


def _is_prepared(tensor: Tensor) -> bool:
    """Whether a tensor was made in this pass from parameters or constants, as no view of one."""
    if hasattr(tensor, "_produced_by"):
        return False
    base = tensor._base if tensor._is_view() else tensor
    return hasattr(base, "_made_from")

"""The record of one op."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from cnnviz.analysis.memory.saved import SavingRule
from cnnviz.analysis.ops.call import Call
from cnnviz.analysis.receptive.reach import ReachRule
from cnnviz.text import Text

CONVOLUTION, LINEAR, NORMALISATION = "convolution", "linear", "normalisation"
ACTIVATION, POOLING, MERGE = "activation", "pooling", "merge"
RESHAPE, OTHER = "reshape", "other"
NO_SENTENCE = Text("", "")
UNKNOWN = None  # in a column: not known, so that what hangs on it is named, never counted as zero


@dataclass(frozen=True, kw_only=True)
class Op:
    """All that is known of one of torch's functions.

    Args:
        name: as `canonical_name` gives it.
        kind: one of those above.
        word: what it is called in a drawing and in a sentence.
        saves: what it keeps for the backward pass; or UNKNOWN.
        reach: what the units of its output see; or UNKNOWN.
        reads: what decides its reach beside its shapes and settings.
        macs: its multiply-accumulates for the whole batch; None if it has none.
        biased: whether its third argument is a bias, one for each output value.
        axes: of the maps that it works on, where its name says so.
        settings: what tells two ops of one name apart: kernel, stride, padding, groups, factor.
        shape: its output on the meta device, without running it.
        says: what it does, in a sentence with its own numbers; empty where the word says it all.
    """

    name: str
    kind: str
    word: Text
    saves: SavingRule | None
    reach: ReachRule | None
    reads: Callable[[Call], tuple[Any, ...]] | None = None
    macs: Callable[[Call], int] | None = None
    biased: bool = False
    axes: int = 0
    settings: Callable[[Call], dict[str, Any]] | None = None
    shape: Callable[..., Tensor] | None = None
    says: Text = NO_SENTENCE

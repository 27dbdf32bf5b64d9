"""The record of one traced forward pass; everything on screen is a view of it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cnnviz.analysis.memory.saved import NOTHING, Saved
from cnnviz.analysis.ops import Attributes, Shape
from cnnviz.analysis.receptive.axis import Axis
from cnnviz.analysis.receptive.field import Field, No, last_map, one_or_all

if TYPE_CHECKING:
    import pandas as pd

FLOAT32 = 4  # bytes
LAYER_BYTES = 1400  # bytes of a layer, as measured, with its field and its place in blocks


@dataclass(frozen=True, slots=True)
class Layer:
    """One op of the forward pass, or parameters that the pass never used.

    Args:
        name: the module's path, with the function's name where the module does more than one thing.
        kind: convolution, grouped convolution, linear, normalisation, activation, pooling, merge,
            reshape, other, unknown, or unused.
        operation: the torch function.
        scope: path of the module call that ran it; a second call of the same module ends in ":2".
        input_shape: of the first tensor it reads, N included.
        output_shape: of the (first) tensor it makes, N included.
        params: trainable elements that no op before it has used.
        macs: multiply-accumulates of one image; None for an unknown op.
        connections: LeNet's count, every use of a weight and of a bias for one image.
        inputs: positions of the ops whose outputs it reads; -1 is the network's input.
        input_shapes: of every activation it reads.
        weighted: whether it reads a weight matrix or kernels, not only a number a channel.
        attributes: kernel, stride, padding, groups, dilation and factor where they apply.
        reads: what else decides which input pixels it reads: slices, padding, axes.
        saved: what it keeps for the backward pass of the whole batch; None for an unknown op.
        field: the input pixels that each unit of its output sees; or why there are none to name.
    """

    name: str
    kind: str
    operation: str
    scope: str
    input_shape: Shape = ()
    output_shape: Shape = ()
    params: int = 0
    macs: int | None = 0
    connections: int | None = 0
    inputs: tuple[int, ...] = ()
    input_shapes: tuple[Shape, ...] = ()
    weighted: bool = False
    attributes: Attributes = ()
    saved: Saved | None = NOTHING
    reads: tuple[Any, ...] = ()
    field: Field | No = No.WHOLE

    @property
    def saved_bytes(self) -> int | None:
        """Bytes kept for the backward pass of the whole batch, in single precision."""
        return None if self.saved is None else self.saved.nbytes()

    @property
    def receptive_field(self) -> int | Shape | None:
        """Input pixels a side that a unit sees, not clipped: 7, or (height, width); None: all."""
        return cast(int | Shape | None, self._along(lambda axis: axis.size))

    @property
    def jump(self) -> float | tuple[float, ...] | None:
        """Input pixels from the box of a unit to that of the next."""
        found = self._along(lambda axis: axis.jump)
        return cast(float | tuple[float, ...] | None, found)

    @property
    def offset(self) -> int | Shape | None:
        """The first input pixel of unit 0's box; -3 is three pixels outside of the image."""
        return cast(int | Shape | None, self._along(lambda axis: axis.interval(0)[0]))

    def _along(self, measure: Callable[[Axis], Any]) -> Any:
        field = self.field
        return None if isinstance(field, No) else one_or_all(map(measure, field))


@dataclass(frozen=True, eq=False)
class Report:
    """The results of one forward pass; two are equal if they say the same.

    `print(report)` is a table of its blocks; a notebook shows the graph, too.

    Args:
        input_shape, output_shape: (N, C, H, W) and (N, …).
        layers: one row an op, in order; the columns params and macs sum to the totals.
        params: trainable elements, shared ones once.
        buffers: the other elements of the state: running statistics, frozen parameters.
        macs: multiply-accumulates of convolutions, linear layers and matrix products for one image.
        unknown: names of the ops without a formula; `macs` does not hold their cost.
        modules: class name of the module behind each scope.
    """

    input_shape: Shape
    output_shape: Shape
    layers: tuple[Layer, ...]
    params: int
    buffers: int
    macs: int
    unknown: tuple[str, ...]
    modules: dict[str, str]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Report) and self._said() == other._said()

    def __hash__(self) -> int:
        """A quick key: of the totals, which reports that differ rarely have in common."""
        return hash((self.input_shape, self.output_shape, self.params, self.macs, len(self.layers)))

    def _said(self) -> tuple[Any, ...]:
        return tuple(getattr(self, part.name) for part in fields(self))

    def __repr__(self) -> str:
        from cnnviz.analysis.tables.text import summary  # noqa: PLC0415

        return f"<Report of {summary(self)}>"

    def __str__(self) -> str:
        from cnnviz.analysis.tables.text import text  # noqa: PLC0415

        return text(self)

    def _repr_html_(self) -> str:
        from cnnviz.analysis.tables.notebook import html  # noqa: PLC0415

        return html(self)

    def __sizeof__(self) -> int:
        """Return its bytes, roughly, with the facts computed on demand."""
        return 3000 + LAYER_BYTES * len(self.layers)

    @property
    def flops(self) -> int:
        """Floating-point operations of one image, 2 · macs."""
        return 2 * self.macs

    @property
    def connections(self) -> int:
        """Every use of a weight and of a bias for one image: 340,918 in LeNet-5."""
        return sum(layer.connections or 0 for layer in self.layers)

    @property
    def weight_bytes(self) -> int:
        """Bytes of the parameters in single precision."""
        return FLOAT32 * self.params

    @property
    def saved_bytes(self) -> int:
        """Bytes that autograd keeps of a training step for the backward pass, the image included.

        For the batch of `input_shape` in single precision, each storage once; without parameters,
        buffers and the loss. 344 MB for four images in ResNet-50.
        """
        return sum(layer.saved_bytes or 0 for layer in self.layers)

    @property
    def unknown_saved(self) -> tuple[str, ...]:
        """Names of the ops whose saved bytes are unknown; `saved_bytes` lacks them."""
        return tuple(layer.name for layer in self.layers if layer.saved is None)

    @cached_property
    def longest_path(self) -> tuple[int, ...]:
        """Positions of the weighted layers on the path from input to output that has the most.

        Of equal paths, the one through the input that an op reads first.
        """
        depths, before = {-1: 0}, {}
        for position, layer in enumerate(self.layers):
            before[position] = max(layer.inputs, key=depths.__getitem__, default=-1)
            depths[position] = depths[before[position]] + layer.weighted
        position, path = max(depths, key=depths.__getitem__), []
        while position >= 0:
            if self.layers[position].weighted:
                path.append(position)
            position = before[position]
        return tuple(reversed(path))

    @property
    def depth(self) -> int:
        """The most weighted layers on one path from input to output: 121 in DenseNet-121."""
        return len(self.longest_path)

    @cached_property
    def last_map(self) -> int | None:
        """Position of the last map before global pooling, the one whose units see the most."""
        return last_map(self.layers)

    @property
    def receptive_field(self) -> int | Shape | None:
        """Input pixels a side that a unit of the last map sees: 2071 in DenseNet-121."""
        position = self.last_map
        return None if position is None else self.layers[position].receptive_field

    @property
    def field_unknown(self) -> tuple[str, ...]:
        """Names of the ops whose reach is not known; nothing behind them has a receptive field."""
        return tuple(
            layer.name
            for layer in self.layers
            if layer.field is No.UNKNOWN
            and all(self._field(source) is not No.UNKNOWN for source in layer.inputs)
        )

    def _field(self, position: int) -> Field | No:
        return No.WHOLE if position < 0 else self.layers[position].field

    def to_pandas(self) -> "pd.DataFrame":
        """One row an op: name, kind, shapes, counts, receptive field, inputs and settings.

        Shapes are tuples, N included; `inputs` are the names of the ops that it reads, "input" the
        network's own. The columns params, macs and saved_bytes sum to the totals; a count that is
        not known is missing.
        """
        from cnnviz.analysis.tables import frames  # noqa: PLC0415

        return frames.frame(self)

    def by_block(self, depth: int = 1) -> "pd.DataFrame":
        """One row a block, with its class, number of ops, counts and their shares in percent.

        Args:
            depth: levels of blocks to go down; 1: the outermost. 99 has a row an op.
        """
        from cnnviz.analysis.tables import frames  # noqa: PLC0415

        return frames.by_block(self, depth)

    def by_kind(self) -> "pd.DataFrame":
        """One row a kind of op, such as convolution, with counts and shares; most MACs first."""
        from cnnviz.analysis.tables import frames  # noqa: PLC0415

        return frames.by_kind(self)

    def top(self, n: int = 10, measure: str = "macs") -> "pd.DataFrame":
        """The n ops that have most of a measure, as rows of `to_pandas`.

        Args:
            measure: params, macs, saved_bytes or receptive_field, its longer side.

        Raises:
            ValueError: no such measure, or n is below 1.
        """
        from cnnviz.analysis.tables import frames  # noqa: PLC0415

        return frames.top(self, n, measure)

    def save(self, file: str | PathLike[str]) -> Path:
        """Write a trace, JSON that `cnnviz.load_report` and the Compare page read.

        It holds the record of the pass and neither code nor weights.

        Raises:
            TraceError: the network has more ops than a trace holds.
            OSError: the file cannot be written.
        """
        from cnnviz.analysis.traces import as_json  # noqa: PLC0415

        path = Path(file)
        path.write_text(as_json(self), encoding="utf-8")
        return path

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        columns = (
            *("name", "kind", "operation", "input_shape", "output_shape", "params", "macs"),
            *("saved_bytes", "receptive_field", "jump", "offset"),
        )
        rows = [{name: getattr(layer, name) for name in columns} for layer in self.layers]
        return {
            "input_shape": self.input_shape,
            "output_shape": self.output_shape,
            "params": self.params,
            "buffers": self.buffers,
            "macs": self.macs,
            "flops": self.flops,
            "saved_bytes": self.saved_bytes,
            "receptive_field": self.receptive_field,
            "unknown": self.unknown,
            "unknown_saved": self.unknown_saved,
            "layers": rows,
        }

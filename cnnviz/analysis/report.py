"""The record of one traced forward pass; everything on screen is a view of it."""

from dataclasses import dataclass
from typing import Any

from cnnviz.analysis.ops import Attributes, Shape
from cnnviz.analysis.saved import NOTHING, Saved

FLOAT32 = 4  # bytes


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
        attributes: kernel, stride, padding, groups and factor where they apply.
        saved: what it keeps for the backward pass of the whole batch; None for an unknown op.
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

    @property
    def saved_bytes(self) -> int | None:
        """Bytes kept for the backward pass of the whole batch, in single precision."""
        return None if self.saved is None else self.saved.nbytes()


@dataclass(frozen=True)
class Report:
    """What one forward pass showed.

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
        """Names of the ops of which it is unknown what they save; `saved_bytes` lacks them."""
        return tuple(layer.name for layer in self.layers if layer.saved is None)

    @property
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

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        columns = ("name", "kind", "operation", "input_shape", "output_shape", "params", "macs")
        rows = [
            {**{name: getattr(layer, name) for name in columns}, "saved_bytes": layer.saved_bytes}
            for layer in self.layers
        ]
        return {
            "input_shape": self.input_shape,
            "output_shape": self.output_shape,
            "params": self.params,
            "buffers": self.buffers,
            "macs": self.macs,
            "flops": self.flops,
            "saved_bytes": self.saved_bytes,
            "unknown": self.unknown,
            "unknown_saved": self.unknown_saved,
            "layers": rows,
        }

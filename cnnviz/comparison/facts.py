"""Facts of layers, by which they are compared."""

from typing import Any, NamedTuple

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.ops import Shape


class Facts(NamedTuple):
    """One layer's facts, and and keys from strict to tolerant; layers with equal keys are alike.

    Args:
        compared: values that equal layers share, by name: kind, operation, the attributes (kernel,
            stride …), input_shapes and output_shape of one image, params, macs, and window
            (slices, padding or axes, if any). Values that no report holds, such as a dropout rate,
            are not compared.
        exact: of all compared values.
        sizeless: of all but height, width and operations; independent of the image size.
        settings: of operation and attributes; independent of the width.
        operation: name of the torch function.
        channels: of its inputs and output.
        shapes: of its inputs and output.
        role: last part of its name, such as "conv1".
        home: class of the module around the one that runs it, such as "DenseLayer".
        weighted: whether the layer reads a weight matrix or kernels.
    """

    compared: dict[str, Any]
    exact: str
    sizeless: str
    settings: str
    operation: str
    channels: str
    shapes: str
    role: str
    home: str
    weighted: bool

    @property
    def levels(self) -> tuple[str, str, str, str]:
        """The keys from strict to tolerant; equality in one implies equality in all that follow."""
        return self.exact, self.sizeless, self.settings, self.operation


def facts(report: Report) -> list[Facts]:
    """The facts of every layer of a report, in order."""
    return [_facts(layer, report) for layer in report.layers]


def _facts(layer: Layer, report: Report) -> Facts:
    images = report.input_shape[:1]
    shapes = tuple(_of_one(shape, images) for shape in (*layer.input_shapes, layer.output_shape))
    channels = repr([shape[:1] for shape in shapes])
    settings = f"{layer.operation} {layer.attributes} {layer.reads}"
    compared: dict[str, Any] = {
        "kind": layer.kind,
        "operation": layer.operation,
        **dict(layer.attributes),
        "input_shapes": shapes[:-1],
        "output_shape": shapes[-1],
        "params": layer.params,
        "macs": layer.macs,
    }
    if layer.reads:
        compared["window"] = layer.reads
    return Facts(
        compared=compared,
        exact=repr(compared),
        sizeless=f"{settings} {layer.kind} {channels} {layer.params}",
        settings=settings,
        operation=layer.operation,
        channels=channels,
        shapes=repr(shapes),
        role=layer.name.rpartition(".")[2],
        home=report.modules.get(layer.scope.rpartition(".")[0], ""),
        weighted=layer.weighted,
    )


def _of_one(shape: Shape, images: Shape) -> Shape:
    """A shape without the axis of the batch: (8, 64, 56, 56) of 8 images -> (64, 56, 56)."""
    return shape[1:] if shape[:1] == images else shape

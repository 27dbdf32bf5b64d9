"""The work of a training step, counted in the few kinds that take a device's time.

The seconds of a step are about the sum over the kinds of work × seconds a unit: within a fifth for
most networks of the zoo on a CPU, and enough to plan a demo. For example, a 3×3 convolution counts
its MACs as dense, its output as elements and its call as a weighted op.
"""

from math import prod
from typing import NamedTuple

from cnnviz.analysis.report import Layer, Report

# Passes over memory of local response norm, which torch writes as a pooling and its arithmetic
_LRN_PASSES = 8
_VIEWS = frozenset(
    (
        *("chunk", "dropout", "expand", "flatten", "getitem", "narrow", "permute", "reshape"),
        *("select", "split", "squeeze", "transpose", "unflatten", "unsqueeze", "view", "view_as"),
    )
)


class Work(NamedTuple):
    """Work of a network for one image; ops and params are of a whole step.

    Args:
        dense: MACs of ordinary convolutions with windows.
        pointwise: MACs of 1×1 convolutions.
        grouped: MACs of grouped convolutions.
        depthwise: MACs of convolutions with a group for each channel.
        linear: MACs of linear layers and matrix products.
        elements: of all outputs that are computed and written.
        narrow: groups of convolutions whose map is smaller than their window, which are slow.
        weighted_ops, other_ops: calls of functions, each of which takes time by itself.
        params: trainable elements: read, their gradients written, and updated.
    """

    dense: float = 0
    pointwise: float = 0
    grouped: float = 0
    depthwise: float = 0
    linear: float = 0
    elements: float = 0
    narrow: float = 0
    weighted_ops: float = 0
    other_ops: float = 0
    params: float = 0

    def step(self, batch: int) -> "Work":
        """The work of one training step with a batch of so many images."""
        ops = {name: getattr(self, name) for name in ("weighted_ops", "other_ops", "params")}
        return Work(*(batch * amount for amount in self))._replace(**ops)


def work(report: Report) -> Work:
    """The work of the network that `report`, of a batch of one, was traced from."""
    total = dict.fromkeys(Work._fields, 0.0)
    for layer in report.layers:
        for name, amount in _of(layer).items():
            total[name] += amount
    return Work(**{**total, "params": report.params})


def _of(layer: Layer) -> dict[str, float]:
    if layer.operation in _VIEWS or not layer.output_shape:
        return {}
    elements = prod(layer.output_shape[1:])
    if layer.operation == "local_response_norm":
        elements *= _LRN_PASSES
    if not layer.operation.startswith("conv"):
        kind = "weighted_ops" if layer.macs else "other_ops"
        return {"linear": layer.macs or 0, "elements": elements, kind: 1}
    settings = dict(layer.attributes)
    groups, kernel = settings.get("groups", 1), settings["kernel"]
    narrow = groups if groups > 1 and layer.output_shape[-1] < kernel[-1] else 0
    if groups > 1:
        kind = "depthwise" if groups == layer.input_shape[1] else "grouped"
    else:
        kind = "pointwise" if prod(kernel) == 1 else "dense"
    return {kind: layer.macs or 0, "elements": elements, "narrow": narrow, "weighted_ops": 1}

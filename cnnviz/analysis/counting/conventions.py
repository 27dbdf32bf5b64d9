"""Ways to count the operations of a network, each a table of small rules over the traced rows.

A rule says what one op counts: so many for each multiply-accumulate, each bias that is added, each
value that is written or read. The same rules hold for our own conventions, here, and for those of
other tools (counters.py). An op that a convention has no rule for is unknown, never zero.
"""

from collections.abc import Callable, Iterable, Mapping
from math import ceil, floor, prod
from typing import NamedTuple

from cnnviz.analysis.graph import Node
from cnnviz.analysis.report import Layer, Report

WEIGHTED = ("convolution", "grouped convolution", "linear")


class Rule(NamedTuple):
    """Operations of an op on one image: so many for each of these.

    Args:
        macs: multiply-accumulate.
        biases: bias added, one an output value of a convolution or linear layer that has any.
        outputs, inputs: value that it writes; value of its first input.
        window: value that a pooling window reads, padding included.
        pixels: pixel of the output, whatever its channels.
        params: parameter.
    """

    macs: int = 0
    biases: int = 0
    outputs: int = 0
    inputs: int = 0
    window: int = 0
    pixels: int = 0
    params: int = 0

    def __call__(self, layer: Layer) -> int:
        return sum(
            times * MEASURES[name](layer)
            for name, times in zip(self._fields, self, strict=True)
            if times
        )


def biases(layer: Layer) -> int:
    """How often a convolution or a linear layer adds a bias for one image."""
    if layer.kind not in WEIGHTED or layer.connections is None or layer.macs is None:
        return 0
    return layer.connections - layer.macs


def _window(layer: Layer) -> int:
    settings = dict(layer.attributes)
    if "kernel" in settings:
        return prod(layer.output_shape[1:]) * int(prod(settings["kernel"]))
    if not layer.operation.startswith("adaptive"):
        return prod(layer.input_shape[1:])
    # window i of n over s values reads from ⌊i·s/n⌋ to ⌈(i+1)·s/n⌉
    axes = zip(layer.input_shape[2:], layer.output_shape[2:], strict=True)
    read = (sum(ceil((i + 1) * s / n) - floor(i * s / n) for i in range(n)) for s, n in axes)
    return layer.output_shape[1] * prod(read)


MEASURES: dict[str, Callable[[Layer], int]] = {
    "macs": lambda layer: layer.macs or 0,
    "biases": biases,
    "outputs": lambda layer: prod(layer.output_shape[1:]),
    "inputs": lambda layer: prod(layer.input_shape[1:]),
    "window": _window,
    "pixels": lambda layer: prod(layer.output_shape[2:]),
    "params": lambda layer: layer.params,
}

# Every operation, by the op's name or else by its kind. A function such as e^x counts as one.
_EVERYTHING = {
    **dict.fromkeys(WEIGHTED, Rule(macs=2, biases=1)),
    # in evaluation a·x + b, with a and b known for each channel
    "batch_norm": Rule(outputs=2),
    # x / (k + α·Σx²)^β: a square, n - 1 = 4 sums, ·α, + k, the power and the division
    "local_response_norm": Rule(outputs=9),
    # the mean 1, the variance 3 (difference, square, sum), ·1/σ, scale and shift
    **dict.fromkeys(("group_norm", "layer_norm", "instance_norm"), Rule(outputs=7)),
    "activation": Rule(outputs=1),
    # a maximum of k² values is about as many comparisons; a mean k² - 1 sums and a division
    "pooling": Rule(window=1),
    "merge": Rule(outputs=1),
    "sum": Rule(inputs=1),
    **dict.fromkeys(("addcmul", "addcdiv"), Rule(outputs=2)),
    # copies, and ops that do nothing in evaluation
    **dict.fromkeys(("cat", "concat", "concatenate", "stack", "setitem"), Rule()),
    **dict.fromkeys(("reshape", "other", "unused"), Rule()),
}
CONVENTIONS: dict[str, Mapping[str, Rule]] = {
    "macs": dict.fromkeys(WEIGHTED, Rule(macs=1)),
    "flops": dict.fromkeys(WEIGHTED, Rule(macs=2)),
    "all": _EVERYTHING,
}


def rule(layer: Layer, counting: str) -> Rule | None:
    """Return the op's rule in one of `CONVENTIONS`; None where it is unknown."""
    if layer.macs is None:
        return None
    found = look_up(CONVENTIONS[counting], layer)
    return Rule() if found is None and counting != "all" else found


def look_up(rules: Mapping[str, Rule], layer: Layer) -> Rule | None:
    """The rule of the op's name or else of its kind."""
    return rules.get(layer.operation, rules.get(layer.kind))


def operations(layer: Layer, counting: str) -> int | None:
    """Operations of one image by one of `CONVENTIONS`; None where they are not known."""
    found = rule(layer, counting)
    return None if found is None else found(layer)


def node_operations(report: Report, node: Node, counting: str) -> int | None:
    """Operations of a node of the graph; None if one of its ops is unknown."""
    counts = [operations(report.layers[position], counting) for position in node.positions]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def total_operations(layers: Iterable[Layer], counting: str) -> int:
    """Operations of all layers whose rule is known."""
    return sum(operations(layer, counting) or 0 for layer in layers)

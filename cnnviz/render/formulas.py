"""Sizes, parameters and operations of a layer as arithmetic with its own numbers.

Formulas are plain text, as on a blackboard: (5×5 + 1)×6, ⌊(224 − 7 + 2·3)/2⌋ + 1. Factors of 1 are
left out. A formula is shown only if its value equals the traced number. Shared weights, for
example, are counted at another layer, so a layer that reuses them has no formula.
"""

from itertools import groupby
from math import prod
from typing import NamedTuple

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.counting.conventions import WEIGHTED, Rule, biases, rule
from cnnviz.analysis.graph import Node

_MOST_TERMS = 6  # terms of a sum that are written out
_LONGEST = 70  # characters of a formula that lists the layers of a block
_AXES = {1: ("W",), 2: ("H", "W")}
_CONVOLUTIONS = ("conv1d", "conv2d")
_WINDOWS = (*_CONVOLUTIONS, *(f"{name}_pool{axes}d" for name in ("max", "avg") for axes in (1, 2)))
_SCALE_AND_SHIFT = ("batch_norm", "group_norm", "instance_norm", "addcmul", "layer_norm")


class Formula(NamedTuple):
    """Arithmetic and its value."""

    text: str
    value: int
    is_sum: bool = False

    @property
    def is_number(self) -> bool:
        """Whether the text is a plain number."""
        return self.text.replace(",", "") == str(self.value)


def _number(value: int) -> Formula:
    return Formula(f"{value:,}" if value > 9999 else f"{value}", value)


def _times(*factors: int | Formula) -> Formula:
    """The product, without factors of 1 and with brackets around sums."""
    parts = [_number(part) if isinstance(part, int) else part for part in factors]
    value = prod(part.value for part in parts)
    parts = [part for part in parts if part.text != "1"] or [_number(1)]
    if len(parts) == 1:
        return parts[0]
    texts = (f"({part.text})" if part.is_sum else part.text for part in parts)
    return Formula("×".join(texts), value)


def _plus(*terms: int | Formula) -> Formula:
    """The sum, without terms of 0."""
    parts = [_number(part) if isinstance(part, int) else part for part in terms]
    parts = [part for part in parts if part.value] or [_number(0)]
    if len(parts) == 1:
        return parts[0]
    text = " + ".join(part.text for part in parts)
    return Formula(text, sum(part.value for part in parts), is_sum=True)


def sizes(node: Node) -> list[tuple[str, Formula]]:
    """The output's height and width, computed from the input's: ("H = W", formula)."""
    if node.operation not in _WINDOWS:
        return []
    settings = dict(node.attributes)
    before, after = node.input_shapes[0][2:], node.output_shape[2:]
    dilation = settings.get("dilation", (1,) * len(after))
    columns = (before, settings["kernel"], settings["stride"], settings["padding"], dilation)
    if any(len(column) != len(after) for column in columns):
        return []  # padding="same"
    found = [
        _size(*numbers, up=settings.get("ceil_mode", False))
        for numbers in zip(*columns, strict=True)
    ]
    if [formula.value for formula in found] != list(after):
        return []
    names = _AXES[len(after)]
    if len(set(found)) == 1:
        return [(" = ".join(names), found[0])]
    return list(zip(names, found, strict=True))


def _size(n: int, kernel: int, stride: int, padding: int, dilation: int, *, up: bool) -> Formula:
    """⌊(n − k + 2p)/s⌋ + 1, with a dilated kernel of d·(k − 1) + 1."""
    reach = f"{kernel}" if dilation == 1 else f"({dilation}·({kernel} − 1) + 1)"
    text = f"{n} − {reach}" + (f" + 2·{padding}" if padding else "")
    left = n - dilation * (kernel - 1) - 1 + 2 * padding
    if stride == 1:
        return Formula(f"{text} + 1", left + 1)
    steps = -(-left // stride) if up else left // stride
    opening, closing = ("⌈", "⌉") if up else ("⌊", "⌋")
    return Formula(f"{opening}({text})/{stride}{closing} + 1", steps + 1)


def window(node: Node) -> list[Formula]:
    """The window of adaptive pooling, for each axis: input size / output size."""
    if not node.operation.startswith("adaptive"):
        return []
    axes = zip(node.input_shapes[0][2:], node.output_shape[2:], strict=True)
    return [Formula(f"{n}/{out}", n // out) for n, out in axes if n % out == 0]


def parameters(report: Report, node: Node) -> Formula | None:
    """The number of parameters as arithmetic; None if there is no formula to show."""
    layers = [report.layers[position] for position in node.positions]
    return _whole(node, layers, [(layer.params, _parameters(layer)) for layer in layers])


def _parameters(layer: Layer) -> Formula | None:
    outputs = layer.output_shape[1:]
    if not outputs:
        return None  # the layer cannot run
    bias = 1 if biases(layer) else 0
    if layer.operation in _CONVOLUTIONS:
        return _times(_plus(_times(*_window_of_weights(layer)), bias), outputs[0])
    if layer.operation == "linear":
        return _times(_plus(layer.input_shape[-1], bias), outputs[-1])
    if layer.operation in _SCALE_AND_SHIFT:
        return _times(2, outputs[-1 if layer.operation == "layer_norm" else 0])
    if layer.kind == "merge":
        # a factor a channel, or one parameter per output value, such as the codes of an RBF layer
        return _times(*(outputs[:1] if layer.operation == "mul" else outputs))
    return None


def _window_of_weights(layer: Layer) -> list[int | Formula]:
    """The factors of one filter's size: k, k and the channels of a group."""
    settings = dict(layer.attributes)
    channels, groups = layer.input_shape[1], settings["groups"]
    depth: int | Formula = channels
    if groups > 1:
        quotient = channels // groups
        # depthwise: one channel per filter
        depth = 1 if quotient == 1 else Formula(f"({channels}/{groups})", quotient)
    return [*settings["kernel"], depth]


def cost(report: Report, node: Node, counting: str) -> Formula | None:
    """The operations as arithmetic; None if there is no formula to show.

    Args:
        counting: one of `CONVENTIONS`.
    """
    layers = [report.layers[position] for position in node.positions]
    counts: list[tuple[int, Formula | None]] = []
    for layer in layers:
        counted = rule(layer, counting)
        if counted is None:
            return None
        counts.append((counted(layer), _cost(layer, counted)))
    return _whole(node, layers, counts)


def _cost(layer: Layer, counted: Rule) -> Formula:
    measures = _measures(layer, counted)
    return _plus(*(_times(times, one) for times, one in zip(counted, measures, strict=True)))


def _measures(layer: Layer, counted: Rule) -> list[int | Formula]:
    """For each field of `Rule`, the number that it multiplies, as a product."""
    outputs, inputs = _times(*layer.output_shape[1:]), _times(*layer.input_shape[1:])
    read: int | Formula = inputs
    if counted.window and "kernel" in dict(layer.attributes):
        read = _times(*dict(layer.attributes)["kernel"], *layer.output_shape[1:])
    return [
        _products(layer) if counted.macs else 0,
        outputs if biases(layer) else 0,
        outputs,
        inputs,
        read,
        _times(*layer.output_shape[2:]),
        layer.params,
    ]


def _products(layer: Layer) -> int | Formula:
    if layer.kind not in WEIGHTED:
        return 0
    outputs = layer.output_shape[1:]
    if not outputs or not layer.input_shape:
        return 0  # a single number, such as a scalar product
    if layer.operation in _CONVOLUTIONS:
        return _times(*outputs[1:], outputs[0], *_window_of_weights(layer))
    return _times(*outputs[:-1], layer.input_shape[-1], outputs[-1])


def _whole(
    node: Node, layers: list[Layer], counts: list[tuple[int, Formula | None]]
) -> Formula | None:
    """The sum of the layers' formulas if these are few and short, else of the children's counts."""
    given = [(count, formula) for count, formula in counts if count]
    known = [formula for count, formula in given if formula and formula.value == count]
    if known and len(known) == len(given):
        own = _plus(*known)
        if len(known) == 1 or (len(known) <= _MOST_TERMS and len(own.text) <= _LONGEST):
            return None if own.is_number else own
    if not node.is_block:
        return None
    parts = _parts(node.scope, layers, [count for count, _ in counts])
    return None if parts.is_number else parts


def _parts(block: str, layers: list[Layer], counts: list[int]) -> Formula:
    """The sum over a block's children; equal neighbours become a product, long sums are cut."""
    pairs = [(layer, count) for layer, count in zip(layers, counts, strict=True) if count]
    children = [
        (name, list(members))
        for name, members in groupby(pairs, key=lambda pair: _child(pair[0], block))
    ]
    if len(children) == 1 and len(pairs) > 1:
        name, inside = children[0]
        return _parts(f"{block}.{name}", [x for x, _ in inside], [count for _, count in inside])
    totals = [sum(count for _, count in members) for _, members in children]
    runs = ((total, len(list(run))) for total, run in groupby(totals))
    terms = [_times(times, Formula(f"{total:,}", total)) for total, times in runs]
    if len(terms) <= _MOST_TERMS:
        return _plus(*terms)
    shown = (*terms[: _MOST_TERMS - 2], Formula("…", 0), terms[-1])
    return Formula(" + ".join(term.text for term in shown), sum(totals), is_sum=True)


def _child(layer: Layer, block: str) -> str:
    """The block's child that contains the layer, or the layer itself."""
    if layer.scope == block:
        return layer.name
    return layer.scope.removeprefix(block + ".").split(".")[0]

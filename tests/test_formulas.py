"""Every formula is read by an evaluator of its own and comes to the number beside it."""

import ast
import operator
import re
from fractions import Fraction
from math import ceil, floor

import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.analysis.counting.conventions import CONVENTIONS, node_operations
from cnnviz.analysis.graph import blocks, find, fold, open_to_depth
from cnnviz.render.formulas import cost, parameters, sizes, window

SIGNS = {"×": "*", "·": "*", "−": "-", "⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"}
OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
ROUND = {"floor": floor, "ceil": ceil}
POOLINGS = ("max_pool2d", "avg_pool2d")


def value_of(text: str) -> Fraction:
    """What a formula comes to, read as a person reads it; only whole numbers and + − × / ⌊⌋ ⌈⌉."""
    assert re.fullmatch(r"[0-9,()/+−×·⌊⌋⌈⌉ ]+", text), text
    for sign, code in SIGNS.items():
        text = text.replace(sign, code)

    def evaluate(node: ast.AST) -> Fraction:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](evaluate(node.left), evaluate(node.right))
        if isinstance(node, ast.Call):
            return Fraction(ROUND[node.func.id](evaluate(node.args[0])))
        assert isinstance(node, ast.Constant), ast.dump(node)
        return Fraction(node.value)

    return evaluate(ast.parse(text.replace(",", ""), mode="eval").body)


def check_op(report, node):
    layer = report.layers[node.positions[0]]
    found = parameters(report, node)
    if node.params:
        assert found is None or value_of(found.text) == found.value == node.params
        # a single number needs no arithmetic
        numbers = {("add", 10), ("mul", layer.output_shape[1])}
        assert found is not None or (layer.operation, node.params) in numbers
    else:
        assert found is None
    for counting in CONVENTIONS:
        number = node_operations(report, node, counting)
        found = cost(report, node, counting)
        if found is None:
            assert not number or number == max(node.output_shape[1:]), (node.id, counting)
        else:
            assert value_of(found.text) == found.value == number, (node.id, found.text)
    if node.operation in (*POOLINGS, "conv2d"):
        axes = {}
        for names, formula in sizes(node):
            assert value_of(formula.text) == formula.value
            axes |= dict.fromkeys(names.split(" = "), formula.value)
        assert axes == dict(zip("HW", node.output_shape[2:], strict=True)), node.id
    if node.operation == "adaptive_avg_pool2d":
        reach = [value_of(formula.text) for formula in window(node)]
        assert [x * y for x, y in zip(reach, node.output_shape[2:], strict=True)] == list(
            node.input_shapes[0][2:]
        )


def test_every_op_of_every_preset(preset):
    report = cnnviz.analyze(preset.spec)
    for node in fold(report, open_to_depth(report, 99)).nodes:
        check_op(report, node)


def test_every_block_of_every_preset(preset):
    """Of a long sum, the parts that are shown are those that are there."""
    report = cnnviz.analyze(preset.spec)
    for scope in blocks(report):
        node = find(report, scope)
        numbers = {counting: node_operations(report, node, counting) for counting in CONVENTIONS}
        pairs = [(parameters(report, node), node.params)]
        pairs += [(cost(report, node, counting), number) for counting, number in numbers.items()]
        for found, number in pairs:
            if found and "…" in found.text:
                shown = value_of(found.text.replace(" + … + ", " + "))
                assert found.value == number > shown > 0
            elif found:
                assert value_of(found.text) == found.value == number, (scope, found.text)
        assert pairs[0][0] or sum(1 for p in node.positions if report.layers[p].params) <= 1


@pytest.mark.parametrize(
    ("preset", "name", "what", "text"),
    [
        ("lenet-5", "C1.conv", "params", "(5×5 + 1)×6"),
        ("lenet-5", "C1.conv", "size", "32 − 5 + 1"),
        ("lenet-5", "C1.conv", "macs", "28×28×6×5×5"),
        ("lenet-5", "C3", "params", "(5×5×(18/6) + 1)×6 + (5×5×(36/9) + 1)×9 + 5×5×6 + 1"),
        ("lenet-5", "C5.linear", "params", "(400 + 1)×120"),
        ("resnet-50", "stem.conv", "size", "⌊(224 − 7 + 2·3)/2⌋ + 1"),
        ("resnet-50", "stem.conv", "params", "7×7×3×64"),
        ("resnet-50", "stem.conv", "macs", "112×112×64×7×7×3"),
        ("resnet-50", "stem.conv", "flops", "2×112×112×64×7×7×3"),
        ("resnet-50", "stem.norm", "params", "2×64"),
        ("resnet-50", "stem.norm", "all", "2×64×112×112"),
        ("resnet-50", "stem", "params", "7×7×3×64 + 2×64"),
        ("resnet-50", "stage2", "params", "379,392 + 3×280,064"),
        ("googlenet", "stem.pool1", "size", "⌈(112 − 3)/2⌉ + 1"),
        ("googlenet", "head.classifier", "all", "2×1024×1000 + 1000"),
        ("googlenet", "inception_3a", "params", "12,352 + 129,248 + 15,920 + 6,176"),
        ("mobilenet-v2", "stage1.block1.body.depthwise.conv", "params", "3×3×32"),
        ("densenet-121", "block2", "params", "53,760 + 57,920 + 62,080 + 66,240 + … + 99,520"),
    ],
)
def test_formulas_as_on_a_blackboard(preset, name, what, text):
    report = cnnviz.analyze(cnnviz.spec(preset))
    node = find(report, name)
    if what == "size":
        ((axes, found),) = sizes(node)
        assert axes == "H = W"
    else:
        found = parameters(report, node) if what == "params" else cost(report, node, what)
    assert found.text == text


class Odd(nn.Module):
    """Dilated, uneven, rounded up, padded by name, shared and frozen."""

    def __init__(self):
        super().__init__()
        self.dilated = nn.Conv2d(3, 4, 3, dilation=2, stride=2, padding=1)
        self.uneven = nn.Conv2d(4, 4, (1, 5), stride=(1, 2), padding=(0, 2), groups=2)
        self.mean = nn.AvgPool2d(2, ceil_mode=True)
        self.named = nn.Conv2d(4, 4, 3, padding="same")
        self.frozen = nn.Conv2d(4, 4, 1).requires_grad_(False)
        self.spread = nn.AdaptiveAvgPool2d(2)

    def forward(self, x):
        x = self.mean(torch.max_pool2d(self.uneven(self.dilated(x)), 3, 2, 0, 1, True))
        return self.spread(self.frozen(self.named(self.named(x))))


def test_formulas_of_a_strange_module():
    report = cnnviz.analyze(Odd(), (2, 3, 41, 45))
    nodes = {layer.name: find(report, layer.name) for layer in report.layers}
    (_, high), _ = sizes(nodes["dilated"])
    assert high.text == "⌊(41 − (2·(3 − 1) + 1) + 2·1)/2⌋ + 1"
    assert [axes for axes, _ in sizes(nodes["uneven"])] == ["H", "W"]
    for name in ("dilated", "uneven", "max_pool2d", "mean"):
        shown = {value_of(formula.text) for _, formula in sizes(nodes[name])}
        assert shown == set(nodes[name].output_shape[2:])
    assert sizes(nodes["named"]) == []
    assert parameters(report, nodes["uneven"]).text == "(5×(4/2) + 1)×4"
    assert value_of(parameters(report, nodes["named"]).text) == 148
    assert parameters(report, nodes["named:2"]) is None, "its weights were counted before"
    assert parameters(report, nodes["frozen"]) is None
    assert value_of(cost(report, nodes["frozen"], "macs").text) == nodes["frozen"].macs


def test_the_evaluator_knows_the_signs():
    assert value_of("⌈(112 − 3)/2⌉ + 1") == 56
    assert value_of("2×(3,000 + 2·3)") == 6012
    with pytest.raises(AssertionError):
        value_of("__import__")

"""The arithmetic of a network's depth, against the report's count and the papers' formulas."""

import ast
import operator
from collections import OrderedDict

import pytest
from torch import nn

import cnnviz
from cnnviz.analysis.depth import beside, formula, gates, parts
from cnnviz.zoo import FAMILIES

OPERATORS = {ast.Add: operator.add, ast.Mult: operator.mul}


def value(text):
    """What a sum of products comes to."""

    def of(node):
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](of(node.left), of(node.right))
        assert isinstance(node, ast.Constant), text
        return node.value

    return of(ast.parse(text.replace("·", "*"), mode="eval").body)


def ledger(name, **knobs):
    report = cnnviz.analyze(cnnviz.spec(name, **knobs))
    return formula(parts(report)), report


def test_the_formula_comes_to_the_depth(every_preset):
    report = cnnviz.analyze(every_preset.spec)
    found = parts(report)
    assert value(formula(found)) == report.depth == len(report.longest_path)
    assert sum(part.total for part in found) == report.depth
    weighted = sum(layer.weighted for layer in report.layers)
    assert report.depth + sum(beside(report).values()) == weighted
    assert all(len(block) == part.each for part in found for block in part.blocks)


@pytest.mark.sweep
def test_the_formula_follows_every_knob(family):
    start = FAMILIES[family].presets[0].spec
    for knob in start.knobs():
        for end in knob.extremes:
            try:
                spec = start.turn(**{knob.name: end})
            except cnnviz.SpecError:
                continue
            report = cnnviz.analyze(spec)
            assert value(formula(parts(report))) == report.depth, (knob.name, end)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("densenet-121", "1 + 2·(6+12+24+16) + 3 + 1"),
        ("densenet-264", "1 + 2·(6+12+64+48) + 3 + 1"),
        ("densenet-40-k12", "1 + (12+12+12) + 2 + 1"),
        ("densenet-d2l", "1 + (4+4+4+4) + 3 + 1"),
        ("resnet-18", "1 + 2·(2+2+2+2) + 1"),
        ("resnet-50", "1 + 3·(3+4+6+3) + 1"),
        ("resnet-152", "1 + 3·(3+8+36+3) + 1"),
        ("resnet-20", "1 + 2·(3+3+3) + 1"),
        ("googlenet", "3 + 2·(2+5+2) + 1"),
        ("lenet-5", "2 + 2 + 1"),
        ("lenet-d2l", "2 + 3"),
    ],
)
def test_the_formula_of(name, text):
    assert ledger(name)[0] == text


@pytest.mark.parametrize(
    ("name", "knobs", "text"),
    [
        ("densenet-121", {"depths": (6, 12)}, "1 + 2·(6+12) + 1 + 1"),
        ("densenet-121", {"depths": (6,)}, "1 + 2·6 + 1"),
        ("densenet-121", {"depths": (1, 1, 1)}, "1 + 2·3 + 2 + 1"),
        ("densenet-121", {"bottleneck_ratio": 0}, "1 + (6+12+24+16) + 3 + 1"),
        ("resnet-50", {"block": "basic"}, "1 + 2·(3+4+6+3) + 1"),
        ("resnet-50", {"shortcut": "projection-all"}, "1 + 3·(3+4+6+3) + 1"),
        ("googlenet", {"module": "naive"}, "3 + (2+5+2) + 1"),
        ("googlenet", {"auxiliary_heads": True}, "3 + 2·(2+5+2) + 1"),
    ],
)
def test_the_formula_is_live(name, knobs, text):
    assert ledger(name, **knobs)[0] == text


def test_the_parts_of_densenet_121():
    rows = [(p.name, p.block, len(p.blocks), p.each, p.total) for p in parts(ledger("densenet")[1])]
    assert rows == [
        ("stem", "", 1, 1, 1),
        ("block1", "DenseLayer", 6, 2, 12),
        ("transition1", "Transition", 1, 1, 1),
        ("block2", "DenseLayer", 12, 2, 24),
        ("transition2", "Transition", 1, 1, 1),
        ("block3", "DenseLayer", 24, 2, 48),
        ("transition3", "Transition", 1, 1, 1),
        ("block4", "DenseLayer", 16, 2, 32),
        ("head", "", 1, 1, 1),
    ]


@pytest.mark.parametrize(
    ("name", "knobs", "counts"),
    [
        ("densenet-121", {}, {}),
        ("resnet-50", {}, {"shortcut": 4}),
        ("resnet-50", {"shortcut": "projection-all"}, {"shortcut": 16}),
        ("resnet-20", {}, {}),
        ("googlenet", {}, {"branch": 36}),  # four of the six convolutions of nine modules
        ("googlenet", {"auxiliary_heads": True}, {"branch": 36, "head": 6}),
    ],
)
def test_what_lies_beside_the_path(name, knobs, counts):
    assert beside(ledger(name, **knobs)[1]) == counts


class Odd(nn.Module):
    """A block with a layer of its own, a nest of containers and a function for a layer."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            OrderedDict(
                first=nn.Conv2d(3, 3, 1),
                inner=nn.Sequential(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)),
            )
        )
        self.code = nn.Parameter(nn.init.eye_(nn.Linear(3, 3).weight.detach()))

    def forward(self, x):
        return nn.functional.linear(self.body(x).mean((2, 3)), self.code)


class Row(nn.Sequential):
    """A block of a few convolutions, as in VGG."""

    def __init__(self, count):
        super().__init__(*(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()) for _ in range(count)))


class Halving(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 2, stride=2))


class SqueezeExcite(nn.Module):
    """Two weighted layers that lie beside the map and on the longest path."""

    def __init__(self):
        super().__init__()
        self.reduce, self.expand = nn.Conv2d(3, 1, 1), nn.Conv2d(1, 3, 1)

    def forward(self, x):
        return x * self.expand(self.reduce(x.mean((2, 3), keepdim=True)))


class TwoHeads(nn.Module):
    """The head that runs last is not the deeper one."""

    def __init__(self):
        super().__init__()
        self.deep, self.shallow = Row(2), nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.deep(x), self.shallow(x)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        (Odd(), "3 + 1"),
        (nn.Sequential(Odd().body, Odd().body), "(3+3)"),
        (nn.Sequential(nn.Conv2d(3, 3, 1), Odd()), "1 + 4"),
        (nn.Sequential(Row(2), Row(2), Row(3), nn.Conv2d(3, 3, 1)), "(2+2+3) + 1"),
        (nn.Sequential(Row(2), Row(2), nn.Conv2d(3, 3, 1)), "2·2 + 1"),
        (nn.Sequential(Halving(), nn.ReLU(), Row(2), Row(2), Halving()), "2·2 + 2·2"),
        (nn.Sequential(Halving(), Halving(), Row(1), Halving()), "2·3 + 1"),
        (TwoHeads(), "2"),
        (nn.Conv2d(3, 3, 1), "1"),
        (nn.ReLU(), "0"),
    ],
)
def test_any_module_has_a_formula(module, text):
    report = cnnviz.analyze(module, input_shape=(1, 3, 8, 8))
    assert formula(parts(report)) == text
    assert value(text) == report.depth


def test_the_layers_of_a_gate_are_told_apart():
    module = nn.Sequential(nn.Conv2d(3, 3, 1), nn.Sequential(nn.ReLU(), SqueezeExcite()))
    report = cnnviz.analyze(module, input_shape=(1, 3, 8, 8))
    assert (report.depth, gates(report)) == (3, 2)
    assert gates(ledger("resnet-18")[1]) == 0

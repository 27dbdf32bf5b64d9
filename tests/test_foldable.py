"""Folding follows the data: no folding of any graph makes a cycle."""

import random
from graphlib import TopologicalSorter

import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.analysis.foldable import foldable
from cnnviz.analysis.graph import INPUT_ID, ancestors, blocks, fold, open_to_depth, runs, scopes
from cnnviz.analysis.report import Layer, Report
from cnnviz.render.diagram import draw

ALL = 99


def assert_no_cycle(edges):
    sorter = TopologicalSorter()
    for source, target in edges:
        sorter.add(target, source)
    list(sorter.static_order())


def random_report(seed):
    """Ops in scopes at random, whose ops run in any order, each reading some before it."""
    draw = random.Random(seed)
    names = ["a", "b", "c", "a.d", "a.e", "b.d", "b.d.f", "b.d.g", "c.h", ""]
    layers = []
    for number in range(draw.randint(5, 40)):
        stays = layers and draw.random() < 0.6
        scope = layers[-1].scope if stays else draw.choice(names)
        sources = range(max(-1, number - 8), number)
        inputs = tuple(sorted(set(draw.choices(sources, k=draw.randint(1, 3)))))
        shape = (1, 2, 4, 4)
        operation = draw.choice(["add", "cat", "relu"])
        layers.append(
            Layer(f"op{number}", "merge", operation, scope, shape, shape, inputs=inputs,
                  input_shapes=(shape,) * len(inputs))
        )  # fmt: skip
    return Report((1, 2, 4, 4), (1, 2, 4, 4), tuple(layers), 0, 0, 0, (), dict.fromkeys(names, "B"))


@pytest.mark.parametrize("seed", range(200))
def test_no_folding_of_a_random_graph_makes_a_cycle(seed):
    report = random_report(seed)
    everything = sorted(scopes(report))
    draw = random.Random(seed)
    for _ in range(12):
        opened = [scope for scope in everything if draw.random() < draw.random()]
        for together in (False, True):
            graph = fold(report, opened, together=together)
            assert_no_cycle(graph.edges)
            positions = [position for node in graph.nodes for position in node.positions]
            assert sorted(positions) == list(range(len(report.layers)))


def test_the_random_graphs_would_make_cycles():
    """Folded as their names alone say, most do."""
    cycles = 0
    for seed in range(200):
        report = random_report(seed)
        node_of = {-1: INPUT_ID}
        edges = set()
        for position, layer in enumerate(report.layers):
            node_of[position] = (ancestors(layer.scope) or [layer.name])[0]
            edges |= {(node_of[source], node_of[position]) for source in layer.inputs}
        try:
            assert_no_cycle((a, b) for a, b in edges if a != b)
        except ValueError:
            cycles += 1
    assert cycles > 100


def test_only_what_is_on_a_cycle_is_left_out():
    around = [["a"], ["b"], ["a"], ["c"], ["c"]]
    members = {"a": [0, 2], "c": [3, 4]}
    assert foldable(members, around, [(-1,), (0,), (1,), (2,), (3,)]) == {"c": [3, 4]}
    beside = [(-1,), (-1,), (0,), (1, 2), (3,)]
    assert foldable(members, around, beside) == members, "run in between, but read nothing of it"


class Down(nn.Module):
    def __init__(self):
        super().__init__()
        self.downs = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(3))
        self.ups = nn.ModuleDict({f"up{n}": nn.Conv2d(8, 4, 3, padding=1) for n in range(3)})
        self.head = nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.Conv2d(4, 2, 1))

    def forward(self, x):
        kept = []
        for layer in self.downs:
            x = layer(x)
            kept.append(x)
            x = nn.functional.max_pool2d(x, 2)
        for layer, before in zip(self.ups.values(), reversed(kept), strict=True):
            x = nn.functional.interpolate(x, scale_factor=2)
            x = layer(torch.cat([before, x], 1))
        return self.head(x)


def test_a_u_net_of_lists_is_drawn_at_any_folding():
    report = cnnviz.analyze(Down(), (1, 4, 32, 32))
    assert set(blocks(report)) == {"head"}
    for depth in (1, 2, ALL):
        opened = open_to_depth(report, depth)
        assert_no_cycle(fold(report, opened).edges)
        assert 'class="node"' in draw(report, opened)


def test_two_lists_used_in_turn_keep_one():
    class Turns(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
            self.b = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))

        def forward(self, x):
            left, right = x, x
            for one, other in zip(self.a, self.b, strict=True):
                left, right = one(left), other(right)
            return left + right

    report = cnnviz.analyze(Turns(), (1, 4))
    assert set(blocks(report)) == {"a", "b"}
    assert report.modules["a"] == "ModuleList"
    assert_no_cycle(fold(report).edges)
    assert all(len(run.positions) > 1 for run in runs(report).values())


class Odd(nn.Module):
    """Modules whose names are those of the image, of functions and of later calls, or no words."""

    NAMES = ("input", "relu", "cat", "relu:2", "a\\b", "c\td", "卷积", "e f", '"', "<b>", "add")

    def __init__(self):
        super().__init__()
        for name in self.NAMES:
            self.add_module(name, nn.Sequential(nn.ReLU(), nn.Sigmoid()))
        self.add_module("mul", nn.ReLU())

    def forward(self, x):
        for name in (*self.NAMES, *self.NAMES):
            x = self._modules[name](x)
        x = torch.cat([torch.relu(x), torch.relu(x)], 1)
        return self._modules["mul"](x * x) + x


def test_names_whatever_they_are():
    report = cnnviz.analyze(Odd(), (1, 2, 4, 4))
    names = [layer.name for layer in report.layers]
    assert len(names) == len({*names}) == 4 * len(Odd.NAMES) + 6
    assert not {*names} & {INPUT_ID, *blocks(report)}
    for depth in (1, ALL):
        opened = open_to_depth(report, depth)
        graph = fold(report, opened)
        svg = draw(report, opened)
        assert svg.count('class="node') == len(graph.nodes) + 1
        assert svg.count('class="edge') >= len(graph.edges)

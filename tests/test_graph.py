"""Folding and drawing: nothing is lost, nothing is counted twice, nothing runs backwards."""

import re
import subprocess
from collections import Counter
from graphlib import TopologicalSorter
from xml.etree import ElementTree

import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.analysis.graph import INPUT_ID, ancestors, blocks, find, fold, open_to_depth
from cnnviz.render import diagram
from cnnviz.render.diagram import DrawingError, draw, to_dot

ALL = 99
PIXELS = 4 / 3  # a point
STAGE = 596 - 24  # px, that the page has for a drawing where the window is 1366 px wide
SMALLEST = 0.75  # the smallest scale at which the page opens a drawing


def foldings(report):
    everything = open_to_depth(report, ALL)
    yield from (frozenset(), open_to_depth(report, 2), everything)
    yield frozenset(list(everything)[::2])


def test_every_folding_keeps_the_totals_and_the_order(preset):
    report = cnnviz.analyze(preset.spec)
    for opened in foldings(report):
        graph = fold(report, opened)
        assert sum(node.params for node in graph.nodes) == report.params
        assert sum(node.macs for node in graph.nodes) == report.macs
        positions = [position for node in graph.nodes for position in node.positions]
        assert sorted(positions) == list(range(len(report.layers)))
        order = TopologicalSorter()
        for source, target in graph.edges:
            order.add(target, source)
        reached = set(order.static_order())
        assert reached == {INPUT_ID, *(node.id for node in graph.nodes)}


def test_opens_folded_to_blocks():
    graph = fold(cnnviz.analyze(cnnviz.spec("densenet")))
    assert [node.id for node in graph.nodes][:3] == ["stem", "block1", "transition1"]
    assert graph.nodes[1].repeated == ("DenseLayer", 6)
    assert len(graph.edges) == len(graph.nodes), "a chain"


def test_a_dense_block_is_a_running_concatenation():
    report = cnnviz.analyze(cnnviz.spec("densenet-40-k12"))
    graph = fold(report, {"block1"})
    edges = set(graph.edges)
    for number in range(2, 13):
        before = "block1.cat" + (f":{number - 1}" if number > 2 else "")
        assert (before, f"block1.layer{number}") in edges
        assert (before, f"block1.cat:{number}") in edges
        assert (f"block1.layer{number}", f"block1.cat:{number}") in edges


def test_a_list_of_maps_is_drawn_as_a_running_concatenation():
    """The form that keeps all maps and concatenates them for every layer: same net, same edges."""

    class ListBlock(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Conv2d(4 * n, 4, 1) for n in range(1, 7))

        def forward(self, x):
            maps = [x]
            for layer in self.layers:
                maps.append(layer(torch.cat(maps, dim=1)))
            return torch.cat(maps, dim=1)

    report = cnnviz.analyze(ListBlock(), (1, 4, 8, 8))
    cats = [x for x in report.layers if x.operation == "cat"]
    assert [len(x.inputs) for x in cats] == [1, 2, 3, 4, 5, 6, 7]
    graph = fold(report, open_to_depth(report, ALL))
    into = Counter(target for _, target in graph.edges)
    assert max(into.values()) == 2
    assert ("cat:2", "cat:3") in graph.edges


def test_open_to_depth_and_find(preset):
    report = cnnviz.analyze(preset.spec)
    everything = open_to_depth(report, ALL)
    assert everything == blocks(report).keys()
    assert len(fold(report, everything).nodes) == len(report.layers)
    for name in (report.layers[0].name, *everything):
        assert find(report, name).id == name
    assert find(report, "nowhere") is None
    assert ancestors("a.b.c") == ["a", "a.b", "a.b.c"]


@pytest.mark.parametrize("name", ["lenet-5", "densenet-121"])
def test_the_unfolded_drawing_has_one_node_an_op(name):
    report = cnnviz.analyze(cnnviz.spec(name))
    svg = draw(report, open_to_depth(report, ALL))
    ids = re.findall(r'<g id="([^"]+)" class="node"', svg)
    assert sorted(ids) == sorted(layer.name for layer in report.layers)
    clusters = re.findall(r'<g id="([^"]+)" class="cluster"', svg)
    assert sorted(clusters) == sorted(blocks(report))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_preset_draws_folded(every_preset, language):
    report = cnnviz.analyze(every_preset.spec)
    svg = draw(report, (), language)
    assert svg.startswith("<svg")
    for node in fold(report).nodes:
        assert node.id in svg
    width = float(re.search(r'viewBox="[\d.]+ [\d.]+ ([\d.]+)', svg)[1])
    assert width * PIXELS * SMALLEST <= STAGE, "wider than its place on the page"


def test_names_cannot_break_the_drawing():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.add_module('<b>"x"&\\N', nn.Sequential(nn.ReLU(), nn.Sigmoid()))
            for name in ("plain:1", "<start>", "end\\", "cluster_a", "%"):
                self.add_module(name, nn.Sequential(nn.ReLU(), nn.Sigmoid()))

        def forward(self, x):
            for part in self.children():
                x = part(x)
            return x

    report = cnnviz.analyze(Odd(), (1, 1, 4, 4))
    for opened in foldings(report):
        svg = draw(report, opened)
        assert "<b>" not in svg
        assert "&lt;b&gt;" in svg
        drawn = {group.get("id") for group in ElementTree.fromstring(svg).iter()}
        for node in fold(report, opened).nodes:
            assert {node.id, *node.path} <= drawn


def test_no_graphviz_is_a_sentence(monkeypatch):
    monkeypatch.setattr(diagram.shutil, "which", lambda name: None)
    with pytest.raises(DrawingError, match="apt-get install graphviz"):
        diagram.to_svg("digraph {}")


def test_a_drawing_that_takes_too_long_is_a_sentence(monkeypatch):
    def expire(*args, **kwargs):
        raise subprocess.TimeoutExpired("dot", 30)

    monkeypatch.setattr(diagram.subprocess, "run", expire)
    with pytest.raises(DrawingError, match="fold some blocks"):
        diagram.to_svg("digraph {}")


def test_a_source_that_dot_refuses_is_a_sentence():
    with pytest.raises(DrawingError, match="Graphviz failed"):
        diagram.to_svg("this is no graph")


def test_dot_source_is_stable():
    """The same network gives the same drawing, so that it can be cached and compared."""
    report = cnnviz.analyze(cnnviz.spec("lenet"))
    assert to_dot(report, fold(report)) == to_dot(report, fold(report))

"""Where things stand in the drawing: branches in the paper's order, bypasses to the right."""

import html
import re
from collections import Counter
from itertools import pairwise

import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.analysis.bypass import IDENTITY, INTO_CONCAT, PROJECTION
from cnnviz.analysis.graph import ancestors, fold, open_to_depth
from cnnviz.render.diagram import draw, draw_branches
from cnnviz.zoo import PRESETS

ALL = 99
GROUP = re.compile(r'<g id="([^"]+)" class="(node|cluster)">(.*?)</g>', re.DOTALL)
EDGE = re.compile(
    r'<g id="[^"]+" class="edge ?([^"]*)">\s*<title>([^<]*)</title>(.*?)</g>', re.DOTALL
)


def sides(svg):
    """Left and right of every node and frame, in points."""
    found = {}
    for name, _, body in GROUP.findall(svg):
        outline = re.search(r'<(?:path|polygon)[^>]* (?:d|points)="([^"]+)"', body)[1]
        xs = [float(x) for x in re.findall(r"(-?[\d.]+),", outline)]
        found[html.unescape(name)] = min(xs), max(xs)
    return found


def edges(svg):
    """(source, target, class, right end) of every drawn edge."""
    for kind, title, body in EDGE.findall(svg):
        source, target = html.unescape(title).split("->")
        line = re.search(r' d="([^"]+)"', body)[1]
        yield source, target, kind, max(float(x) for x in re.findall(r"(-?[\d.]+),", line))


def joined_branches(report):
    """Of each concatenation in a block: the block, and what each input comes from within it."""
    for layer in report.layers:
        if layer.operation != "cat" or not layer.scope:
            continue
        depth = layer.scope.count(".") + 1
        inside = [report.layers[source] for source in layer.inputs]
        if all(source.scope.startswith(f"{layer.scope}.") for source in inside):
            yield layer.scope, [ancestors(source.scope)[depth] for source in inside]


INCEPTIONS = [
    name
    for name, preset in PRESETS.items()
    if "inception" in name or preset.spec.family == "googlenet"
]


@pytest.mark.parametrize("unfolded", [False, True], ids=["branches", "ops"])
@pytest.mark.parametrize("name", INCEPTIONS)
def test_branches_stand_in_the_order_in_which_they_are_joined(name, unfolded):
    report = cnnviz.analyze(PRESETS[name].spec)
    modules = list(joined_branches(report))
    assert modules
    opened = {scope for block, _ in modules for scope in ancestors(block)}
    place = sides(draw(report, open_to_depth(report, ALL) if unfolded else opened))
    for block, branches in modules:
        boxes = [place[branch] for branch in branches if branch in place]
        assert len(boxes) == len(branches) > 1, block
        assert boxes == sorted(boxes), block
        assert all(one[1] <= other[0] for one, other in pairwise(boxes)), block


def test_the_editor_has_the_same_order():
    report = cnnviz.analyze(cnnviz.spec("googlenet"))
    place = sides(draw_branches(report, "inception_3a"))
    names = ("branch1.conv", "branch2.reduce", "branch3.reduce", "branch4.pool")
    first = [place[f"inception_3a.{name}"] for name in names]
    assert first == sorted(first)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("resnet-18", {IDENTITY: 5, PROJECTION: 3}),
        ("resnet-20", {IDENTITY: 9}),
        ("plain-20", {}),
        ("preact-resnet-50", {IDENTITY: 12, PROJECTION: 4}),
        ("densenet-40-k12", {INTO_CONCAT: 36}),
        ("mobilenet-v2", {IDENTITY: 10}),
        ("shufflenet-v2-x1", {INTO_CONCAT: 13}),
        ("xception", {IDENTITY: 8, PROJECTION: 4}),
        ("googlenet", {}),
    ],
)
@pytest.mark.parametrize("unfolded", [False, True], ids=["blocks", "ops"])
def test_what_goes_past_layers_is_thick_and_to_the_right(name, count, unfolded):
    """One a block, in a class of its own; the line reaches beyond the layers that it passes."""
    report = cnnviz.analyze(cnnviz.spec(name))
    everything = open_to_depth(report, ALL)
    around = {a for x in report.layers if x.kind == "merge" for a in ancestors(x.scope)}
    opened = everything if unfolded else everything & around
    graph = fold(report, opened)
    merges = {x.name for x in report.layers if x.operation in ("add", "cat")}
    into = {edge: kind for edge, kind in graph.bypasses.items() if edge[1] in merges}
    assert Counter(into.values()) == count
    svg = draw(report, opened)
    place = sides(svg)
    drawn = {(source, target): (kind, right) for source, target, kind, right in edges(svg)}
    inputs = {target: [s for s, t in graph.edges if t == target] for _, target in into}
    for edge, kind in into.items():
        seen, right = drawn[edge]
        assert seen == kind
        others = [source for source in inputs[edge[1]] if source != edge[0]]
        assert all(right > place[other][1] or kind == PROJECTION for other in others), edge
        if kind == PROJECTION:
            assert all(place[edge[0]][0] >= place[other][1] for other in others), edge


def test_identity_and_projection_differ_without_colour():
    report = cnnviz.analyze(cnnviz.spec("resnet-18"))
    svg = draw(report, open_to_depth(report, ALL))
    dashed = {
        kind for kind, _, body in EDGE.findall(svg) if "stroke-dasharray" in body.split("/>")[0]
    }
    thick = {kind for kind, _, body in EDGE.findall(svg) if 'stroke-width="3"' in body}
    assert dashed == {PROJECTION}
    assert thick == {IDENTITY, PROJECTION}


def test_every_edge_is_drawn_and_named(preset):
    report = cnnviz.analyze(preset.spec)
    for opened in (frozenset(), open_to_depth(report, 2), open_to_depth(report, ALL)):
        graph = fold(report, opened)
        drawn = {(source, target) for source, target, _, _ in edges(draw(report, opened))}
        assert drawn >= set(graph.edges)
        assert all(target in opened for _, target in drawn - set(graph.edges)), "lines into frames"


def test_a_sum_of_equal_sides_has_no_shortcut():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.other = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 3, padding=1)

        def forward(self, x):
            y = x + self.one(x)
            return self.one(y) + self.other(y)

    report = cnnviz.analyze(Two(), (1, 4, 8, 8))
    assert fold(report).bypasses == {("input", "add"): IDENTITY}


def test_branches_follow_the_concatenation_not_the_calls():
    class Backwards(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 8, 1)

        def forward(self, x):
            two = self.two(x)
            return torch.cat([self.one(x), two], dim=1)

    report = cnnviz.analyze(Backwards(), (1, 4, 8, 8))
    place = sides(draw(report))
    assert place["one"][1] <= place["two"][0]

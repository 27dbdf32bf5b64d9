"""Layers that repeat as one box: nothing is lost, any of them can be opened, names stay."""

from graphlib import TopologicalSorter

import pytest
from torch import nn

import cnnviz
from cnnviz.analysis.graph import INPUT_ID, blocks, find, fold, frames, open_to_depth, runs, scopes
from cnnviz.render.diagram import draw
from cnnviz.render.formulas import cost, parameters
from cnnviz.render.labels import node_text
from cnnviz.ui.session.look import Look

ALL = 99


@pytest.mark.parametrize(
    ("name", "run", "text"),
    [
        ("resnet-50", "stage2.block2…block4", "Bottleneck ×3"),
        ("densenet-121", "block1.layer2…layer6", "Dense layer ×5"),
        ("inception-v4", "inception_b.block2…block7", "Inception-B ×6"),
        ("shufflenet-v1-g3", "stage3.unit2…unit8", "Shuffle unit ×7"),
        ("xception", "middle.block2…block8", "Xception block ×7"),
    ],
)
def test_equal_blocks_in_a_row_are_one_box(name, run, text):
    report = cnnviz.analyze(cnnviz.spec(name))
    scope = run.rpartition(".")[0]
    graph = fold(report, {scope}, together=True)
    (box,) = [node for node in graph.nodes if node.id == run]
    assert node_text(box, report, "en") == text
    assert find(report, run).positions == box.positions
    opened = fold(report, {scope, run}, together=True)
    inside = [node for node in opened.nodes if node.path == (scope, run)]
    assert sum(node.is_block for node in inside) == int(text.rpartition("×")[2])
    assert run not in {node.id for node in opened.nodes}


def test_every_folding_keeps_the_totals_and_the_order(preset):
    report = cnnviz.analyze(preset.spec)
    for opened in (open_to_depth(report, 2), open_to_depth(report, ALL), scopes(report)):
        graph = fold(report, opened, together=True)
        assert sum(node.params for node in graph.nodes) == report.params
        positions = [position for node in graph.nodes for position in node.positions]
        assert sorted(positions) == list(range(len(report.layers)))
        order = TopologicalSorter()
        for source, target in graph.edges:
            order.add(target, source)
        assert set(order.static_order()) == {INPUT_ID, *(node.id for node in graph.nodes)}
    assert len(graph.nodes) == len(report.layers), "all open: a node an op"


def test_what_is_in_a_run_is_the_same(preset):
    """By their state: the shapes of the parameters of all blocks but their inputs' channels."""
    report = cnnviz.analyze(preset.spec)
    for run in runs(report).values():
        nodes = [find(report, scope) for scope in blocks(report) if _is_child(scope, run)]
        inside = [node for node in nodes if set(node.positions) <= set(run.positions)]
        assert len(inside) == run.count
        assert len({node.operation for node in inside}) == 1
        assert len({node.output_shape for node in inside}) == 1
        assert len({len(node.positions) for node in inside}) == 1


def _is_child(scope, run):
    return scope.rpartition(".")[0] == run.scope


def test_the_formulas_of_a_run_come_to_its_numbers():
    report = cnnviz.analyze(cnnviz.spec("resnet-50"))
    node = find(report, "stage2.block2…block4")
    assert parameters(report, node).value == node.params
    assert cost(report, node, "macs").value == node.macs
    assert "3×" in parameters(report, node).text


def test_any_of_them_can_be_reached():
    report = cnnviz.analyze(cnnviz.spec("densenet-121"))
    look = Look().reaching(report, "block3.layer17.conv1")
    assert look.opened == {"block3", "block3.layer2…layer24", "block3.layer17"}
    assert look.opened == set(frames(report, find(report, look.selected).positions[0]))
    shown = {node.id for node in fold(report, look.opened, together=True).nodes}
    assert "block3.layer17.conv1" in shown
    assert "▾ layer17" in draw(report, look.opened, together=True), "not its whole path"


def test_layers_beside_each_other_do_not_repeat():
    class Beside(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleList(
                nn.Sequential(nn.Conv2d(4, 4, 1), nn.ReLU()) for _ in range(4)
            )

        def forward(self, x):
            return sum(part(x) for part in self.parts)

    report = cnnviz.analyze(nn.Sequential(Beside()), (1, 4, 8, 8))
    assert runs(report) == {}


def test_a_run_of_two_is_left_alone():
    report = cnnviz.analyze(cnnviz.spec("resnet-18"))
    assert runs(report) == {}


def test_without_being_asked_every_block_is_drawn():
    report = cnnviz.analyze(cnnviz.spec("resnet-50"))
    assert {node.id for node in fold(report, {"stage2"}).nodes} >= {
        *(f"stage2.block{number}" for number in (1, 2, 3, 4))
    }

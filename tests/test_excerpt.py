"""A block on its own: nothing of it is lost, and it is compared with what could stand there."""

import pytest

import cnnviz
from cnnviz.analysis.excerpt import excerpt, followers, single_convolution
from cnnviz.analysis.graph import blocks, find, fold
from cnnviz.analysis.trace import INPUT
from cnnviz.render.diagram import draw_branches


@pytest.fixture
def report():
    return cnnviz.analyze(cnnviz.spec("googlenet"))


def test_a_block_against_one_convolution(report):
    """The course: 0.16 M and 128 M against 0.44 M and 346 M, and 1.22 M and 963 M."""
    block = find(report, "inception_3a")
    singles = [single_convolution(block, kernel, bias=True) for kernel in (3, 5)]
    assert [(x.params, x.macs) for x in (block, *singles)] == [
        (163_696, 128_049_152),
        (442_624, 346_816_512),
        (1_229_056, 963_379_200),
    ]


def test_an_excerpt_has_the_costs_of_its_block(preset):
    report = cnnviz.analyze(preset.spec)
    for scope in blocks(report):
        part, whole = excerpt(report, scope), find(report, scope)
        assert (part.params, part.macs) == (whole.params, whole.macs)
        assert part.input_shape == whole.input_shapes[0]
        assert part.output_shape == whole.output_shape
        for position, layer in enumerate(part.layers):
            assert all(INPUT <= source < position for source in layer.inputs)


def test_ops_are_left_out_and_the_rest_stays_joined(report):
    part = excerpt(report, "inception_3a", leave_out=("activation", "normalisation"))
    reads = {
        layer.name: [part.layers[i].name for i in layer.inputs if i >= 0] for layer in part.layers
    }
    assert reads["inception_3a.branch2.conv"] == ["inception_3a.branch2.reduce"]
    assert reads["inception_3a.branch4.project"] == ["inception_3a.branch4.pool"]
    assert reads["inception_3a.cat"] == [
        f"inception_3a.{name}"
        for name in ("branch1.conv", "branch2.conv", "branch3.conv", "branch4.project")
    ]
    assert len(part.layers) == 8


def test_who_reads_a_block():
    report = cnnviz.analyze(cnnviz.spec("googlenet", auxiliary_heads=True))
    graph = fold(report)
    assert followers(graph, "inception_3b") == ["inception_4a"], "through the pooling"
    assert set(followers(graph, "inception_4a")) == {"auxiliary_4a", "inception_4b"}
    assert followers(graph, "inception_5b") == ["head"]
    assert followers(graph, "head") == []


@pytest.mark.parametrize(("language", "word"), [("en", "max pool 3×3"), ("zh", "最大池化 3×3")])
def test_the_picture_of_the_branches(report, language, word):
    svg = draw_branches(report, "inception_3a", language)
    assert svg.count('class="node"') == 8
    for text in (word, "96×28×28", "16×28×28", "256×28×28", "192×28×28"):
        assert text in svg

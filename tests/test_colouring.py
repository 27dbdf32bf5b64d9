"""What nodes' colours say: their kind, or how much they have of a measure; told without colour."""

import re
from itertools import combinations

import numpy as np
import pytest
from plotly.colors import sequential

import cnnviz
from cnnviz.analysis.graph import fold, open_to_depth
from cnnviz.render.colouring import COLOURINGS, MEASURES, TIME, Colouring, contrast, shade
from cnnviz.render.diagram import draw
from cnnviz.render.kinds import KINDS
from cnnviz.render.legend import legend

ALL = 99
SHARES = [step / 100 for step in range(101)]


@pytest.mark.parametrize("share", SHARES)
def test_ink_on_the_scale_meets_aa(share):
    assert contrast(*shade(share)) >= 4.5


def test_the_scale_is_cividis():
    """Its ends, and ever lighter in between: told apart in grey, too."""
    assert shade(0).colour == sequential.Cividis[0].upper()
    assert shade(1).colour == sequential.Cividis[-1].upper()
    light = [contrast(shade(share).colour, "#000000") for share in SHARES]
    assert light == sorted(light)


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#FFFFFF", 21), ("#777777", "#FFFFFF", 4.48)]
)
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("depth", [1, ALL])
def test_the_largest_is_lightest(measure, depth):
    report = cnnviz.analyze(cnnviz.spec("vgg-d"))
    graph = fold(report, open_to_depth(report, depth))
    fill = Colouring(report, graph, measure)
    values = {node.id: MEASURES[measure].of(report, node) for node in graph.nodes}
    known = [node for node in graph.nodes if values[node.id] is not None]
    light = {node.id: contrast(fill(node).colour, "#000000") for node in known}
    assert sorted(known, key=lambda node: values[node.id]) == sorted(
        known, key=lambda node: (light[node.id], values[node.id])
    )
    assert shade(1) in {fill(node) for node in known}


def test_memory_is_what_the_report_says():
    report = cnnviz.analyze(cnnviz.spec("resnet-18"))
    graph = fold(report)
    saved = [MEASURES["memory"].of(report, node) for node in graph.nodes]
    image = 4 * 3 * 224 * 224
    assert sum(saved) == report.saved_bytes or sum(saved) + image == report.saved_bytes


@pytest.mark.parametrize("colour_by", COLOURINGS)
def test_the_legend_has_every_colour_of_ops_and_the_drawing_its_text(colour_by):
    report = cnnviz.analyze(cnnviz.spec("resnet-18"))
    everything = open_to_depth(report, ALL)
    svg = draw(report, everything, colour_by=colour_by).upper()
    graph = fold(report, everything)
    for node in graph.nodes:
        colour, ink = Colouring(report, graph, colour_by)(node)
        assert f'FILL="{colour}"' in svg or colour == "#FFFFFF"
        assert contrast(colour, ink) >= 4.5
    html = legend(report, graph, "zh", colour_by=colour_by)
    assert html.count("<i ") >= 5
    assert html.count("<b ") == 2, "the two kinds of shortcut"
    if colour_by == "kind":
        for kind in {layer.kind for layer in report.layers}:
            assert KINDS[kind].label.zh in html


def test_times_are_those_of_the_ops_in_a_box():
    """The slower half of the network, by its times alone, is the lighter one."""
    report = cnnviz.analyze("resnet-18")
    graph = fold(report)
    times = [0.25] * len(report.layers)
    *_, last, head = graph.nodes
    times[last.positions[0]] = 40.0
    fill = Colouring(report, graph, TIME, times)
    assert fill(last) == shade(1)
    most = 40.0 + 0.25 * (len(last.positions) - 1)
    assert fill(head) == shade(0.25 * len(head.positions) / most)
    texts = [entry.label.en for entry in fill.legend("en")]
    assert texts == ["0", *(f"{most * share:#.3g} ms" for share in (0.25, 0.5, 0.75, 1))]


def test_a_network_without_times_is_blank_and_says_so():
    report = cnnviz.analyze("lenet-5")
    graph = fold(report)
    fill = Colouring(report, graph, TIME)
    assert {fill(node).colour for node in graph.nodes} == {"#FFFFFF"}
    assert [entry.label.zh for entry in fill.legend("zh")] == ["未测量"]


def test_kinds_are_told_apart_without_colour():
    """Marks differ between kinds, and every op and every chip has its mark."""
    for language in ("en", "zh"):
        marks = [kind.mark(language) for kind in KINDS.values()]
        assert len(set(marks)) == len(marks)
    report = cnnviz.analyze(cnnviz.spec("lenet-5"))
    unfolded = draw(report, open_to_depth(report, ALL))
    for layer in report.layers:
        group = re.search(rf'<g id="{layer.name}" class="node">(.*?)</g>', unfolded, re.DOTALL)[1]
        mark = re.search(r'<text[^>]*class="mark"[^>]*>([^<]*)', group)[1]
        assert mark.strip() == KINDS[layer.kind].mark.en
    folded = draw(report)
    for node in fold(report).nodes:
        group = re.search(rf'<g id="{node.id}" class="node">(.*?)</g>', folded, re.DOTALL)[1]
        found = {text.strip() for text in re.findall(r'class="mark"[^>]*>([^<]*)', group)}
        inside = {KINDS[report.layers[position].kind].mark.en for position in node.positions}
        assert found == inside


# Machado, Oliveira and Fernandes (2009), doi 10.1109/TVCG.2009.113, severity 1, on linear RGB
COLOUR_BLIND = {
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]
WHITE = [0.95047, 1, 1.08883]  # D65
WITH_COST = KINDS.keys() - {"reshape", "other", "unknown", "broken", "unused", "block"}


def as_seen(colour, vision):
    """CIE L*a*b* of an sRGB colour as it is seen."""
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    x = XYZ @ np.clip(COLOUR_BLIND[vision] @ linear, 0, 1) / WHITE
    f = np.where(x > (6 / 29) ** 3, np.cbrt(x), x * (29 / 6) ** 2 / 3 + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", COLOUR_BLIND)
def test_bars_that_look_alike_to_the_colour_blind_have_other_hatches(vision):
    for one, other in combinations(WITH_COST, 2):
        seen = [as_seen(KINDS[kind].colour, vision) for kind in (one, other)]
        if np.linalg.norm(seen[0] - seen[1]) < 15:
            assert KINDS[one].hatch != KINDS[other].hatch, (one, other)

"""Graphs side by side on the Compare page: linked, selected, and marked where they differ."""

import re
from xml.etree import ElementTree

import pytest
from compare_page_driver import open_page, open_tab
from page_driver import said
from playwright.sync_api import expect

import cnnviz
from cnnviz.analysis.graph import scopes
from cnnviz.comparison import compare
from cnnviz.comparison.partners import differences
from cnnviz.render.diagram import draw
from cnnviz.render.difference_marks import MARKS, with_marks
from cnnviz.ui.compare.graphs import Graphs

expect.set_options(timeout=20_000)  # a shared machine may be busy


def graphs_of(app, *names, linked=True):
    """The graphs of some of the networks, without a browser."""
    slots = [app.session_state[f"slot.{name}"] for name in names]
    return Graphs(compare(*(slot.spec for slot in slots)), slots, linked)


def see(graphs, number, change):
    """What a graph's component asks for: a change of the look that was drawn."""
    drawn = graphs.slots[number].look
    graphs.see(number, drawn, change(drawn))


def test_unfolding_and_selecting_go_through_the_alignment():
    app = open_page(n1="resnet-18", n2="resnet-34", n3="vgg-d")
    linked = graphs_of(app, "n1", "n2")
    first, second = linked.slots
    reports = [cnnviz.analyze(slot.spec) for slot in linked.slots]
    everything = [scopes(report) for report in reports]
    see(linked, 1, lambda look: look.toggling(reports[1], "stage2"))
    see(linked, 1, lambda look: look.toggling(reports[1], "stage2.block2"))
    assert first.look.opened == second.look.opened == {"stage2", "stage2.block2"}
    assert first.look.selected == second.look.selected == "stage2.block2"
    see(linked, 0, lambda look: look.toggling(reports[0], "stage2"))
    assert first.look.opened == second.look.opened == frozenset()
    see(linked, 1, lambda look: look.unfolding({"stage2", "stage2.block4"}))
    assert first.look.opened == {"stage2"}, "nothing stands beside the fourth block"
    see(linked, 1, lambda look: look.at("stage2.block1"))
    assert first.look.selected == second.look.selected == "stage2.block1"
    see(linked, 1, lambda look: look.at("stage2.block4"))
    assert (first.look.selected, second.look.selected) == (None, "stage2.block4")
    see(linked, 0, lambda look: look.unfolding(everything[0]))
    assert [slot.look.opened for slot in linked.slots] == everything
    see(linked, 1, lambda look: look.unfolding(frozenset()))
    assert first.look.opened == second.look.opened == frozenset()
    alone = graphs_of(app, "n1", "n2", linked=False)
    see(alone, 0, lambda look: look.toggling(reports[0], "stem"))
    assert (first.look.opened, second.look.opened) == ({"stem"}, frozenset())
    assert second.look.selected == "stage2.block4"


def test_what_is_selected_stands_side_by_side():
    app = open_page(n1="resnet-50", n2="resnext-50-32x4d", n3="vgg-d")
    linked = graphs_of(app, "n1", "n2", "n3")
    see(linked, 0, lambda look: look.at("stage1.block2.body.conv2"))
    open_tab(app, "Graphs")
    lines = [line.split("|")[1:-1] for line in said(app).splitlines() if line.count("|") == 6]
    cells = {label.strip(): [cell.strip(" *") for cell in rest] for label, *rest in lines}
    spec = cnnviz.analyze(cnnviz.spec("resnet-50"))
    layer = next(one for one in spec.layers if one.name == "stage1.block2.body.conv2")
    assert cells["**Name**"][1:3] == [layer.name, layer.name]
    assert cells["kernel"][1:3] == ["3×3", "3×3"]
    assert ":orange" in cells["groups"][0]
    assert cells["groups"][1:3] == ["1", "32"]
    assert cells["Parameters"][1] == f"{layer.params:,}"
    assert not cells["kernel"][0], "equal: no sign"


def test_differences_are_marked_in_the_drawing():
    comparison = compare(cnnviz.spec("resnet-18"), cnnviz.spec("resnet-34", num_classes=10))
    for number, network in enumerate(comparison.networks):
        found = differences(comparison, number)
        drawn = draw(network.report, ("head", "stage1"))
        svg = ElementTree.fromstring(with_marks(drawn, found, "en"))
        shown = {
            group.get("id"): "".join(group.itertext())
            for group in svg.iter("{http://www.w3.org/2000/svg}g")
            if group.get("class") in ("node", "cluster")
        }
        for name, text in shown.items():
            word = (
                f"{MARKS[found[name]].sign} {MARKS[found[name]].word.en}" if name in found else ""
            )
            assert ("≠" in text, "+ not" in text) == (
                word == "≠ changed",
                word is not None and "+" in word,
            )
        assert "≠ changed" in shown["head.classifier"]
        assert len(shown) == len(re.findall('class="(?:node|cluster)"', drawn))
    assert "+ not in all networks" in shown["stage1.block3"]
    assert "≠ changed" in shown["stage1"]


@pytest.mark.browser
def test_a_browser_links_the_graphs_and_says_the_differences(server, browser):
    page = browser.new_page(locale="en-US")
    page.goto(f"{server}/compare?n1=resnet-18&n2=resnet-34")
    page.get_by_role("tab", name="Graphs").click()
    first, second = (page.locator(".stage").nth(number) for number in (0, 1))
    second.locator("g#stage1").dblclick()
    expect(second.locator('g[id="stage1.block3"]')).to_have_attribute(
        "aria-label", re.compile(r"\+ not in all networks$")
    )
    expect(first.locator('g[id="stage1.block2"]')).to_be_visible()
    first.locator('g[id="stage1.block2"]').click()
    expect(second.locator('g[id="stage1.block2"]')).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("cell", name="stage1.block2")).to_have_count(2)
    page.close()

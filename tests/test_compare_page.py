"""The Compare page: networks beside each other, without a browser."""

import re
from concurrent.futures import Future
from functools import partial
from types import SimpleNamespace
from xml.etree import ElementTree

import page_driver
import pytest
from conftest import ROOT
from page_driver import address, plain, run, said
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

import cnnviz
from cnnviz.analysis.graph import scopes
from cnnviz.analysis.real_run import LiveError
from cnnviz.comparison import compare
from cnnviz.comparison.partners import differences
from cnnviz.knobs import SpecError
from cnnviz.ledger.tables import tables
from cnnviz.numbers import short
from cnnviz.render import markdown
from cnnviz.render.compare_charts import Point, bubble_chart, depth_charts
from cnnviz.render.diagram import draw
from cnnviz.render.difference_marks import MARKS, with_marks
from cnnviz.text import Text
from cnnviz.ui.compare import measured, networks
from cnnviz.ui.compare.graphs import Graphs
from cnnviz.ui.compare.sets import SETS
from cnnviz.ui.compare.sets import networks as networks_of
from cnnviz.ui.compare.tables import (
    figures,
    figures_shown,
    knob_rows,
    layer_rows,
    smallest_image,
    stage_title,
    times_shown,
)
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.session.history import History
from cnnviz.zoo import FAMILIES

open_page = partial(page_driver.open_page, "compare")
expect.set_options(timeout=20_000)  # a shared machine may be busy


def button(app, key):
    return next(one for one in app.button if one.key == key)


def figure_cells(app, label):
    """The cells of a row of the table of figures."""
    row = re.search(rf"^\| {re.escape(label)}[^|]*\|(.*)\|$", said(app), re.MULTILINE)
    return [cell.strip() for cell in row[1].split("|")]


def test_a_session_that_brings_nothing_sees_two_networks():
    app = open_page()
    assert address(app) == {"n1": "resnet-18", "n2": "densenet-121"}
    assert figure_cells(app, "Parameters") == ["11.7 M", "7.98 M (−3.71 M, ×0.683)"]
    assert not [tab for tab in app.tabs if tab.label == "What each knob does"]


def test_the_whole_comparison_is_in_the_address():
    query = {"n1": "densenet-121", "n2": "densenet-121", "n2.growth_rate": "12", "n3": "vgg-d"}
    app = open_page(**query)
    assert address(app) == query
    spec = cnnviz.spec("densenet-121", growth_rate=12)
    share = cnnviz.analyze(spec).params / cnnviz.analyze(cnnviz.spec("densenet-121")).params
    assert figure_cells(app, "Parameters")[1].endswith(f", ×{share:#.3g})")
    assert "k = 12" in said(app)
    assert not app.warning


def test_what_the_address_gets_wrong_is_said_and_the_rest_is_kept():
    app = open_page(n1="resnet-18", n2="densenet-121", **{"n2.growth_rate": "9999"})
    assert address(app) == {"n1": "resnet-18", "n2": "densenet-121"}
    assert any("growth" in plain(warning.value) for warning in app.warning)


def test_a_way_to_count_that_there_is_not_is_said_once():
    app = open_page(n1="resnet-18", n2="resnet-34", count="flips")
    assert "count" not in address(app)
    assert [plain(warning.value).count("flips") for warning in app.warning] == [1]
    run(app)
    assert [plain(warning.value).count("flips") for warning in app.warning] == [1]


def test_one_network_alone_gets_another():
    app = open_page(n1="densenet-121", **{"n1.growth_rate": "12"})
    assert address(app)["n2"] == "densenet-121"
    assert [tab.label for tab in app.tabs][-1] == "What each knob does"


def test_a_network_never_stands_beside_itself(preset):
    slots = SimpleNamespace(turned={}, preset=preset, family=preset.spec.family)
    beside, spec = networks._relative(slots)
    assert spec != preset.spec
    if len(FAMILIES[slots.family].presets) > 1:
        assert spec.family == slots.family
    assert beside.spec == spec


def test_networks_are_added_and_taken_away():
    app = open_page(n1="resnet-18", n2="resnet-34")
    assert button(app, "n1.remove").disabled, "two are the fewest"
    for _ in range(4):
        button(app, "beside.add").click()
        run(app)
    assert button(app, "beside.add").disabled
    assert list(address(app)) == [f"n{number}" for number in range(1, 7)]
    assert all(re.fullmatch(r"[\d.]+ [kMG]( ×[\d.]+)?", x) for x in figure_cells(app, "Parameters"))
    button(app, "n2.remove").click()
    run(app)
    assert "n2" not in address(app)
    assert len(figure_cells(app, "Depth")) == 5


@pytest.mark.parametrize("number", range(len(SETS)))
def test_a_set_is_one_click_away(number):
    app = open_page()
    button(app, f"beside.set.{number}").click()
    run(app)
    asked = [part for name in tuple(SETS.values())[number] for part in name.split(":")]
    assert list(address(app).values()) == [part.rpartition("=")[2] for part in asked]


def test_a_knob_is_turned_in_its_own_network():
    app = open_page(n1="densenet-121", n2="densenet-121")
    app.segmented_control(key="beside.turn").set_value("n2")
    run(app)
    knob = next(box for box in app.slider if f"{box.key}".startswith("n2.densenet.growth_rate"))
    knob.set_value(12)
    run(app)
    assert address(app) == {"n1": "densenet-121", "n2": "densenet-121", "n2.growth_rate": "12"}
    assert [tab.label for tab in app.tabs][-1] == "What each knob does"
    assert figure_cells(app, "Depth") == ["121", "121 ="]


def test_the_page_is_there_in_chinese():
    app = open_page("zh-CN", n1="resnet-18", n2="resnet-34")
    assert "网络对比" in said(app)
    assert figure_cells(app, "参数量") == ["11.7 M", "21.8 M (+10.1 M, ×1.86)"]


def test_one_way_to_count_for_the_whole_page():
    app = open_page(n1="resnet-18", n2="resnet-34")
    (box,) = [box for box in app.selectbox if "counting" in f"{box.key}"]
    box.set_value("flops")
    run(app)
    assert address(app)["count"] == "flops"
    flops = cnnviz.analyze(cnnviz.spec("resnet-34")).flops
    assert figure_cells(app, "FLOPs")[1].startswith(short(flops))
    button(app, "beside.add").click()
    run(app)
    button(app, "n1.remove").click()
    run(app)
    assert address(app)["count"] == "flops", "whichever network goes"
    again = open_page(**address(app))
    assert figure_cells(again, "FLOPs") == figure_cells(app, "FLOPs")


def open_tab(app, name):
    names = [tab.label for tab in app.tabs]
    app.session_state[f"beside.views.{len(names)}"] = name
    return run(app)


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
    everything = [scopes(cnnviz.analyze(slot.spec)) for slot in linked.slots]
    see(linked, 1, lambda look: look.toggling("stage2"))
    see(linked, 1, lambda look: look.toggling("stage2.block2"))
    assert first.look.opened == second.look.opened == {"stage2", "stage2.block2"}
    assert first.look.selected == second.look.selected == "stage2.block2"
    see(linked, 0, lambda look: look.toggling("stage2"))
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
    see(alone, 0, lambda look: look.toggling("stem"))
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


WORDS = [f"{mark.sign} {mark.word.en}" for mark in MARKS.values()]


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


def tables_shown(app):
    """HTML of the sources' tables; the page's style sheet names their class, too."""
    bodies = [found.proto.body for found in app.get("html")]
    return [body for body in bodies if body.startswith('<table class="ledger"')]


@pytest.mark.parametrize(
    ("names", "table"),
    [
        ("VGG, A to E (table 6.1)", "vgg"),
        ("The five ResNets (table 6.3)", "resnet"),
        ("The four DenseNets (table 6.4)", "densenet"),
    ],
)
def test_a_course_table_is_one_set_with_its_printed_columns(names, table):
    app = open_page()
    number = next(number for number, title in enumerate(SETS) if title.en == names)
    button(app, f"beside.set.{number}").click()
    run(app)
    open_tab(app, "Printed ⇄ built")
    (html,) = tables_shown(app)
    source = next(one for one in tables() if one.key == table)
    assert set(SETS[next(title for title in SETS if title.en == names)]) == set(source.presets)
    printed = [
        entry.text(preset, column)
        for preset in source.presets
        for entry in source.entries
        for column in entry.printed
        if entry.text(preset, column)
    ]
    whole = re.sub("</?span>", "", html)  # around each layer
    cells = re.findall(r"<td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td>", whole)
    assert sorted(first for first, _ in cells if first) == sorted(printed)
    agreeing = sum(second.endswith("✓") for _, second in cells)
    counted = sum(int(count) for count in re.findall(r"(\d+) of \d+ agree", html))
    assert agreeing == counted > 0


def test_a_turned_knob_differs_from_what_is_printed():
    app = open_page(n1="resnet-18", n2="resnet-34", **{"n2.num_classes": "10"})
    open_tab(app, "Printed ⇄ built")
    (html,) = tables_shown(app)
    assert re.search(r">1000</td><td[^>]*differs[^>]*>10 ≠</td>", html)
    assert "<li><b>resnet-34*</b>" in html
    assert "8 of 8" in html
    assert "7 of 8" in html


def test_times_come_one_after_the_other_and_a_missing_one_says_why(monkeypatch):
    specs = [cnnviz.spec(name) for name in ("lenet-5", "lenet-d2l", "nin")]
    answers = {spec: Future() for spec in specs}
    asked = []

    def ask(task, part):
        asked.append((task.spec, part))
        return answers[task.spec]

    monkeypatch.setattr(measured, "ask", ask)
    monkeypatch.setattr(measured, "t", lambda key, **_: key)
    monkeypatch.setattr(measured, "say", lambda text: text.en)
    assert not measured.Times(specs, None).are_coming, "nobody knows yet where to run them"
    assert not asked
    times = measured.Times(specs, "cpu")
    assert asked == [(specs[0], ".0")], "one of a session at a time"
    assert times.are_coming
    assert times.cells == ["◌ beside.measuring"] * 3
    answers[specs[0]].set_result(SimpleNamespace(seconds=0.002))
    times.look()
    answers[specs[1]].set_exception(LiveError(Text("Too large.", "过大。")))
    times.look()
    assert asked[-1] == (specs[2], ".2")
    answers[specs[2]].set_result(SimpleNamespace(seconds=0.001))
    times.look()
    assert not times.are_coming
    assert times.seconds == [0.002, None, 0.001]
    assert times_shown(times.seconds, times.cells) == ["2.00 ms", "▲", "1.00 ms ×0.500"]
    assert times.notes("abc") == [":orange[▲ b: live.refused] Too large."]


def open_architecture(**query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.context = {"locale": "en-US"}
    app.session_state["owner"] = "a" * 32
    app.query_params.update(query)
    return run(app)


def test_a_network_is_compared_with_its_preset_its_past_or_another():
    query = {"preset": "densenet-121", "growth_rate": "12"}
    app = open_architecture(**query, count="flops")
    slider = next(box for box in app.slider if f"{box.key}".startswith("densenet.growth_rate"))
    slider.set_value(16)
    run(app)
    labels = [plain(one.label) for one in app.button if f"{one.key}".startswith("beside.with")]
    assert labels == [
        *(
            "with its preset densenet-121",
            "with what it was before: densenet-121, growth rate k = 12",
        ),
        "with densenet-169",
    ]
    button(app, "beside.with_before").click()
    run(app)
    wanted = {"n1": "densenet-121", "n1.growth_rate": "16", "n2": "densenet-121"}
    assert address(app) == {**wanted, "n2.growth_rate": "12", "count": "flops"}
    again = open_architecture(**query)
    again.selectbox(key="beside.with_other").set_value("vgg-d")
    run(again)
    assert address(again) == {"n1": "densenet-121", "n1.growth_rate": "12", "n2": "vgg-d"}


def test_a_network_without_a_past_has_none_to_compare_with(preset):
    slot = SimpleNamespace(turned={}, preset=preset, spec=preset.spec, history=History())
    assert list(networks.offered(slot)) == ["next"]
    slot.history.past = [(preset, preset.spec)]
    assert list(networks.offered(slot)) == ["next"], "it is what it was"


@pytest.fixture(scope="module")
def pair():
    specs = [cnnviz.spec("resnet-34"), cnnviz.spec("resnet-34", stem_channels=32)]
    return compare(*specs, names=("a", "b"))


def test_figures_are_those_of_the_reports(pair):
    frame = figures(pair, "macs", "en", [0.5, None])
    for network in pair.networks:
        assert frame.loc["Parameters", network.name] == network.report.params
        assert frame.loc["MACs", network.name] == network.report.macs
        assert frame.loc["Depth", network.name] == network.report.depth
    assert list(frame.iloc[-1]) == [0.5, None]
    shown = {row[0]: row[1:] for row in figures_shown(pair, "macs", "en")}
    assert shown["Depth"] == ["34", "34 ="]


def test_no_layer_is_lost_on_the_way_to_the_table(pair):
    frame = layer_rows(pair.stages, ["a", "b"], str.upper)
    assert len(frame) == len(pair.rows)
    for place, name in enumerate("ab"):
        shown = [cell.split(" · ")[0] for cell in frame[name] if cell]
        assert shown == [layer.name for layer in pair.networks[place].report.layers]
    assert any("PARAMS 9,408 → 4,704" in change for change in frame["≠"])
    signs = list(frame[""])
    assert signs.count("≠") == pair.count("changed") > 0
    assert all(
        bool(change) == (sign == "≠") for sign, change in zip(signs, frame["≠"], strict=True)
    )


def test_a_stage_says_what_is_in_it(pair):
    titles = [stage_title(stage, lambda text: text.en) for stage in pair.stages]
    assert titles[0].startswith("112×112 · ")
    counts = [sum(map(int, re.findall(r"(\d+) (?:same|changed|not)", title))) for title in titles]
    assert counts == [len(stage.rows) for stage in pair.stages]


def test_the_parts_of_the_knobs_add_up(pair):
    *parts, whole = knob_rows(pair, pair.networks[0].spec, "en")
    assert [part[0] for part in parts] == ["stem channels 64 → 32"]
    assert whole[1].strip("*") == parts[0][1]


def test_the_smallest_image_is_the_smallest(preset):
    spec = preset.spec
    least = smallest_image(spec)
    spec.turn(image_size=least)
    with pytest.raises(SpecError):
        spec.turn(image_size=least - 1)


def test_a_network_without_a_source_is_hollow():
    points = [Point("a", 10, 100, 24.5), Point("b", 20, 50, None)]
    figure = bubble_chart(points, "macs", "en", ink="black")
    assert [trace.marker.symbol for trace in figure.data] == ["circle", "circle-open"]
    assert "24.50 %" in figure.data[0].hovertemplate
    assert [trace.x[0] for trace in figure.data] == [100, 50]


def test_what_is_summed_over_the_depth_ends_at_the_whole(pair):
    reports = [network.report for network in pair.networks]
    figure = depth_charts(reports, ["a", "b"], "macs", "en", ink="black")
    assert len(figure.data) == 8
    for place, report in enumerate(reports):
        fields, saved, params, macs = figure.data[place::2]
        assert saved.y[-1] == report.saved_bytes
        assert params.y[-1] == report.params
        assert macs.y[-1] == report.macs
        weighted = [layer for layer in report.layers if layer.kind in ("convolution", "linear")]
        assert max(fields.x) == len(weighted)
        assert fields.y[report.last_map] == report.receptive_field


def test_sets_are_of_networks_that_there_are():
    for names in SETS.values():
        assert 2 <= len(names) <= 6
        starts = [preset.name for preset, _ in networks_of(names)]
        assert starts == [name.partition(":")[0] for name in names]


def test_a_table_in_markdown():
    assert (
        markdown.table(["a", "b"], [["1", "2"]], numbers=1) == "| a | b |\n| :-- | --: |\n| 1 | 2 |"
    )


def test_everything_that_may_differ_has_a_word(preset):
    names = {name for layer in cnnviz.analyze(preset.spec).layers for name, _ in layer.attributes}
    facts = {"kind", "operation", "input_shapes", "output_shape", "params", "macs", "window"}
    for name in names | facts | {"inputs"}:
        assert f"change.{name}" in catalogue()


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

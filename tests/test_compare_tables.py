"""Tables and charts of a comparison: what they show is what the reports say."""

import re
from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from compare_page_driver import open_page, open_tab
from page_driver import find, run

import cnnviz
from cnnviz.analysis.real_run import LiveError
from cnnviz.comparison import compare
from cnnviz.knobs import SpecError
from cnnviz.ledger.tables import tables
from cnnviz.render import markdown
from cnnviz.render.compare_charts import Point, bubble_chart, depth_charts
from cnnviz.text import Text
from cnnviz.ui.compare import measured
from cnnviz.ui.compare.sets import SETS
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
    find(app, f"beside.set.{number}").click()
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


def test_a_table_in_markdown():
    assert (
        markdown.table(["a", "b"], [["1", "2"]], numbers=1) == "| a | b |\n| :-- | --: |\n| 1 | 2 |"
    )


def test_everything_that_may_differ_has_a_word(preset):
    names = {name for layer in cnnviz.analyze(preset.spec).layers for name, _ in layer.attributes}
    facts = {"kind", "operation", "input_shapes", "output_shape", "params", "macs", "window"}
    for name in names | facts | {"inputs"}:
        assert f"change.{name}" in catalogue()

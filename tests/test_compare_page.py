"""The Compare page: networks beside each other, without a browser."""

import re
from types import SimpleNamespace

import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest
from test_pages import plain

import cnnviz
from cnnviz.comparison import compare
from cnnviz.knobs import SpecError
from cnnviz.render import markdown
from cnnviz.render.compare_charts import Point, bubble_chart, depth_charts
from cnnviz.ui.compare import networks
from cnnviz.ui.compare.sets import SETS
from cnnviz.ui.compare.sets import networks as networks_of
from cnnviz.ui.compare.tables import (
    figures,
    figures_shown,
    knob_rows,
    layer_rows,
    smallest_image,
    stage_title,
)
from cnnviz.ui.kit.words import catalogue
from cnnviz.zoo import FAMILIES


def open_page(locale="en-US", **query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.context = {"locale": locale}
    app.session_state["owner"] = "a" * 32
    app.switch_page("pages/compare.py")
    app.query_params.update(query)
    return run(app)


def run(app):
    app.run()
    assert not app.exception
    return app


def said(app):
    return plain("\n".join(text.value for text in app.markdown))


def address(app):
    found = app.query_params.items()
    return {name: text if isinstance(text, str) else text[0] for name, text in found}


def button(app, key):
    return next(one for one in app.button if one.key == key)


def figure_cells(app, label):
    """The cells of a row of the table of figures."""
    row = re.search(rf"^\| {re.escape(label)}[^|]*\|(.*)\|$", said(app), re.MULTILINE)
    return [cell.strip() for cell in row[1].split("|")]


def test_a_session_that_brings_nothing_sees_two_networks():
    app = open_page()
    assert address(app) == {"n1": "resnet-18", "n2": "densenet-121"}
    assert figure_cells(app, "Parameters") == ["11.7 M", "7.98 M ×0.683"]
    assert not [tab for tab in app.tabs if tab.label == "What each knob does"]


def test_the_whole_comparison_is_in_the_address():
    query = {"n1": "densenet-121", "n2": "densenet-121", "n2.growth_rate": "12", "n3": "vgg-d"}
    app = open_page(**query)
    assert address(app) == query
    spec = cnnviz.spec("densenet-121", growth_rate=12)
    share = cnnviz.analyze(spec).params / cnnviz.analyze(cnnviz.spec("densenet-121")).params
    assert figure_cells(app, "Parameters")[1].endswith(f"×{share:#.3g}")
    assert "k = 12" in said(app)
    assert not app.warning


def test_what_the_address_gets_wrong_is_said_and_the_rest_is_kept():
    app = open_page(n1="resnet-18", n2="densenet-121", **{"n2.growth_rate": "9999"})
    assert address(app) == {"n1": "resnet-18", "n2": "densenet-121"}
    assert any("growth" in plain(warning.value) for warning in app.warning)


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
    button(app, "n2.remove").click()
    run(app)
    assert "n2" not in address(app)
    assert len(figure_cells(app, "Depth")) == 5


@pytest.mark.parametrize("number", range(len(SETS)))
def test_a_set_is_one_click_away(number):
    app = open_page()
    button(app, f"beside.set.{number}").click()
    run(app)
    assert list(address(app).values()) == list(tuple(SETS.values())[number])


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
    assert figure_cells(app, "参数量") == ["11.7 M", "21.8 M ×1.86"]


@pytest.fixture(scope="module")
def pair():
    specs = [cnnviz.spec("resnet-34"), cnnviz.spec("resnet-34", stem_channels=32)]
    return compare(*specs, names=("a", "b"))


def test_figures_are_those_of_the_reports(pair):
    frame = figures(pair, "macs", "en")
    for network in pair.networks:
        assert frame.loc["Parameters", network.name] == network.report.params
        assert frame.loc["MACs", network.name] == network.report.macs
        assert frame.loc["Depth", network.name] == network.report.depth
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
        assert [preset.name for preset, _ in networks_of(names)] == list(names)


def test_a_table_in_markdown():
    assert (
        markdown.table(["a", "b"], [["1", "2"]], numbers=1) == "| a | b |\n| :-- | --: |\n| 1 | 2 |"
    )


def test_everything_that_may_differ_has_a_word(preset):
    names = {name for layer in cnnviz.analyze(preset.spec).layers for name, _ in layer.attributes}
    facts = {"kind", "operation", "input_shapes", "output_shape", "params", "macs", "window"}
    for name in names | facts | {"inputs"}:
        assert f"change.{name}" in catalogue()

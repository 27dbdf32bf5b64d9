"""How a network is looked at on the Architecture page, and the link that holds it."""

from dataclasses import replace

import pytest
from architecture_page_driver import (
    address,
    choose,
    drawn,
    expected,
    figures,
    network,
    open_page,
    open_tab,
    see,
    turn,
)
from conftest import ROOT
from page_driver import address as whole_address
from page_driver import plain, press, run
from streamlit.testing.v1 import AppTest

import cnnviz
from cnnviz.analysis.graph import fold, open_to_depth, scopes
from cnnviz.render.colouring import COLOURINGS
from cnnviz.render.diagram import draw
from cnnviz.render.legend import legend
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.session.look import TABS, Look
from cnnviz.zoo import PRESETS


def test_a_bad_link_is_explained_and_the_rest_is_kept():
    app = open_page(preset="densenet-169", growth_rate="12", stem="foo", bar="1")
    assert figures(app) == expected(cnnviz.spec("densenet-169", growth_rate=12))
    (warning,) = app.warning
    assert "stem is 'foo'" in plain(warning.value)
    assert "bar is not a knob" in plain(warning.value)
    press(app, "dismiss")
    assert not app.warning
    assert figures(app) == expected(cnnviz.spec("densenet-169", growth_rate=12))


def test_a_network_has_the_views_that_a_link_can_name():
    labels = [catalogue()[f"view.{name}"].en for name in TABS]
    assert [tab.label for tab in open_page(preset="googlenet").tabs] == labels


def test_markup_in_a_link_stays_text():
    app = open_page(preset="<img src=x onerror=alert(1)>", depths="[a](javascript:alert(1))")
    (warning,) = app.warning
    assert "](javascript" not in warning.value
    assert figures(app) == expected(cnnviz.spec("densenet-121"))


def test_languages():
    app = open_page()
    app.button_group(key="language").set_value("zh")
    run(app)
    assert app.metric[0].label == catalogue()["headline.params"].zh
    assert address(app) == {"preset": "densenet-121", "lang": "zh"}
    linked = open_page(**address(app))
    assert linked.metric[0].label == catalogue()["headline.params"].zh


def test_the_browser_chooses_the_first_language():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.context = {"locale": "zh-CN"}
    run(app)
    assert app.metric[0].label == catalogue()["headline.params"].zh
    assert address(app) == {"preset": "densenet-121"}, "a guess is not part of the link"


def test_unfolding_fills_the_table():
    app = open_tab(open_page(preset="lenet-5"), "table")
    assert len(app.dataframe[0].value) == 8
    report = cnnviz.analyze(cnnviz.spec("lenet-5"))
    see(network(app), opened=open_to_depth(report, 99))
    run(app)
    table = app.dataframe[0].value
    assert list(table["name"]) == [layer.name for layer in report.layers]
    assert table["params"].sum() == report.params
    assert table["operations"].sum() == report.macs
    assert table["params_share"].sum() == pytest.approx(100)
    see(network(app), opened=frozenset({"nowhere"}))
    run(app)
    assert len(app.dataframe[0].value) == 8


def test_a_selected_node_shows_its_details():
    app = open_page()
    see(network(app), selected="block2")
    run(app)
    text = "\n".join(element.value for element in app.markdown)
    assert "### block2" in text
    assert "919,680" in text
    press(app, "toggle")
    open_tab(app, "table")
    names = list(app.dataframe[0].value["name"])
    first = ["block2.layer1", "block2.cat", "block2.layer2…layer12"]
    assert names[3:6] == first, "in place of the block, its first layer and the others"
    assert len(names) == 8 + len(first)


def test_a_click_in_the_graph_ticks_the_table_that_is_there():
    """A new table would be sorted and scrolled as at first."""
    app = open_tab(open_page(), "table")
    before = app.dataframe[0].proto.id
    names = list(app.dataframe[0].value["name"])
    for name in ("block2", "block3"):
        see(network(app), selected=name)
        run(app)
        assert app.dataframe[0].proto.id == before
        assert app.session_state["table"]["selection"]["rows"] == [names.index(name)]
    see(network(app), selected=None)
    run(app)
    assert app.session_state["table"]["selection"]["rows"] == []


def test_two_clicks_in_one_drawing_both_count():
    app = open_page()
    shown = network(app)
    subject = shown.subject()
    look, on_change = shown.looking(subject)
    on_change(look.unfolding({"block1"}))
    on_change(look.at("block2"))
    assert (shown.look.opened, shown.look.selected) == ({"block1"}, "block2")
    on_change(replace(look, tab="depth"))
    assert shown.look.selected == "block2"


@pytest.mark.parametrize("depth", [1, 2, 99])
def test_a_link_holds_how_a_network_is_looked_at(depth):
    app = open_page(growth_rate="12")
    report = cnnviz.analyze(network(app).spec)
    opened = scopes(report) if depth == 99 else open_to_depth(report, depth)
    see(
        network(app),
        opened=opened,
        selected="block2.layer3",
        tab="table",
        panes="views",
        colour_by="macs",
    )
    link = network(app).link()
    assert sum(map(len, link.values())) < 105
    other = open_page(growth_rate="12", **link)
    assert network(other).look == network(app).look
    assert len(other.dataframe[0].value) == len(fold(report, opened, together=True).nodes)
    assert whole_address(other) == {"preset": "densenet-121", "growth_rate": "12", **link}
    assert not other.warning
    assert network(open_page(growth_rate="12")).link() == {}


@pytest.mark.parametrize("by", COLOURINGS)
def test_the_graph_is_coloured_as_asked_and_the_link_says_so(by):
    app = open_page(preset="lenet-5")
    box = next(box for box in app.selectbox if f"{box.key}".startswith("colours."))
    box.set_value(by)
    run(app)
    report = cnnviz.analyze(PRESETS["lenet-5"].spec)
    link = network(app).link()
    assert link == ({} if by == "kind" else {"colour": by})
    again = open_page(preset="lenet-5", **link)
    for shown in (app, again):
        assert draw(report, colour_by=by, together=True) in drawn(shown)
        html = legend(report, fold(report), "en", colour_by=by)
        assert html in [element.proto.body for element in shown.get("html")]


def test_a_wrong_look_in_a_link_is_explained():
    wrong = {"open": "nowhere", "at": "<b>", "tab": "x", "show": "y", "unit": "1,-1"}
    wrong |= {"colour": "<i>", "present": "2", "breaks": "image_size:64", "time": "8,fp8"}
    app = open_page(**{**wrong, "open": "block1,nowhere"})
    (warning,) = app.warning
    for key, text in wrong.items():
        assert f"{key} '{text}'" in plain(warning.value)
    assert network(app).look == Look(opened=frozenset({"block1"}))
    assert figures(app) == expected(cnnviz.spec("densenet-121"))
    assert not open_page(open="~!").exception


def test_another_preset_has_nothing_selected_and_a_knob_keeps_it():
    app = open_page()
    see(network(app), selected="block2")
    turn(app, "growth_rate", 12)
    assert network(app).look.selected == "block2"
    choose(app, "preset", "densenet-169")
    assert network(app).look.selected is None


def test_feature_maps_before_training():
    app = open_page(preset="lenet-d2l")
    see(network(app), opened=frozenset({"C3"}), selected="C3.conv")
    open_tab(app, "maps")
    assert "there are no pretrained ones" in "".join(caption.value for caption in app.caption)
    assert any("16 maps of C3.conv" in caption.value for caption in app.caption)
    (layers,) = [box for box in app.selectbox if (box.key or "").startswith("maps.layer")]
    assert layers.value == "C3.conv"
    assert layers.options[0] == "C1.conv"
    layers.set_value("C1.conv")
    run(app)
    assert any("6 maps of C1.conv" in caption.value for caption in app.caption)


def test_feature_maps_of_too_large_a_network_are_refused():
    app = open_page(preset="densenet-264", image_size="1024", growth_rate="64")
    open_tab(app, "maps")
    assert any("G MACs are more than" in warning.value for warning in app.warning)

"""The pages' logic, without a browser."""

import json
from dataclasses import replace

import pytest
from conftest import ROOT
from page_driver import address as whole_address
from page_driver import plain, run
from streamlit.testing.v1 import AppTest

import cnnviz
from cnnviz.analysis.graph import fold, open_to_depth, scopes
from cnnviz.analysis.memory.step import training_memory
from cnnviz.numbers import short
from cnnviz.render.colouring import COLOURINGS
from cnnviz.render.diagram import draw
from cnnviz.render.legend import legend
from cnnviz.ui.glossary.terms import glossary
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.session import look_address, slot
from cnnviz.ui.session.look import Look
from cnnviz.zoo import PRESETS


def open_page(**query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params.update(query)
    app.context = {"locale": "en-US"}
    return run(app)


def network(app):
    """The slot of the network on screen."""
    return app.session_state["slot.main"]


def knob(app, name):
    """The widget of a knob, whatever its kind."""
    found = [
        element
        for kind in ("slider", "number_input", "text_input", "selectbox", "toggle", "button_group")
        for element in app.get(kind)
        if f".{name}." in f"{element.key}." and not f"{element.key}".startswith("split.")
    ]
    assert len(found) == 1, f"{len(found)} widgets for {name}"
    return found[0]


def turn(app, name, value):
    knob(app, name).set_value(value)
    return run(app)


def choose(app, what, name):
    """Pick a family or a preset."""
    (box,) = [box for box in app.selectbox if box.key.startswith(f"{what}.")]
    box.set_value(name)
    return run(app)


def press(app, key):
    app.button(key=key).click()
    return run(app)


def see(slot, **changes):
    """Look at a slot's network in another way, as a click would."""
    slot.look = replace(slot.look, **changes)


def open_tab(app, name):
    """Show a view by its key."""
    see(network(app), tab=name)
    return run(app)


def views(app):
    """The names of the views, in the order of their tabs."""
    names = {text.en: key for key, text in catalogue().items() if key.startswith("view.")}
    return [names[tab.label].removeprefix("view.") for tab in app.tabs]


def address(app):
    """What the address says of the network, whatever it says of the look."""
    found = whole_address(app).items()
    return {name: value for name, value in found if name not in look_address.KEYS}


def figures(app):
    return [metric.value for metric in app.metric]


def expected(spec):
    report = cnnviz.analyze(spec)
    counts = (report.params, report.macs)
    sizes = [short(size, "B") for size in (report.weight_bytes, training_memory(report, 32).total)]
    field = f"{report.receptive_field:,} px"
    return [*map(short, counts), sizes[0], field, str(report.depth), sizes[1]]


def test_first_paint_is_densenet_121():
    app = open_page()
    assert figures(app) == expected(cnnviz.spec("densenet-121"))
    assert address(app) == {"preset": "densenet-121"}
    assert not app.warning
    assert not app.error


def test_turning_a_knob_changes_everything_and_the_link():
    app = turn(open_page(), "growth_rate", 12)
    assert figures(app) == expected(cnnviz.spec("densenet-121", growth_rate=12))
    assert address(app) == {"preset": "densenet-121", "growth_rate": "12"}
    assert "✎" in knob(app, "growth_rate").label
    assert "−81.8 % vs preset" in app.metric[0].delta
    other = open_page(**address(app))
    assert figures(other) == figures(app)
    assert knob(other, "growth_rate").value == 12


@pytest.mark.parametrize("family", ["lenet", "densenet"])
def test_every_knob_has_a_widget_with_help(family):
    app = open_page(preset=cnnviz.presets()[0] if family == "lenet" else "densenet-121")
    for declared in cnnviz.spec(family).knobs():
        widget = knob(app, declared.name)
        assert declared.label.en in widget.label
        assert declared.help.en in widget.help
        assert "glossary" in widget.help


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("depths", "6-12-x", "layers in each dense block is '6-12-x'"),
        ("depths", "-1", "layers in each dense block is '-1'"),
        ("depths", "", "layers in each dense block is ''"),
        ("depths", "9" * 999, "layers in each dense block is '999"),
        ("depths", "1-1-1-1-1-1-1-1-1-1-1", "take fewer dense blocks"),
        ("image_size", 8, "at least 29 px"),
        ("image_size", -224, "The nearest is 1."),
        ("num_classes", 10**15, "The nearest is 100000."),
    ],
)
def test_impossible_input_is_a_sentence_and_the_last_network_stays(name, value, words):
    app = turn(open_page(), "growth_rate", 12)
    before = figures(app), address(app)
    turn(app, name, value)
    assert (figures(app), address(app)) == before
    (error,) = app.error
    assert words in plain(error.value)
    assert any("last valid network" in element.value for element in app.markdown)
    assert knob(app, name).value == value, "nothing that was typed is lost"
    good = {"depths": "6-12", "image_size": 64, "num_classes": 10}[name]
    turn(app, name, good)
    assert not app.error
    assert not any("last valid network" in element.value for element in app.markdown)


def test_another_knob_can_be_turned_while_one_is_refused():
    app = turn(open_page(), "depths", "6-12-x")
    turn(app, "growth_rate", 12)
    assert figures(app) == expected(cnnviz.spec("densenet-121", growth_rate=12))
    assert len(app.error) == 1
    press(app, "densenet.depths.reset")
    assert not app.error
    assert knob(app, "depths").value == "6-12-24-16"
    assert knob(app, "growth_rate").value == 12


def test_two_knobs_that_only_go_together_can_be_turned_one_after_the_other():
    app = turn(open_page(preset="vgg-d"), "depths", "1-1")  # five widths are too many for it
    assert figures(app) == expected(cnnviz.spec("vgg-d"))
    assert len(app.error) == 1
    turn(app, "widths", "64-128")
    assert not app.error
    assert figures(app) == expected(cnnviz.spec("vgg-d", depths=(1, 1), widths=(64, 128)))
    press(app, "undo")
    assert figures(app) == expected(cnnviz.spec("vgg-d"))


def test_undo_redo_and_reset():
    app = open_page()
    assert app.button(key="undo").disabled
    turn(app, "growth_rate", 12)
    turn(app, "compression", 1.0)
    press(app, "undo")
    assert address(app) == {"preset": "densenet-121", "growth_rate": "12"}
    assert knob(app, "compression").value == 0.5
    press(app, "undo")
    assert address(app) == {"preset": "densenet-121"}
    press(app, "redo")
    press(app, "redo")
    assert address(app) == {"preset": "densenet-121", "growth_rate": "12", "compression": "1.0"}
    assert app.button(key="redo").disabled
    press(app, "densenet.growth_rate.reset")
    assert address(app) == {"preset": "densenet-121", "compression": "1.0"}
    press(app, "reset")
    assert address(app) == {"preset": "densenet-121"}
    press(app, "undo")
    assert address(app) == {"preset": "densenet-121", "compression": "1.0"}


def test_families_and_presets_keep_their_knobs():
    app = turn(open_page(), "growth_rate", 12)
    choose(app, "family", "lenet")
    assert address(app) == {"preset": "lenet-5"}
    turn(app, "padding", 2)
    choose(app, "family", "densenet")
    assert address(app) == {"preset": "densenet-121", "growth_rate": "12"}
    choose(app, "family", "lenet")
    assert address(app) == {"preset": "lenet-5", "padding": "2"}
    choose(app, "preset", "lenet-d2l")
    assert figures(app) == expected(cnnviz.spec("lenet-d2l"))


def test_what_other_widgets_hold_is_no_choice(monkeypatch):
    """A browser reports the values of widgets that were replaced or are off the screen."""
    starts = {
        name: PRESETS[preset]
        for name, preset in (("lenet", "lenet-5"), ("densenet", "densenet-169"))
    }
    drafts = {name: slot.Draft(start, start.spec) for name, start in starts.items()}
    drafts["densenet"].spec = cnnviz.spec("densenet-169", growth_rate=12)
    shown = slot.Slot("main", "lenet", drafts, generation=2)
    reported = {
        "family.1": "densenet",
        "family.2": "lenet",
        "preset.densenet.2": "densenet-169",
        "preset.lenet.1": "lenet-d2l",
        "preset.lenet.2": "lenet-5",
        "densenet.growth_rate.2": 64,
    }
    monkeypatch.setattr(slot.st, "session_state", reported)
    for key in reported:
        if key.startswith("family"):
            shown.choose_family(key)
        elif key.startswith("preset"):
            shown.choose_preset(key)
    shown.turn(cnnviz.spec("densenet").knob("growth_rate"), "densenet.growth_rate.2")
    assert (shown.family, shown.history.past) == ("lenet", [])
    assert drafts["densenet"].spec.growth_rate == 12
    assert drafts["lenet"].spec == cnnviz.spec("lenet-5")


def test_another_page_and_back_changes_no_knob():
    app = turn(open_page(), "growth_rate", 12)
    turn(app, "depths", "6-12-x")
    app.switch_page("pages/glossary.py")
    run(app)
    assert len(app.subheader) == len(glossary())
    app.switch_page("pages/architecture.py")
    run(app)
    assert address(app) == {"preset": "densenet-121", "growth_rate": "12"}
    assert knob(app, "growth_rate").value == 12
    assert knob(app, "depths").value == "6-12-x"
    assert len(app.error) == 1


def test_a_link_to_a_term_shows_it_first():
    app = open_page()
    app.switch_page("pages/glossary.py")
    app.query_params["term"] = "compression"
    run(app)
    assert app.subheader[0].value == "compression · 压缩因子 · θ"
    assert len(app.subheader) == len(glossary())


def test_the_glossary_is_filtered_and_the_address_holds_the_filter():
    app = open_page()
    app.switch_page("pages/glossary.py")
    app.query_params["find"] = "alexnet neighbouring"
    run(app)
    assert [one.value.partition(" ·")[0] for one in app.subheader] == ["local response norm"]
    app.text_input(key="glossary.find").set_value("步幅")
    run(app)
    assert app.subheader[0].value == "stride · 步幅 · s"
    assert address(app)["find"] == "步幅"
    app.text_input(key="glossary.find").set_value("")
    app.button_group(key="glossary.theme").set_value("counting")
    run(app)
    themed = [term for term in glossary().values() if term.theme == "counting"]
    assert len(app.subheader) == len(themed)
    assert address(app)["theme"] == "counting"
    assert "find" not in address(app)
    app.text_input(key="glossary.find").set_value("shortcut")
    run(app)
    assert not app.subheader
    assert "No term" in app.info[0].value


def test_a_theme_that_is_none_is_explained():
    app = open_page()
    app.switch_page("pages/glossary.py")
    app.query_params["theme"] = "<b>"
    run(app)
    assert "there are structure, convolution" in plain(app.warning[0].value)
    assert len(app.subheader) == len(glossary())


def test_resetting_one_knob_keeps_what_is_wrong_with_another():
    app = turn(open_page(), "depths", "6-12-x")
    turn(app, "image_size", 8)
    press(app, "densenet.image_size.reset")
    (error,) = app.error
    assert "layers in each dense block" in plain(error.value)
    assert knob(app, "depths").value == "6-12-x"


def test_a_bad_link_is_explained_and_the_rest_is_kept():
    app = open_page(preset="densenet-169", growth_rate="12", stem="foo", bar="1")
    assert figures(app) == expected(cnnviz.spec("densenet-169", growth_rate=12))
    (warning,) = app.warning
    assert "stem is 'foo'" in plain(warning.value)
    assert "bar is not a knob" in plain(warning.value)
    press(app, "dismiss")
    assert not app.warning
    assert figures(app) == expected(cnnviz.spec("densenet-169", growth_rate=12))


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


def drawn(app):
    """What the components of the page are given, as JSON has it."""
    return [json.loads(one.proto.json).get("svg") for one in app.get("bidi_component")]


def test_a_wrong_look_in_a_link_is_explained():
    wrong = {"open": "block1,nowhere", "at": "<b>", "tab": "x", "show": "y", "unit": "1,-1"}
    app = open_page(**wrong, colour="<i>", breaks="image_size:64")
    (warning,) = app.warning
    assert "nowhere" in plain(warning.value)
    assert "<b>" in plain(warning.value)
    assert network(app).look == Look(opened=frozenset({"block1"}), tab="x")
    assert figures(app) == expected(cnnviz.spec("densenet-121"))
    assert not open_page(open="~!").exception


def test_another_preset_has_nothing_selected_and_a_knob_keeps_it():
    app = open_page()
    see(network(app), selected="block2")
    turn(app, "growth_rate", 12)
    assert network(app).look.selected == "block2"
    choose(app, "preset", "densenet-169")
    assert network(app).look.selected is None


def split_inputs(app):
    """The six numbers of the Inception editor, by their names."""
    found = {}
    for element in app.number_input:
        if element.key.startswith("split."):
            found[element.key.rsplit(".", 1)[-1]] = element
    assert list(found) == ["conv1", "pool", "reduce3", "conv3", "reduce5", "conv5"]
    return found


def open_editor(**query):
    return open_tab(open_page(**query), "split")


def text_of(app):
    return "\n".join(element.value for element in app.markdown)


def test_the_inception_editor_turns_the_knob():
    app = open_editor(preset="googlenet")
    assert "| **inception_3a** | **163,696** | | **128,049,152** | |" in text_of(app)
    assert "| 442,624 | ×2.70 | 346,816,512 | ×2.71 |" in text_of(app)
    assert "| 1,229,056 | ×7.51 | 963,379,200 | ×7.52 |" in text_of(app)
    split_inputs(app)["conv3"].set_value(160)
    run(app)
    spec = cnnviz.spec("googlenet", inception_3a=(64, 96, 160, 16, 32, 32))
    assert figures(app) == expected(spec)
    assert address(app)["inception_3a"] == "64-96-160-16-32-32"
    assert knob(app, "inception_3a").value == "64-96-160-16-32-32"
    assert "64 + 160 + 32 + 32 = **288** channels" in text_of(app)
    assert "**inception_3b** reads 288 channels" in text_of(app)
    assert "+2.90 % vs preset" in text_of(app), "32 more channels read by 128 + 128 + 32 + 64"
    press(app, "undo")
    assert split_inputs(app)["conv3"].value == 128
    turn(app, "inception_3a", "64-96-136-16-32-32")
    assert split_inputs(app)["conv3"].value == 136


@pytest.mark.parametrize("bad", [0, -8, 1025])
def test_an_impossible_split_is_a_sentence_at_both_places(bad):
    app = open_editor(preset="googlenet")
    before = figures(app), address(app)
    split_inputs(app)["reduce5"].set_value(bad)
    run(app)
    assert (figures(app), address(app)) == before
    assert len(app.error) == 2
    for error in app.error:
        assert f"96-128-{bad}-32-32" in plain(error.value)
        assert "6 whole numbers from 1 to 1024" in plain(error.value)
    assert split_inputs(app)["reduce5"].value == bad, "nothing that was typed is lost"
    assert knob(app, "inception_3a").value == f"64-96-128-{bad}-32-32"
    split_inputs(app)["reduce5"].set_value(24)
    run(app)
    assert not app.error
    assert figures(app) == expected(
        cnnviz.spec("googlenet", inception_3a=(64, 96, 128, 24, 32, 32))
    )


@pytest.mark.parametrize("text", ["64-96-128-16-32-32-7", "64-96-128-16-32", "64-0-128-16-32-32"])
def test_a_wrong_split_in_the_sidebar(text):
    app = open_editor(preset="googlenet")
    before = figures(app)
    turn(app, "inception_3b", text)
    (error,) = app.error  # the editor shows 3a
    assert text in plain(error.value)
    assert figures(app) == before


def test_the_editor_follows_the_selection_and_the_other_way_round():
    app = open_editor(preset="googlenet")
    see(network(app), selected="inception_4b.branch2")
    run(app)
    assert "**inception_4b**" in text_of(app)
    assert split_inputs(app)["conv1"].value == 160
    (blocks,) = [group for group in app.button_group if group.key.startswith("split.block")]
    assert blocks.value == "inception_4b"
    blocks.set_value("inception_5b")
    run(app)
    assert network(app).look.selected == "inception_5b"
    assert split_inputs(app)["conv1"].value == 384
    assert "**head** reads 1024 channels" in text_of(app)


def test_the_naive_module_has_no_reductions_to_edit():
    app = open_editor(preset="googlenet", module="naive")
    unused = {name for name, element in split_inputs(app).items() if element.disabled}
    assert unused == {"reduce3", "reduce5", "pool"}
    assert "64 + 128 + 32 + 192 = **416** channels" in text_of(app)


def test_the_inception_editor_of_another_family():
    app = open_editor(preset="inception-bn")
    split_inputs(app)["conv5"].set_value(128)
    run(app)
    assert figures(app) == expected(
        cnnviz.spec("inception-bn", inception_3a=(64, 64, 64, 64, 128, 32))
    )
    assert "64 + 64 + 128 + 32 = **288** channels" in text_of(app)


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

"""Knobs on the Architecture page: turned, refused, undone, kept for each family; no browser."""

import pytest
from architecture_page_driver import address, choose, expected, figures, knob, open_page, turn
from page_driver import plain, press, run

import cnnviz
from cnnviz.ui.glossary.terms import glossary
from cnnviz.ui.session import slot
from cnnviz.zoo import PRESETS


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


def test_resetting_one_knob_keeps_what_is_wrong_with_another():
    app = turn(open_page(), "depths", "6-12-x")
    turn(app, "image_size", 8)
    press(app, "densenet.image_size.reset")
    (error,) = app.error
    assert "layers in each dense block" in plain(error.value)
    assert knob(app, "depths").value == "6-12-x"

"""The editor of an Inception block's channels: it turns a knob, and a wrong split is told."""

import pytest
from architecture_page_driver import (
    address,
    expected,
    figures,
    knob,
    network,
    open_page,
    open_tab,
    see,
    turn,
)
from page_driver import plain, press, run, text_of

import cnnviz


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

"""The page of a network that does not fit its image: refuse, show, and back."""

import pytest
from architecture_page_driver import (
    address,
    choose,
    figures,
    knob,
    network,
    open_page,
    see,
    turn,
    views,
)
from page_driver import plain, press, run, text_of

import cnnviz
from cnnviz.analysis.graph import ancestors
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.session.look import Look

POOL5 = "block5.pool (max pool 2×2, stride 2) got 1×1 and needs at least 2×2."


def has_button(app, key):
    return key in [button.key for button in app.button]


def shown(app):
    """The sentence above the drawing; None where the last valid network is shown."""
    found = [error.value for error in app.error if "✕" in error.value]
    assert len(found) == has_button(app, "broken.back") <= 1
    assert bool(found) != bool(app.metric), "either the figures or what is broken"
    return plain(found[0]) if found else None


def refuse(app, name="image_size", value=28):
    turn(app, name, value)
    assert shown(app) is None
    return press(app, f"vgg.{name}.broken")


def test_refuse_show_and_back():
    app = turn(open_page(preset="vgg-d"), "hidden_features", 100)
    before = figures(app), address(app)
    assert not has_button(app, "vgg.image_size.broken")
    refuse(app)
    assert POOL5 in shown(app)
    assert "The smallest image that works is 32×32 px." in shown(app)
    assert address(app) == before[1]
    assert knob(app, "image_size").value == 28, "nothing that was typed is lost"
    assert app.button(key="vgg.image_size.broken").disabled
    assert catalogue()["broken.scope"].en in [caption.value for caption in app.caption]
    header = next(element.value for element in app.markdown if element.value.startswith("## "))
    assert "hidden features = 100" in header
    assert "H = W = 28" in header
    assert "### block5.pool" in text_of(app)
    assert "512×1×1" in text_of(app)
    for name in ("receptive_field", "saved"):
        assert f"{catalogue()[f'details.{name}'].en} | **–**" in text_of(app), "it has no output"
    assert views(app) == ["details"]
    assert not has_button(app, "train")
    linked = open_page(**address(app), **network(app).link())
    assert shown(linked) == shown(app), "a link shows the same network"
    assert address(linked) == before[1]
    assert network(linked).link() == network(app).link()
    press(app, "broken.back")
    assert shown(app) is None
    assert (figures(app), address(app)) == before
    assert knob(app, "image_size").value == 28
    press(app, "undo")
    assert figures(app) != before[0], "the network that was shown is no step of the history"
    assert address(app) == {"preset": "vgg-d"}


def test_a_valid_value_leaves_by_itself():
    app = refuse(open_page(preset="vgg-d"))
    turn(app, "image_size", 5)
    assert "block3.pool" in shown(app), "another one that is too small is drawn at once"
    turn(app, "image_size", 64)
    assert shown(app) is None
    assert not app.error
    assert address(app) == {"preset": "vgg-d", "image_size": "64"}
    turn(app, "image_size", 28)
    assert shown(app) is None, "only who asks for it"


@pytest.mark.parametrize("value", [-1, 0, 4096])
def test_what_is_no_image_size_leaves_too(value):
    app = turn(refuse(open_page(preset="vgg-d")), "image_size", value)
    assert shown(app) is None
    assert not has_button(app, "vgg.image_size.broken")
    assert len(app.error) == 1
    turn(app, "image_size", 28)
    assert shown(app) is None


def test_another_knob_that_makes_the_image_too_small():
    app = turn(open_page(preset="vgg-d"), "image_size", 32)
    refuse(app, "depths", "1-1-1-1-1-1")
    assert "block6.pool" in shown(app)
    assert "64×64 px" in shown(app)
    turn(app, "image_size", 64)
    assert shown(app) is None, "the two go together"
    assert figures(app)
    assert address(app)["depths"] == "1-1-1-1-1-1"


def test_no_image_at_all_is_large_enough():
    app = turn(open_page(), "depths", "1-1-1-1-1-1-1-1-1-1-1")
    press(app, "densenet.depths.broken")
    assert "Even images of 1024×1024 px" in shown(app)


def test_other_knobs_can_be_turned_and_reset_meanwhile():
    app = refuse(open_page(preset="vgg-d"))
    turn(app, "head", "average")
    assert POOL5 in shown(app)
    assert address(app) == {"preset": "vgg-d", "head": "average"}
    press(app, "vgg.head.reset")
    assert POOL5 in shown(app)
    press(app, "vgg.image_size.reset")
    assert shown(app) is None
    assert not app.error


def test_another_family_and_back():
    app = refuse(open_page(preset="vgg-d"))
    choose(app, "family", "lenet")
    assert shown(app) is None
    assert figures(app)
    assert not app.error
    choose(app, "family", "vgg")
    assert POOL5 in shown(app), "a family is as it was left"
    assert knob(app, "image_size").value == 28
    choose(app, "preset", "vgg-a")
    assert shown(app) is None


def test_undo_leaves():
    app = turn(open_page(preset="vgg-d"), "image_size", 64)
    refuse(app)
    press(app, "undo")
    assert shown(app) is None
    assert address(app) == {"preset": "vgg-d"}


def test_other_refusals_have_no_button():
    app = turn(open_page(preset="vgg-d"), "depths", "1-1")  # too many widths
    assert len(app.error) == 1
    assert not any(f"{button.key}".endswith(".broken") for button in app.button)


def test_the_drawing_opens_at_the_layer_and_keeps_the_explorer_as_it_was():
    app = open_page(preset="vgg-d")
    see(network(app), selected="block2")
    refuse(app)
    spec, look = network(app).broken_look
    assert (look.opened, look.selected) == ({"block5"}, "block5.pool")
    network(app).broken_look = spec, Look(frozenset(), "block5")
    run(app)
    press(app, "toggle")
    assert network(app).broken_look[1].opened == {"block5"}
    press(app, "toggle")
    assert network(app).broken_look[1].opened == frozenset()
    press(app, "broken.back")
    assert "### block2" in text_of(app)
    assert network(app).look.opened == frozenset()


def test_in_chinese():
    app = open_page(preset="inception-v3", lang="zh")
    turn(app, "image_size", 32)
    press(app, "inception-v3.image_size.broken")
    text = shown(app)
    assert "（卷积 3×3，步幅 2）得到 1×1，需要至少 3×3。" in text
    assert "75×75 像素" in text
    assert app.button(key="broken.back").label == catalogue()["broken.back"].zh


def test_the_failing_layer_of_every_small_lenet_is_open():
    app = open_page(preset="lenet-5")
    for size in (15, 10, 3):
        turn(app, "image_size", size)
        if size == 15:
            press(app, "lenet.image_size.broken")
        spec, look = network(app).broken_look
        assert spec == cnnviz.spec("lenet-5").too_small(image_size=size)[0]
        assert look.opened <= set(ancestors(look.selected))

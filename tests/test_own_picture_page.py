"""Pictures of the user's own in feature maps and under the lens: seen, checked, and not kept."""

import io
from dataclasses import replace

import numpy as np
import pytest
from page_driver import open_page, plain, run
from PIL import Image

from cnnviz.live.tasks import EffectiveField, FeatureMaps
from cnnviz.ui.kit import live_client

COLOUR = (200, 30, 60)
PAGE = {"preset": "lenet-d2l"}


def open_tab(tab):
    app = open_page("architecture", **PAGE)
    slot = app.session_state["slot.main"]
    slot.look = replace(slot.look, tab=tab)
    return run(app)


def png(size=(300, 200)):
    file = io.BytesIO()
    Image.new("RGB", size, COLOUR).save(file, "PNG")
    return file.getvalue()


def give(app, content):
    """Ask for an own picture, and upload it."""
    (own,) = [one for one in app.toggle if "own" in f"{one.key}"]
    own.set_value(True)
    run(app)
    (way,) = [one for one in app.get("button_group") if f"{one.key}".startswith("try.way")]
    way.set_value("Upload")
    run(app)
    app.file_uploader[0].set_value(("own.png", content, "image/png"))
    return run(app)


def kept():
    """The tasks that the client of all sessions still knows."""
    client = live_client.client()
    return [*client._answers, *client._failures, *client._waiting]


@pytest.mark.parametrize(
    ("tab", "task"),
    [("maps", FeatureMaps), pytest.param("field", EffectiveField, marks=pytest.mark.sweep)],
)
def test_an_own_picture_is_what_the_network_sees_and_is_not_kept(tab, task):
    app = give(open_tab(tab), png())
    assert not app.error
    asked, _ = app.session_state["own_answers"][task]
    assert asked.picture.is_own
    assert asked not in kept()
    assert not any(one.picture.is_own for one in kept() if isinstance(one, task))
    planes = np.frombuffer(asked.picture.pixels, np.uint8).reshape(asked.picture.shape)
    assert [set(plane.ravel()) for plane in planes] == [{value} for value in COLOUR]


def test_what_is_no_picture_is_a_sentence():
    app = give(open_tab("maps"), b"no picture")
    assert "no PNG or JPEG" in plain(app.error[0].value)
    assert "own_answers" not in app.session_state or not app.session_state["own_answers"]

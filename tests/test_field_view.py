"""The receptive field on the Architecture page: figure, details and lens."""

import numpy as np
import pytest
from architecture_page_driver import network, open_page, open_tab, see
from page_driver import run, text_of

import cnnviz
from cnnviz.render.field_picture import field_picture, place, room
from cnnviz.ui.architecture.field_view import Lens, _alike, _box, lens_layers


def figure(app):
    (found,) = [metric for metric in app.metric if metric.label == "Receptive field"]
    return found


def widget(app, kind, name):
    (found,) = [x for x in app.get(kind) if (x.key or "").startswith(f"field.{name}.")]
    return found


def test_the_figure():
    assert figure(open_page()).value == "2,071 px"
    found = figure(open_page(preset="resnet-50", stride_on="3x3"))
    assert found.value == "427 px"
    assert "−11.6 % vs preset" in found.delta
    assert "stage4" in found.help


def test_the_details():
    app = open_page(preset="resnet-50")
    see(network(app), selected="stage2")
    run(app)
    assert "| Receptive field | **99 px** |" in text_of(app)
    assert "| Step on the image | **8 px** |" in text_of(app)
    see(network(app), selected="head")
    run(app)
    assert "| Receptive field | **whole image** |" in text_of(app)


def test_the_lens():
    app = open_tab(open_page(preset="lenet-d2l"), "field")
    assert (
        widget(app, "selectbox", "layer").value == cnnviz.analyze(cnnviz.spec("lenet-d2l")).last_map
    )
    widget(app, "selectbox", "other").set_value("resnet-20")
    run(app)
    assert "Unit (2, 2) sees **16 px**" in text_of(app)
    assert "Unit (4, 4) sees **81 px**" in text_of(app)
    assert "It reaches **25 px beyond the image**" in text_of(app)
    assert "All of it lies in the image" in text_of(app)
    assert "Half of the gradient" in text_of(app)
    widget(app, "number_input", "row").set_value(0)
    run(app)
    assert "Unit (0, 2) sees **16 px**" in text_of(app)
    assert "It reaches **2 px beyond the image**" in text_of(app)


def test_the_lens_and_the_graph_follow_one_another():
    app = open_tab(open_page(preset="lenet-d2l"), "field")
    widget(app, "number_input", "column").set_value(0)
    run(app)
    assert network(app).look.unit == (2, 0)
    layer = widget(app, "selectbox", "layer")
    layer.set_value(0)
    run(app)
    report = cnnviz.analyze(cnnviz.spec("lenet-d2l"))
    assert network(app).look.selected == report.layers[0].name
    assert network(app).look.unit is None, "the unit of another map"
    see(network(app), selected=None, unit=(1, 1))
    run(app)
    assert "Unit (1, 1) sees **16 px**" in text_of(app)
    see(network(app), unit=(99, 0))
    run(app)
    assert "Unit (2, 2) sees **16 px**" in text_of(app), "a link to a unit that is not there"


@pytest.mark.parametrize("at", [(0, 0), (3, 1), (6, 6)])
def test_the_ring_is_where_the_box_is_drawn(at):
    report = cnnviz.analyze(cnnviz.spec("resnet-18"))
    around, picture = 0.4, np.full((224, 224, 3), 255, dtype=np.uint8)
    box = _box(report, Lens(lens_layers(report)[0], tuple(8 * side for side in at)))
    sheet = field_picture(picture, box, None, around=around)
    orange = (sheet[..., :3] == (0xE6, 0x9F, 0)).all(2)
    middle, size = place(box, (224, 224), around=around)
    for axis in (0, 1):
        found = orange.any(1 - axis).nonzero()[0]
        assert middle[axis] * 440 == pytest.approx((found[0] + found[-1] + 1) / 2, abs=2)
        assert size[axis] * 440 == pytest.approx(found[-1] - found[0], abs=3)


def test_the_lens_starts_at_what_is_selected():
    app = open_page(preset="lenet-d2l")
    see(network(app), selected="C1")
    open_tab(app, "field")
    assert "sees **5 px**" in text_of(app)


def test_too_large_a_network_has_a_box_and_no_gradient():
    app = open_page(preset="densenet-264", image_size="1024", growth_rate="64")
    open_tab(app, "field")
    assert any("smaller" in warning.value for warning in app.warning)
    assert "sees **5,399 px**" in text_of(app)


@pytest.mark.parametrize("other", ["densenet-121", "se-resnet-50", "lenet-5", "vgg-d"])
def test_the_same_place_in_another_network(other):
    here, there = (cnnviz.analyze(cnnviz.spec(name)) for name in ("resnet-50", other))
    ours, theirs = lens_layers(here), lens_layers(there)
    assert here.layers[ours[-1]].receptive_field == here.receptive_field
    assert _alike(here, Lens(ours[0], (0, 0)), there).position == theirs[0]
    height, width = here.layers[ours[-1]].output_shape[2:]
    last = _alike(here, Lens(ours[-1], (height - 1, width // 2)), there)
    height, width = there.layers[last.position].output_shape[2:]
    assert last.position == theirs[-1]
    assert last.unit[1] == width // 2
    assert height - 1 - height // 7 <= last.unit[0] <= height - 1


def test_the_box_is_drawn_where_it_is():
    picture = np.full((100, 100, 3), 255, dtype=np.uint8)
    sheet = field_picture(picture, ((20, 79), (40, 59)), None, around=0.4)
    assert sheet.shape == (440, 440, 4)
    orange = (sheet[..., :3] == (0xE6, 0x9F, 0)).all(2)
    rows, columns = orange.any(1).nonzero()[0], orange.any(0).nonzero()[0]
    scale, margin = 440 / 180, 40 * 440 / 180
    assert rows[[0, -1]] == pytest.approx([margin + 20 * scale, margin + 80 * scale], abs=2)
    assert columns[[0, -1]] == pytest.approx([margin + 40 * scale, margin + 60 * scale], abs=2)
    heat = np.zeros((100, 100))
    heat[50, 50] = 1
    shown = field_picture(picture, ((-900, 900), (-900, 99)), heat, around=0.4)
    arrows = (shown[..., :3] == (0xE6, 0x9F, 0)).all(2)
    assert arrows[220, :20].any()
    assert arrows[:20, 220].any()
    assert arrows[-20:, 220].any()
    assert not arrows[220, -20:].any(), "on the right, the box ends with the picture"
    assert shown[220 + 1, 220 + 1, 2] < 100, "the brightest of cividis is yellow"


def test_the_room_shows_the_box_unless_it_is_very_large():
    assert room(((3, 20), (5, 20)), (32, 32)) == 0.1
    assert 0.65 < room(((-145, 337), (-145, 337)), (224, 224)) < 0.7
    assert room(((-925, 1145), (-925, 1145)), (224, 224)) == 0.7

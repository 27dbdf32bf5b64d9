"""The Compare page: networks beside each other, their address, and ways to it; no browser."""

import re
from types import SimpleNamespace

import pytest
from compare_page_driver import open_page
from conftest import ROOT, few
from page_driver import address, find, plain, run, said
from streamlit.testing.v1 import AppTest

import cnnviz
from cnnviz.numbers import short
from cnnviz.ui.compare import networks
from cnnviz.ui.compare.sets import SETS
from cnnviz.ui.compare.sets import networks as networks_of
from cnnviz.ui.session.history import History
from cnnviz.zoo import FAMILIES


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
    assert find(app, "n1.remove").disabled, "two are the fewest"
    for _ in range(4):
        find(app, "beside.add").click()
        run(app)
    assert find(app, "beside.add").disabled
    assert list(address(app)) == [f"n{number}" for number in range(1, 7)]
    assert all(re.fullmatch(r"[\d.]+ [kMG]( ×[\d.]+)?", x) for x in figure_cells(app, "Parameters"))
    find(app, "n2.remove").click()
    run(app)
    assert "n2" not in address(app)
    assert len(figure_cells(app, "Depth")) == 5


@pytest.mark.parametrize("number", few(range(len(SETS)), range(4)))
def test_a_set_is_one_click_away(number):
    app = open_page()
    find(app, f"beside.set.{number}").click()
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
    find(app, "beside.add").click()
    run(app)
    find(app, "n1.remove").click()
    run(app)
    assert address(app)["count"] == "flops", "whichever network goes"
    again = open_page(**address(app))
    assert figure_cells(again, "FLOPs") == figure_cells(app, "FLOPs")


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
    find(app, "beside.with_before").click()
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


def test_sets_are_of_networks_that_there_are():
    for names in SETS.values():
        assert 2 <= len(names) <= 6
        starts = [preset.name for preset, _ in networks_of(names)]
        assert starts == [name.partition(":")[0] for name in names]

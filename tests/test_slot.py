"""Several networks on one page: each with its own knobs, history, look, widgets and address."""

import re

import pytest
from architecture_page_driver import address, expected, figures, see, views
from conftest import ROOT
from page_driver import press, run, text_of
from playwright.sync_api import expect
from servers import Server
from streamlit.testing.v1 import AppTest

import cnnviz
from cnnviz.analysis.graph import fold
from cnnviz.ui.session import slot, slots
from cnnviz.ui.session.look import Look
from cnnviz.zoo import PRESETS

expect.set_options(timeout=20_000)  # a shared machine may be busy

PAGE = "tests/two_networks_app.py"
LENETS = {"n1": "lenet-5", "n2": "lenet-5"}


def open_two(**query):
    app = AppTest.from_file(str(ROOT / PAGE), default_timeout=120)
    app.query_params.update(query)
    app.context = {"locale": "en-US"}
    return run(app)


def network(app, name):
    return app.session_state[f"slot.{name}"]


def widget(app, kind, key):
    """The widget whose key begins so, whatever its language and generation."""
    (found,) = [one for one in app.get(kind) if f"{one.key}".startswith(f"{key}.")]
    return found


def both(one, other):
    """The figures of two networks, as the page shows them."""
    return [*expected(one), *expected(other)]


def test_a_knob_of_one_is_no_knob_of_the_other():
    app = open_two(**LENETS)
    widget(app, "number_input", "n1.lenet.num_classes").set_value(7)
    run(app)
    turned = cnnviz.spec("lenet-5", num_classes=7)
    assert figures(app) == both(turned, cnnviz.spec("lenet-5"))
    assert widget(app, "number_input", "n2.lenet.num_classes").value == 10
    assert address(app) == {**LENETS, "n1.num_classes": "7"}
    widget(app, "selectbox", "n2.preset").set_value("lenet-d2l")
    run(app)
    assert figures(app) == both(turned, cnnviz.spec("lenet-d2l"))


def test_each_has_its_own_history():
    app = open_two(**LENETS)
    widget(app, "number_input", "n1.lenet.num_classes").set_value(7)
    run(app)
    assert app.button(key="n2.undo").disabled
    widget(app, "number_input", "n2.lenet.num_classes").set_value(8)
    run(app)
    press(app, "n1.undo")
    assert address(app) == {**LENETS, "n2.num_classes": "8"}
    press(app, "n1.redo")
    press(app, "n2.lenet.num_classes.reset")
    assert address(app) == {**LENETS, "n1.num_classes": "7"}
    press(app, "n1.reset")
    assert address(app) == LENETS


def test_each_is_looked_at_in_its_own_way():
    app = open_two(**LENETS)
    see(network(app, "n1"), selected="C1")
    run(app)
    assert text_of(app).count("### C1") == 1
    press(app, "n1.toggle")
    assert network(app, "n1").look == Look(frozenset({"C1"}), "C1")
    assert network(app, "n2").look == Look()
    for name in LENETS:
        see(network(app, name), tab="table")
    run(app)
    folded = len(app.dataframe[1].value)
    assert len(app.dataframe[0].value) > folded
    assert len(app.dataframe[1].value) == folded
    see(network(app, "n2"), selected="C3")
    run(app)
    assert (network(app, "n1").look.selected, network(app, "n2").look.selected) == ("C1", "C3")


def test_each_counts_in_its_own_way():
    app = open_two(**LENETS)
    widget(app, "selectbox", "n2.counting").set_value("flops")
    run(app)
    assert [app.metric[1].label, app.metric[7].label] == ["MACs", "FLOPs"]


def test_one_that_breaks_leaves_the_other_alone():
    app = open_two(n1="vgg-d", n2="vgg-d")
    widget(app, "number_input", "n1.vgg.image_size").set_value(28)
    run(app)
    press(app, "n1.vgg.image_size.broken")
    assert figures(app) == expected(cnnviz.spec("vgg-d"))
    assert len([error for error in app.error if "✕" in error.value]) == 1
    press(app, "n1.broken.back")
    assert len(figures(app)) == 12


@pytest.mark.parametrize("preset", ["lenet-5", "googlenet"])
def test_every_view_of_the_same_network_twice(preset):
    """Two widgets with one key would be an exception."""
    app = open_two(n1=preset, n2=preset)
    both = views(app)
    names = both[: len(both) // 2]
    assert both == names * 2
    for name in names:
        for one in LENETS:
            see(network(app, one), tab=name)
        run(app)


def test_the_editor_of_one_turns_no_knob_of_the_other():
    app = open_two(n1="googlenet", n2="googlenet")
    for name in LENETS:
        see(network(app, name), tab="split")
    run(app)
    (first, _) = [x for x in app.number_input if re.search(r"split\..*\.conv3$", x.key)]
    first.set_value(160)
    run(app)
    spec = cnnviz.spec("googlenet", inception_3a=(64, 96, 160, 16, 32, 32))
    assert figures(app) == both(spec, cnnviz.spec("googlenet"))


def test_a_bad_address_is_explained_by_the_slot_that_it_is_of():
    app = open_two(n1="lenet-5", n2="lenet-6", **{"n1.nonsense": "1", "n2.num_classes": "7"})
    first, second = (warning.value for warning in app.warning)
    assert "n1\\.nonsense is not a knob of lenet\\-5" in first
    assert "lenet\\-6" in second
    press(app, "n1.dismiss")
    assert [warning.value for warning in app.warning] == [second]
    assert network(app, "n2").spec == cnnviz.spec(slots.DEFAULT, num_classes=7)


def test_names_of_slots_are_no_prefixes_of_one_another():
    drafts = {"lenet": slot.Draft(PRESETS["lenet-5"], PRESETS["lenet-5"].spec)}
    keys = [slot.Slot(name, "lenet", drafts).key("undo") for name in ("main", "n1", "n10")]
    assert keys == ["undo", "n1.undo", "n10.undo"]


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ("block2", {"block1"}),
        ("block2.layer1", {"block1", "block2", "block2.layer2…layer12", "block2.layer3"}),
        ("block2.layer2…layer12", {"block1", "block2", "block2.layer1"}),
    ],
)
def test_folding_folds_what_is_inside(scope, left):
    report = cnnviz.analyze(cnnviz.spec("densenet-121"))
    inner = {"block2.layer1", "block2.layer2…layer12", "block2.layer3"}
    look = Look(frozenset({"block1", "block2", *inner}), "block2.layer1.conv1")
    folded = look.toggling(report, scope)
    assert folded.opened == left
    assert folded.selected == scope, "nothing that is hidden is selected"
    assert folded.toggling(report, scope).opened == folded.opened | {scope}


def test_what_is_hidden_is_not_selected():
    report = cnnviz.analyze(PRESETS["densenet-121"].spec)
    inside = "block2.layer1.conv1"
    for opened, seen in (
        ((), "block2"),
        (("block2",), "block2.layer1"),
        (("block2", "block2.layer1"), inside),
        (("block1",), "block2"),
    ):
        assert (
            Look(selected=inside).seen_in(report, fold(report, opened, together=True)).selected
            == seen
        )
    assert Look(selected="nowhere").seen_in(report, fold(report)).selected is None


@pytest.fixture(scope="module")
def twice():
    """The address of a page with two slots."""
    with Server(script=PAGE) as server:
        yield server.address
    assert "Traceback" not in server.log, server.log[-6000:]


@pytest.fixture
def page(browser, twice):
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-US")
    shown = context.new_page()
    complaints = []
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    shown.goto(f"{twice}/?n1=lenet-5&n2=lenet-5")
    expect(shown.locator("g.node[id=C1]")).to_have_count(2, timeout=60_000)
    yield shown
    context.close()
    assert complaints == []


@pytest.mark.sweep
@pytest.mark.browser
def test_two_graphs_do_not_select_in_each_other(page):
    selected = re.compile("selected")
    first, second = page.locator("g.node[id=C1]").all()
    first.click()
    expect(first).to_have_class(selected)
    expect(page.get_by_role("heading", name="C1")).to_have_count(1)
    expect(second).not_to_have_class(selected)
    other = page.locator("g.node[id=C3]").nth(1)
    other.click()
    expect(page.get_by_role("heading", name="C3")).to_have_count(1)
    expect(other).to_have_class(selected)
    expect(first).to_have_class(selected)
    expect(page.locator("g.node.selected")).to_have_count(2)
    first.dblclick()
    expect(page.locator('g.node[id="C1.conv"]')).to_have_count(1)
    expect(page.locator("g.node[id=C1]")).to_have_count(1)


@pytest.mark.sweep
@pytest.mark.browser
def test_back_undoes_the_slot_that_was_turned(page):
    for group in page.get_by_text("Input and output", exact=True).all():
        group.click()
    for name, classes in (("n1", "7"), ("n2", "8")):
        field = page.locator(f'[class*="st-key-{name}-lenet-num_classes-"] input').first
        field.fill(classes)
        field.press("Enter")
        expect(page).to_have_url(re.compile(rf"{name}\.num_classes={classes}"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"\?n1=lenet-5&n1\.num_classes=7&n2=lenet-5$"))
    fields = page.locator('[class*="-lenet-num_classes-"] input')
    expect(fields.nth(0)).to_have_value("7")
    expect(fields.nth(1)).to_have_value("10")

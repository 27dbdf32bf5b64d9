"""The story of a lesson in a real Chromium: choose, turn a knob, look inside, share."""

import re
from itertools import pairwise

import pytest
from conftest import few
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from visit import Visit, take_hold

import cnnviz
from cnnviz.analysis.graph import find
from cnnviz.numbers import short
from cnnviz.render.kinds import shape_text
from cnnviz.ui.kit.words import catalogue
from cnnviz.zoo import PRESETS

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(browser, server):
    visits = []

    def start(**context):
        visits.append(Visit(browser, server, **context))
        return visits[-1]

    yield start
    for one in visits:
        assert one.complaints == []
        one.context.close()


def test_the_lesson(visit):
    teacher = visit().open()
    teacher.shows(cnnviz.spec("densenet-121"))
    expect(teacher.node("block1")).to_contain_text("Dense layer ×6")
    expect(teacher.node("block1")).to_contain_text("256×56×56")

    slider = teacher.knob("growth_rate").locator("input[type=range]")
    slider.focus()
    for _ in range(20):
        teacher.page.keyboard.press("ArrowLeft")
    spec = cnnviz.spec("densenet-121", growth_rate=12)
    teacher.shows(spec)
    expect(teacher.node("block1")).to_contain_text("136×56×56")
    expect(teacher.page).to_have_url(re.compile(r"\?preset=densenet-121&growth_rate=12$"))
    expect(teacher.page.get_by_text("1,448,376 parameters and all shapes match")).to_be_visible(
        timeout=60_000
    )

    student = visit(locale="zh-CN", color_scheme="dark")
    student.open(teacher.page.url.split("/", 3)[3])
    student.shows(spec)
    expect(student.node("block1")).to_contain_text("136×56×56")
    expect(student.page.get_by_text(catalogue()["headline.params"].zh).first).to_be_visible()


def test_graph_details_and_table(visit):
    visitor = visit().open()
    visitor.node("block2").click()
    expect(visitor.page.locator(".st-key-details")).to_contain_text("919,680")
    expect(visitor.node("block2")).to_have_class(re.compile("selected"))
    visitor.node("block1").dblclick()
    expect(visitor.node("block1.layer2…layer6")).to_contain_text("Dense layer ×5")
    visitor.node("block1.layer2…layer6").dblclick()
    expect(visitor.node("block1.layer6")).to_be_visible()
    expect(visitor.node("block1.cat")).to_contain_text("96×56×56")
    visitor.node("block1.layer2").focus()
    visitor.page.keyboard.press("Space")
    expect(visitor.node("block1.layer2.conv1")).to_contain_text("128×56×56")
    opened = visitor.page.locator('g.cluster[id="block1.layer2"]')
    expect(opened).to_be_focused()
    visitor.page.keyboard.press("Space")
    expect(visitor.node("block1.layer2")).to_be_focused()
    visitor.page.keyboard.press("Space")
    visitor.node("block1.layer2.conv1").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".st-key-details")).to_contain_text("1×1")
    visitor.page.get_by_role("button", name="Fold all: one node per block").click()
    expect(visitor.node("block1")).to_be_visible()
    expect(visitor.page.locator("g.node")).to_have_count(10)  # the image among them


@pytest.mark.sweep
def test_a_drawing_that_the_browser_says_it_has_is_not_dropped(visit):
    visitor = visit()
    named = []  # by each request, what the server need not send again

    def sent(message):
        request = BackMsg.FromString(message)
        if request.HasField("rerun_script"):
            named.append(set(request.rerun_script.cached_message_hashes))

    visitor.page.on("websocket", lambda socket: socket.on("framesent", sent))
    visitor.open().rest().node("block1").dblclick()
    expect(visitor.node("block1.layer1")).to_be_visible()
    for block in ("block2", "block3", "block4", "block2"):
        visitor.node(block).click()
        expect(visitor.page).to_have_url(re.compile(f"at={block}"))
    visitor.node("block3").dblclick()
    expect(visitor.node("block3.layer1")).to_be_visible()
    assert all(before <= after for before, after in pairwise(named))
    assert named[0] < named[-1]


def test_space_folds_what_has_the_focus_whatever_python_says_late(visit):
    visitor = visit()
    visitor.page.add_init_script(
        """addEventListener("cnnviz-graph", event => {
          if (window.late) event.stopImmediatePropagation()
        })"""
    )
    visitor.open("?open=block1,block1.layer2…layer6&at=block1.layer2…layer6")
    opened = visitor.page.locator('g.cluster[id="block1.layer2"]')
    layer = visitor.node("block1.layer2")
    visitor.rest()
    visitor.page.evaluate("window.late = true")  # what is selected is not told with the drawing
    layer.focus()
    visitor.page.keyboard.press("Space")
    expect(opened).to_be_focused()
    expect(opened).to_have_class(re.compile("selected"))
    visitor.rest()
    visitor.page.evaluate(
        """() => {
          window.late = false
          const detail = { graph: Object.keys(cnnvizGraphs)[0], selected: "block1.layer2…layer6" }
          dispatchEvent(new CustomEvent("cnnviz-graph", { detail }))
        }"""
    )
    visitor.page.keyboard.press("Space")
    expect(layer).to_be_focused()


@pytest.mark.parametrize("name", few(PRESETS, {"lenet-5", "densenet-121"}))  # thin; long names
def test_labels_are_legible_and_fit_on_opening(visit, name):
    visitor = visit().open(f"?preset={name}")
    expect(visitor.page.locator("g.node").first).to_be_visible()
    boxes = visitor.page.evaluate(
        """() => {
          const root = [...document.querySelectorAll('*')].map(e => e.shadowRoot).find(
            r => r && r.querySelector('.stage'))
          const stage = root.querySelector('.stage').getBoundingClientRect()
          return [...root.querySelectorAll('g.node')].map(g => {
            const box = g.getBoundingClientRect()
            const shape = g.querySelector('path, polygon').getBoundingClientRect()
            const text = [...g.querySelectorAll('text')].filter(
              t => t.textContent.trim()).map(t => t.getBoundingClientRect())
            const scale = g.getScreenCTM().a
            const size = parseFloat(
              g.querySelector('text:not(.mark)').getAttribute('font-size'))
            return {
              inside: box.left >= stage.left && box.right <= stage.right,
              fits: text.every(t => t.left >= shape.left && t.right <= shape.right),
              size: size * scale,
            }
          })
        }"""
    )
    assert boxes
    for box in boxes:
        assert box["inside"]
        assert box["fits"]
        assert box["size"] >= 11


@pytest.mark.sweep
def test_trips_change_no_knob(visit):
    visitor = visit().open("?preset=densenet-169&growth_rate=12&depths=6-6")
    spec = cnnviz.spec("densenet-169", growth_rate=12, depths=(6, 6))
    visitor.shows(spec)
    visitor.page.get_by_role("link", name="Glossary").click()
    expect(visitor.page.get_by_role("heading", name="Glossary")).to_be_visible()
    visitor.page.get_by_role("link", name="Architecture").click()
    visitor.shows(spec)
    expect(visitor.page).to_have_url(re.compile("growth_rate=12&depths=6-6$"))
    visitor.page.get_by_text("中文").click()
    expect(visitor.page.get_by_text(catalogue()["headline.params"].zh).first).to_be_visible()
    visitor.shows(spec)
    visitor.page.get_by_text("EN", exact=True).click()
    for family, typed, shown in (
        ("LeNet", "LeNet", "lenet-5"),
        ("DenseNet · DenseNet-BC", "densenet-bc", "densenet-169"),
    ):
        # the list is long and draws only what is in sight: what is typed narrows it
        visitor.page.locator('[class*="st-key-family-"] input').fill(typed)
        visitor.page.get_by_role("option", name=family, exact=True).click()
        expect(visitor.page.get_by_role("heading", name=shown)).to_be_visible()
    visitor.shows(spec)
    expect(visitor.knob("depths").locator("input")).to_have_value("6-6")


def test_back_and_forward_are_undo_and_redo(visit):
    visitor = visit().open()
    slider = visitor.knob("growth_rate").locator("input[type=range]")
    slider.focus()
    visitor.page.keyboard.press("ArrowLeft")
    visitor.shows(cnnviz.spec("densenet", growth_rate=31))
    visitor.page.go_back()
    visitor.shows(cnnviz.spec("densenet"))
    expect(visitor.knob("growth_rate").locator("input[type=range]")).to_have_value("32")
    visitor.page.go_forward()
    visitor.shows(cnnviz.spec("densenet", growth_rate=31))


@pytest.mark.sweep
def test_a_visit_of_a_page_is_one_entry(visit):
    visitor = visit().open("?preset=lenet-5")
    visitor.page.get_by_role("link", name="Compare", exact=True).click()
    expect(visitor.page).to_have_url(re.compile(r"/compare\?n1="))
    visitor.page.go_back()
    expect(visitor.page).to_have_url(f"{visitor.server}/?preset=lenet-5")
    expect(visitor.page.get_by_role("heading", name="LeNet-5")).to_be_visible()


@pytest.mark.sweep
def test_the_address_follows_the_look_and_the_history_does_not(visit):
    visitor = visit().open("?preset=densenet-121")
    page = visitor.page
    entries = page.evaluate("history.length")
    visitor.node("block2").dblclick()
    expect(page).to_have_url(re.compile(r"\?preset=densenet-121&open=block2&at=block2$"))
    page.get_by_role("tab", name="Depth").click()
    expect(page).to_have_url(re.compile(r"&open=block2&at=block2&tab=depth$"))
    assert page.evaluate("history.length") == entries
    slider = visitor.knob("growth_rate").locator("input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("&growth_rate=31&open=block2&at=block2&tab=depth$"))
    assert page.evaluate("history.length") == entries + 1
    page.go_back()
    visitor.shows(cnnviz.spec("densenet"))
    expect(page).to_have_url(re.compile("-121&open=block2&at=block2&tab=depth$"))
    page.reload()
    expect(visitor.node("block2.layer1")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("tab", name="Depth")).to_have_attribute("aria-selected", "true")


def test_a_refused_knob_says_why_and_the_network_stays(visit):
    visitor = visit().open()
    depths = visitor.knob("depths").locator("input")
    depths.fill("6-12-x")
    depths.press("Enter")
    alert = visitor.page.get_by_test_id("stSidebarUserContent").get_by_role("alert")
    expect(alert).to_contain_text("layers in each dense block is '6-12-x'")
    visitor.shows(cnnviz.spec("densenet"))
    expect(visitor.node("block4")).to_be_visible()
    depths.fill("6-12")
    depths.press("Enter")
    expect(alert).to_have_count(0)
    visitor.shows(cnnviz.spec("densenet", depths=(6, 12)))


def test_a_hostile_link_runs_nothing(visit):
    hostile = "%3Cimg%20src%3Dx%20onerror%3D%22window.hit%3D1%22%3E"
    visitor = visit().open(f"?preset={hostile}&depths={hostile}&{hostile}=1")
    visitor.shows(cnnviz.spec("densenet-121"))
    assert visitor.page.evaluate("window.hit") is None
    expect(visitor.page.get_by_role("alert").first).to_contain_text("img src")


@pytest.mark.sweep
def test_the_hint_is_dismissed_for_good(visit):
    visitor = visit().open()
    got_it = visitor.page.get_by_role("button", name="Got it")
    got_it.click()
    expect(got_it).to_be_hidden()
    visitor.page.reload()
    expect(visitor.page.get_by_test_id("stMetric")).to_have_count(6, timeout=60_000)
    expect(visitor.node("block1")).to_be_visible()
    expect(got_it).to_be_hidden()


@pytest.mark.sweep
def test_a_slider_dragged_fast_ends_on_its_last_value(visit):
    visitor = visit().open()
    slider = visitor.knob("growth_rate").locator("input[type=range]")
    _, y = take_hold(slider)
    track, mouse = visitor.knob("growth_rate").bounding_box(), visitor.page.mouse
    mouse.move(track["x"] + 4, y, steps=50)
    mouse.up()
    value = int(slider.input_value())
    assert value < 10
    visitor.shows(cnnviz.spec("densenet", growth_rate=value))
    expect(visitor.page).to_have_url(re.compile(f"growth_rate={value}$"))


def test_all_follows_a_slider_while_it_is_dragged(visit):
    """One drag is one step of undo and one entry of the browser's history."""
    visitor = visit().open()
    page, slider = visitor.page, visitor.knob("growth_rate").locator("input[type=range]")
    entries, address = page.evaluate("history.length"), page.url
    middle, y = take_hold(slider)
    left = visitor.knob("growth_rate").bounding_box()["x"]
    for part in (0.3, 0.6):
        page.mouse.move(middle - part * (middle - left), y, steps=5)
        spec = cnnviz.spec("densenet", growth_rate=int(slider.input_value()))
        visitor.shows(spec)
        maps = find(cnnviz.analyze(spec), "block1").output_shape
        expect(visitor.node("block1")).to_contain_text(shape_text(maps))
        assert page.url == address
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"growth_rate={spec.growth_rate}$"))
    assert page.evaluate("history.length") == entries + 1
    page.get_by_role("button", name="Undo the last change").click()
    visitor.shows(cnnviz.spec("densenet"))


@pytest.mark.sweep
def test_the_cost_chart(visit):
    visitor = visit().open("?preset=lenet-5")
    visitor.page.get_by_role("tab", name="Cost").click()
    chart = visitor.page.get_by_test_id("stPlotlyChart")
    expect(chart).to_contain_text("C5")
    expect(chart).to_contain_text("convolution")
    report = cnnviz.analyze(cnnviz.spec("lenet-5"))
    expect(chart).to_contain_text(short(find(report, "C5").params))
    bars = [bar.bounding_box() for bar in chart.locator(".bars .point path").all()]
    longest = max(bars, key=lambda box: box["width"])
    middle = longest["x"] + longest["width"] / 2, longest["y"] + longest["height"] / 2
    visitor.page.mouse.click(*middle)
    expect(visitor.page).to_have_url(re.compile("at=C"))


@pytest.mark.sweep
def test_the_lens_is_dragged_or_moved_by_arrows(visit):
    visitor = visit().open("?preset=lenet-d2l&tab=field")
    lens = visitor.page.locator(".lens")
    column = visitor.page.get_by_label("Column", exact=True)
    expect(column).to_have_value("2", timeout=60_000)
    visitor.rest()
    lens.press("ArrowRight")
    expect(column).to_have_value("3")
    expect(visitor.page).to_have_url(re.compile("&tab=field&unit=2,3$"))
    left, mouse = lens.bounding_box()["x"], visitor.page.mouse
    _, y = take_hold(lens)
    mouse.move(left + 1, y, steps=3)
    mouse.up()
    expect(column).to_have_value("0")


@pytest.mark.sweep
def test_the_inception_editor(visit):
    """The focus stays in the number that is being typed, and all the rest follows."""
    visitor = visit().open("?preset=googlenet")
    visitor.node("inception_4a").click()
    page = visitor.page
    page.get_by_role("tab", name="Inception editor").click()
    # what was there before stays for a moment, after what is new
    conv1 = page.get_by_label("1×1", exact=True).first
    reduce5 = page.get_by_label("5×5 reduce", exact=True).first
    expect(conv1).to_have_value("192")
    expect(reduce5).to_have_value("16")
    reduce5.fill("32")
    reduce5.press("Enter")
    spec = cnnviz.spec("googlenet", inception_4a=(192, 96, 208, 32, 48, 64))
    visitor.shows(spec)
    expect(reduce5).to_be_focused()
    expect(page).to_have_url(re.compile("inception_4a=192-96-208-32-48-64&at=inception_4a&"))
    expect(page.get_by_role("img", name="The branches of inception_4a")).to_contain_text("32×14×14")
    reduce5.press("ArrowUp")
    visitor.shows(cnnviz.spec("googlenet", inception_4a=(192, 96, 208, 40, 48, 64)))
    expect(reduce5).to_be_focused()
    reduce5.fill("0")
    reduce5.press("Enter")
    expect(page.get_by_test_id("stMain").get_by_role("alert")).to_contain_text("192-96-208-0-48-64")
    page.go_back()
    visitor.shows(spec)
    expect(reduce5).to_have_value("32")
    page.locator('[class*="st-key-split-block"]').get_by_text("3b", exact=True).click()
    expect(visitor.node("inception_3b")).to_have_class(re.compile("selected"))
    expect(conv1).to_have_value("128")

"""The graph in a real Chromium: folding, fitting, searching, walking, presenting."""

import re
from collections import Counter

import pytest
from playwright.sync_api import expect
from visit import Visit

import cnnviz
from cnnviz.analysis.graph import INPUT_ID, fold

pytestmark = pytest.mark.browser

# What of the graph a test measures, in pixels of the screen.
MEASURE = """id => {
  const graph = [...document.querySelectorAll('*')].map(e => e.shadowRoot).find(
    r => r && r.querySelector('.stage'))
  const stage = graph.querySelector('.stage')
  const box = element => {
    const { left, top, right, bottom } = element.getBoundingClientRect()
    return { left, top, right, bottom }
  }
  const node = graph.querySelector(`[id="${id}"]`)
  const text = graph.querySelector('g.node text')
  return {
    stage: box(stage), frame: box(graph.querySelector('.frame')),
    svg: box(graph.querySelector('svg')), node: node && box(node),
    text: parseFloat(text.getAttribute('font-size')) * text.getScreenCTM().a,
    client: stage.clientWidth, scroll: stage.scrollTop,
    stops: graph.querySelectorAll('svg [tabindex="0"]').length,
    focus: graph.activeElement?.id,
  }
}"""


@pytest.fixture(scope="module")
def visit(browser, server):
    one = Visit(browser, server)
    yield one
    assert one.complaints == []
    one.context.close()


def measure(visit, node="input"):
    return visit.page.evaluate(MEASURE, node)


def in_window(visit, node):
    boxes = measure(visit, node)
    return boxes["node"]["bottom"] > boxes["stage"]["top"] and (
        boxes["node"]["top"] < boxes["stage"]["bottom"]
    )


def group(visit, node):
    return visit.page.locator(f'svg [id="{node}"]')


def is_selected(visit, node):
    expect(group(visit, node)).to_have_class(re.compile(r"\bselected\b"))
    expect(
        visit.page.locator(":is(h2, h3)", has_text=re.compile(f"^{re.escape(node)}$"))
    ).to_be_visible()


def test_folding_has_no_wrong_turn(visit):
    visit.open()
    group(visit, "block2").dblclick()
    expect(group(visit, "block2.layer1")).to_be_visible()
    is_selected(visit, "block2")
    assert in_window(visit, "transition1"), "what feeds the block stays in sight"
    group(visit, "block2.layer1").click()
    is_selected(visit, "block2.layer1")
    fold_all = visit.page.get_by_role("button", name="Fold all: one node per block")
    fold_all.focus()
    visit.page.keyboard.press("Enter")
    expect(group(visit, "block2.layer1")).to_have_count(0)
    is_selected(visit, "block2")
    expect(fold_all).to_be_focused()
    group(visit, "block4").click()
    is_selected(visit, "block4")
    assert measure(visit)["scroll"] > 0
    visit.page.locator('[class*="st-key-preset-"] input').first.fill("densenet-169")
    visit.page.get_by_role("option", name="densenet-169", exact=True).click()
    expect(group(visit, "block3")).to_contain_text("×32")
    assert measure(visit)["scroll"] == 0
    assert in_window(visit, "input")


@pytest.mark.sweep
def test_a_click_lights_up_sources_and_targets(visit):
    visit.open("?preset=googlenet&auxiliary_heads=true")
    edges = fold(cnnviz.analyze(cnnviz.spec("googlenet", auxiliary_heads=True))).edges
    ends = Counter(node for edge in edges for node in edge)
    ((node, most),) = ends.most_common(1)
    assert most > 2
    sources = {source for source, target in edges if target == node}
    targets = {target for source, target in edges if source == node}
    group(visit, node).click()
    is_selected(visit, node)
    for name, wanted in (("source", sources), ("target", targets)):
        lit = visit.page.locator(f"g.node.{name}").evaluate_all("all => all.map(one => one.id)")
        assert set(lit) == wanted
    expect(visit.page.locator("g.edge:is(.in, .out)")).to_have_count(len(sources) + len(targets))
    for name in sources | targets:
        description = group(visit, node).get_attribute("aria-description")
        assert name in description


@pytest.mark.sweep
def test_fitting_fits(visit):
    visit.open("?preset=densenet-121")
    group(visit, "block1").dblclick(modifiers=["Shift"])
    expect(group(visit, "block1.layer6.conv2")).to_be_visible()
    for act in ("whole drawing", "width", "what is selected"):
        visit.page.get_by_role("button", name=f"Fit {act}").or_(
            visit.page.get_by_role("button", name=f"Fit the {act}")
        ).click()
        boxes = measure(visit, "block1")
        inner = boxes["node"] if "selected" in act else boxes["svg"]
        assert inner["left"] >= boxes["stage"]["left"]
        assert inner["right"] <= boxes["stage"]["right"]
        if act != "width":
            assert inner["top"] >= boxes["stage"]["top"]
            assert inner["bottom"] <= boxes["stage"]["bottom"]
    small = measure(visit)["text"]
    visit.page.keyboard.press("0")
    assert measure(visit)["text"] > small


@pytest.mark.sweep
def test_words_are_laid_out_once_for_all_sizes(visit):
    """Else Chromium takes 50 ms for each change in a large drawing, and 150 ms for a zoom."""
    visit.open("?preset=resnet-18")
    expect(group(visit, "stage4")).to_be_visible()
    lengths = []
    for key in ("0", "+", "-", "-", "f"):
        visit.page.keyboard.press(key)
        texts = visit.page.locator("g.node text")
        lengths.append(texts.evaluate_all("all => all.map(one => one.getComputedTextLength())"))
    assert len(lengths[0]) > 10
    assert all(one == lengths[0] for one in lengths)


@pytest.mark.sweep
def test_the_map_shows_what_is_selected(visit):
    visit.page.goto(f"{visit.server}/?preset=densenet-121&open=block3&present=1")
    here = visit.page.locator(".map .here")
    for node in ("transition1", "block4"):
        group(visit, node).dispatch_event("click")
        is_selected(visit, node)
        boxes = measure(visit, node)
        whole, drawn = boxes["svg"], boxes["node"]
        part = (drawn["top"] - whole["top"]) / (whole["bottom"] - whole["top"])
        assert here.evaluate("one => parseFloat(one.style.top)") == pytest.approx(100 * part, abs=1)
        assert here.bounding_box()["height"] >= 3
    group(visit, "block3").dispatch_event("click")
    expect(here).to_be_hidden()


def test_search_finds_what_is_folded_away(visit):
    visit.open("?preset=resnet-50")
    expect(group(visit, "stage3")).to_be_visible()
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("stage3 3x3")
    found = visit.page.get_by_role("option")
    blocks = cnnviz.spec("resnet-50").depths[2]
    names = [f"stage3.block{number}.body.conv2" for number in range(1, blocks + 1)]
    for name in names:
        expect(found.filter(has_text=name)).to_have_count(1)
    found.filter(has_text=names[4]).click()
    expect(group(visit, names[4])).to_be_focused()
    is_selected(visit, names[4])
    assert in_window(visit, names[4])
    expect(visit.page.get_by_role("navigation", name="Blocks around")).to_contain_text("block5")


@pytest.mark.sweep
def test_arrows_walk_the_forward_pass(visit):
    visit.open("?preset=googlenet")
    nodes = [node.id for node in fold(cnnviz.analyze(cnnviz.spec("googlenet"))).nodes]
    assert INPUT_ID not in nodes
    group(visit, nodes[0]).focus()
    walked = []
    for _ in nodes:
        walked.append(measure(visit)["focus"])
        visit.page.keyboard.press("ArrowDown")
    assert walked == nodes
    visit.page.keyboard.press("Home")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    block = group(visit, nodes[2])
    expect(block).to_have_attribute("aria-expanded", "true")
    expect(block).to_be_focused()
    assert measure(visit)["stops"] == 1
    visit.page.keyboard.press("Enter")
    expect(block).to_have_attribute("aria-expanded", "false")
    expect(block).to_be_focused()


@pytest.mark.parametrize(
    "size",
    [
        pytest.param((1366, 768), marks=pytest.mark.sweep, id="100"),
        pytest.param((911, 512), id="150"),
        pytest.param((683, 384), marks=pytest.mark.sweep, id="200"),
    ],
)
def test_the_presentation_fills_the_window(visit, size):
    width, height = size
    visit.page.set_viewport_size({"width": width, "height": height})
    visit.page.goto(f"{visit.server}/?preset=densenet-121&present=1")
    leave = visit.page.get_by_role("button", name=re.compile("^Present"))
    expect(leave).to_have_attribute("aria-pressed", "true")
    boxes = measure(visit)
    assert boxes["frame"] == {"left": 0, "top": 0, "right": width, "bottom": height}
    assert boxes["text"] >= 20 - 1e-6
    assert boxes["svg"]["right"] - boxes["svg"]["left"] <= boxes["client"]
    expect(visit.page.get_by_test_id("stMetricValue").first).to_be_hidden()
    visit.page.keyboard.press("ArrowDown")
    visit.page.keyboard.press("Enter")
    expect(group(visit, "block1.layer1")).to_be_visible()
    is_selected(visit, "block1")
    visit.page.keyboard.press("d")
    expect(visit.page.locator(":is(h2, h3)", has_text="block1")).to_be_hidden()
    visit.page.keyboard.press("Escape")
    expect(visit.page).not_to_have_url(re.compile("present"))
    expect(leave).to_have_attribute("aria-pressed", "false")
    expect(visit.page.get_by_test_id("stMetricValue").first).to_be_visible()
    visit.page.set_viewport_size({"width": 1366, "height": 768})


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("locale", "height"),
    [
        ("en-US", 512),
        ("zh-CN", 425),  # with the browser's own bars
        ("en-US", 425),
        ("zh-CN", 512),
    ],
)
def test_both_panes_begin_in_the_first_screen_at_150_percent(browser, server, locale, height):
    size = {"width": 911, "height": height}
    one = Visit(browser, server, locale=locale, viewport=size)
    one.page.add_init_script("localStorage.setItem('cnnviz-hint-dismissed', 'yes')")
    one.open("?preset=googlenet&at=inception_3a")
    expect(group(one, "inception_3a")).to_be_visible()
    one.rest().page.wait_for_function(  # it is laid out anew when the page has its height
        f"""id => {{
          const {{ node, stage }} = ({MEASURE})(id)
          return node.left >= stage.left && node.right <= stage.right
        }}""",
        arg="stem",
    )
    boxes = measure(one, "stem")
    assert boxes["node"]["bottom"] < height, "a block stands in the first screen"
    panel = one.page.get_by_role("tabpanel").get_by_role("heading").first.bounding_box()
    assert panel["y"] + panel["height"] < height, "so do the views"
    whole = one.page.evaluate("document.documentElement.scrollWidth")
    assert whole <= size["width"]
    last = one.page.locator(".st-key-figures > *").last.bounding_box()
    assert last["x"] + last["width"] <= size["width"], "no figure is cut"
    one.page.locator(".stMain").evaluate("one => one.scrollTo(0, one.scrollHeight)")
    expect(one.page.locator(".st-key-below")).to_be_in_viewport()
    assert one.complaints == []
    one.context.close()


@pytest.mark.sweep
@pytest.mark.parametrize("size", [(1366, 768), (683, 384)], ids=["100", "200"])
def test_the_stops_cover_no_node(visit, size):
    width, height = size
    visit.page.set_viewport_size({"width": width, "height": height})
    visit.page.goto(f"{visit.server}/?preset=googlenet&open=inception_5a,inception_5b&present=1")
    leave = visit.page.get_by_role("button", name=re.compile("^Present"))
    expect(leave).to_have_attribute("aria-pressed", "true")
    group(visit, "stem").focus()
    visit.page.keyboard.press("End")
    expect(group(visit, "head")).to_be_focused()
    stage = visit.page.locator(".stage")
    for key in ("", "f"):
        if key:
            visit.page.keyboard.press(key)
        stage.evaluate("one => { one.scrollTop = one.scrollHeight; one.scrollLeft = 0 }")
        stops = visit.page.get_by_role("group", name="Stops of the lecture").bounding_box()
        assert measure(visit, "head")["node"]["bottom"] <= stops["y"]
    visit.page.keyboard.press("Escape")
    visit.page.set_viewport_size({"width": 1366, "height": 768})


@pytest.mark.sweep
def test_a_lecture_steps_through_its_stops(visit):
    visit.page.goto(f"{visit.server}/?preset=densenet-121&present=1")
    leave = visit.page.get_by_role("button", name=re.compile("^Present"))
    expect(leave).to_have_attribute("aria-pressed", "true")
    group(visit, "block1").dblclick()
    expect(group(visit, "block1.layer1")).to_be_visible()
    is_selected(visit, "block1")
    visit.page.keyboard.press("a")
    expect(visit.page).to_have_url(re.compile("open=block1&at=block1&present=1$"))
    address = visit.page.url
    visit.page.keyboard.press("Enter")
    expect(group(visit, "block1.layer1")).to_have_count(0)
    group(visit, "block2").click()
    is_selected(visit, "block2")
    visit.page.keyboard.press("a")
    expect(visit.page).to_have_url(re.compile("at=block2&present=1$"))
    visit.page.keyboard.press("ArrowLeft")
    expect(group(visit, "block1.layer1")).to_be_visible()
    is_selected(visit, "block1")
    visit.page.keyboard.press("PageDown")
    expect(group(visit, "block1.layer1")).to_have_count(0)
    is_selected(visit, "block2")
    visit.page.goto(address)
    expect(group(visit, "block1.layer1")).to_be_visible()
    is_selected(visit, "block1")
    assert in_window(visit, "stem")


@pytest.mark.sweep
def test_on_paper_the_whole_graph_stands_without_buttons(visit):
    page = visit.page
    page.goto(f"{visit.server}/?preset=densenet-121&open=block1")
    expect(group(visit, "block1.layer1")).to_be_visible()
    page.emulate_media(media="print")
    try:
        boxes = measure(visit)
        assert boxes["stage"]["bottom"] >= boxes["svg"]["bottom"]  # it is not cut
        for what in (".stSidebar", ".stButton", ".toolbar", '[role="tablist"]'):
            for one in page.locator(what).all():
                expect(one).to_be_hidden()
        expect(page.get_by_test_id("stMetricValue").first).to_be_visible()
    finally:
        page.emulate_media(media="screen")

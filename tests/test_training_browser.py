"""A training run in a real Chromium, with the real dispatcher: start, watch, stop, look inside."""

import re

import conftest
import pytest
from axe import violations
from playwright.sync_api import expect
from visit import LONG, Visit

from cnnviz.ui.session.owner import COOKIE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The app with a data directory of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_DATA", str(tmp_path_factory.mktemp("data")))
        patch.delenv("CNNVIZ_DISPATCHER")
        yield from conftest.server.__wrapped__()


class Trainee(Visit):
    """A visitor of the Training page."""

    def arrive(self, query="?preset=lenet-d2l"):
        """Come from the Architecture page with its network."""
        self.open(query)
        self.page.get_by_role("button", name="Train", exact=True).click()
        expect(self.page.get_by_role("heading", name="Training lenet-d2l")).to_be_visible()
        return self.rest()

    def set(self, knob, value):
        field = self.page.locator(f'[class*="st-key-recipe-{knob}-"] input').first
        expect(field).to_be_visible(timeout=LONG)
        field.fill(value)
        field.press("Enter")

    def start(self):
        return self.page.get_by_role("button", name="Start training")

    def says(self, text, **options):
        expect(self.page.get_by_test_id("stMain")).to_contain_text(text, **options)


@pytest.fixture
def visit(browser, server):
    visits = []

    def begin(**context):
        visits.append(Trainee(browser, server, **context))
        return visits[-1]

    yield begin
    for one in visits:
        assert one.complaints == []
        one.context.close()


@pytest.fixture(scope="module")
def trained(browser, server):
    """The address of a run that is done, and the cookies of who made it."""
    visitor = Trainee(browser, server).arrive()
    visitor.set("epochs", "1")
    expect(visitor.page.get_by_text("epochs ✎")).to_be_visible()
    visitor.start().dblclick()
    visitor.says("trained and tested on Fashion-MNIST", timeout=LONG)
    yield visitor.page.url.split("/", 3)[3], visitor.context.storage_state()
    visitor.context.close()


def test_a_run_from_the_start_to_its_results(visit, trained):
    path, state = trained
    visitor = visit(storage_state=state)
    page = visitor.page
    page.goto(f"{visitor.server}/{path}")
    visitor.says("trained and tested on Fashion-MNIST", timeout=LONG)
    expect(page).to_have_url(re.compile(r"run=[0-9a-f]{12}$"))
    expect(page.get_by_test_id("stMetric")).to_have_count(5)
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(re.compile(r"[0-9.]+ %"))
    for name in ("Loss", "Accuracy", "Learning rate", "Norm of the gradient"):
        expect(page.get_by_role("figure", name=name)).to_be_visible()
    expect(page.get_by_test_id("stPlotlyChart").filter(has_text="Ankle boot")).to_be_visible()
    expect(page.get_by_text("Your runs")).to_be_visible()
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Curves as CSV").click()
    header = download.value.path().read_text(encoding="utf-8").splitlines()[0]
    assert {"kind", "epoch", "loss", "test_accuracy"} <= set(header.split(","))
    with page.expect_download() as download:
        page.get_by_role("button", name="Weights").click()
    name = download.value.suggested_filename  # a demo, once the device is measured, adds its recipe
    assert re.fullmatch(r"cnnviz-\d+-lenet-d2l-epochs-1(-[-a-z0-9.]+)?\.safetensors", name)


def test_the_cookie_is_sent_from_no_other_site(trained):
    (own,) = [one for one in trained[1]["cookies"] if one["name"] == COOKIE]
    assert own["sameSite"] == "Lax"


@pytest.mark.sweep
def test_axe_finds_nothing_in_the_results(visit, trained):
    path, state = trained
    visitor = visit(storage_state=state)
    visitor.page.goto(f"{visitor.server}/{path}")
    visitor.says("trained and tested on Fashion-MNIST", timeout=LONG)
    tabs = visitor.page.get_by_role("tab")
    expect(tabs.first).to_be_visible(timeout=LONG)
    for number in range(tabs.count()):
        tabs.nth(number).click()
        expect(visitor.page.get_by_role("tabpanel")).not_to_be_empty()
        visitor.rest()
        assert violations(visitor.page) == [], tabs.nth(number).inner_text()


@pytest.mark.sweep
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_axe_finds_nothing_while_it_trains(visit, locale, theme):
    visitor = visit(locale=locale, color_scheme=theme)
    page = visitor.page
    page.goto(f"{visitor.server}/training?preset=resnet-20")
    page.locator(".st-key-start button").first.click(timeout=LONG)
    expect(page.get_by_test_id("stMetricValue").nth(2)).to_be_visible(timeout=LONG)
    assert violations(page) == []
    page.locator('[class*="st-key-stop"] button').first.click()
    visitor.says("■", timeout=LONG)


@pytest.mark.sweep
def test_a_double_click_was_one_run(visit, trained):
    path, state = trained
    visitor = visit(storage_state=state)
    visitor.page.goto(f"{visitor.server}/{path}")
    visitor.says("#1 lenet-d2l", timeout=LONG)
    expect(visitor.page.get_by_text("#2 lenet-d2l")).to_have_count(0)
    table = visitor.page.locator('[data-testid="stDataFrame"] table')
    expect(table).to_have_attribute("aria-rowcount", "2")  # the heading and the run


@pytest.mark.sweep
def test_somebody_else_may_look_and_draw(visit, trained):
    path, _ = trained
    visitor = visit()
    page = visitor.page
    page.goto(f"{visitor.server}/{path}")
    visitor.says("somebody else's run", timeout=LONG)
    expect(page.get_by_role("button", name="Delete")).to_have_count(0)
    page.get_by_role("tab", name="Feature maps").click()
    visitor.says("whose output is")
    page.get_by_role("tab", name="Try it yourself").click()
    canvas = page.get_by_role("img", name="Canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 90, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 190, box["y"] + 220, steps=10)
    page.mouse.up()
    visitor.says("% sure")
    bars = page.get_by_test_id("stPlotlyChart").filter(has_text=re.compile(r"[0-9.]+ %"))
    expect(bars.last).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    visitor.says("The five most likely classes appear here.")


@pytest.mark.sweep
def test_a_run_is_followed_through_a_reload_and_stopped(visit):
    visitor = visit().arrive()
    page = visitor.page
    visitor.set("epochs", "200")
    expect(page.get_by_text("epochs ✎")).to_be_visible()
    visitor.start().click()
    chart = page.get_by_role("figure", name="Loss")
    expect(chart).to_contain_text("Loss", timeout=LONG)
    page.reload()
    expect(chart).to_contain_text("Loss", timeout=LONG)
    zoom(page, chart)
    shown = axis(page)
    assert 0 < shown[0] < shown[1] < 150
    epoch = page.get_by_test_id("stMetricValue").nth(2)
    before = epoch.text_content()
    expect(epoch).not_to_have_text(before, timeout=LONG)
    assert axis(page) == shown, "the zoom stays while the run goes on"
    # Streamlit has a Stop of its own above the page, while it draws
    stop = page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop")
    stop.click()
    visitor.says("■ stopped", timeout=LONG)
    assert stop.count() == 0, "gone as soon as that is said"
    expect(page.get_by_role("button", name="Delete")).to_be_visible(timeout=LONG)


@pytest.mark.sweep
def test_a_run_stays_on_screen_on_every_way_back_to_it(visit):
    visitor = visit().arrive()
    page = visitor.page
    visitor.set("epochs", "199")
    expect(page.get_by_text("epochs ✎")).to_be_visible()
    expect(page.get_by_label("epochs ✎", exact=True)).to_have_value("199")
    visitor.start().click()
    chart = page.get_by_role("figure", name="Loss")
    for way in ("link and Back", "bare address"):
        expect(chart).to_contain_text("Loss", timeout=LONG)
        visitor.rest()
        expect(page).to_have_url(re.compile("run=[0-9a-f]{12}"))
        if way == "link and Back":
            page.get_by_text("Change the network").click()
            expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible(timeout=LONG)
            visitor.rest()
            page.go_back()
        else:
            page.goto(f"{visitor.server}/training")
    expect(chart).to_contain_text("Loss", timeout=LONG)
    page.get_by_role("button", name="Stop").click()
    visitor.says("■ stopped", timeout=LONG)


def zoom(page, chart):
    """Drag a box in the middle of a chart."""
    chart.scroll_into_view_if_needed()
    box = chart.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
    page.mouse.up()


def axis(page):
    return page.evaluate("document.querySelector('.js-plotly-plot').layout.xaxis.range")

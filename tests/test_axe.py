"""axe-core finds nothing on the pages, in both languages and both themes."""

import conftest
import pytest
from axe import violations
from playwright.sync_api import expect
from visit import LONG, Visit

from cnnviz.labs import LABS

pytestmark = pytest.mark.browser

LOOKS = [(locale, theme) for locale in ("en-US", "zh-CN") for theme in ("light", "dark")]
ADMIN_KEY = "only-the-teacher-knows"

# address, and what is there when it is drawn
STATES = {
    "Architecture": ("?preset=googlenet&growth_rate=3&at=inception_3b", "g.node.selected"),
    "a presentation": (
        "?preset=densenet-121&open=block1&at=block1&present=1",
        ".frame.presenting",
    ),
    "an address with a fault": (
        "?preset=vgg-d&depths=9-9-9",
        '.stApp:has([data-testid="stAlert"]) g.node',
    ),
    "where it breaks": ("?preset=vgg-d&breaks=image_size:20", "g.node"),
    "Compare": ("compare", ".st-key-beside-figures table"),
    "Sweeps": ("sweeps?preset=lenet-5", ".st-key-sweeps-figures table"),
    "Sweeps, two knobs": (
        "sweeps?preset=lenet-5&x=num_classes:10:12:1&y=image_size:32,36",
        ".st-key-sweeps-figures table",
    ),
    "Sweeps, times": ("sweeps?preset=lenet-5&show=forward_ms", ".st-key-sweeps-time-begin button"),
    "Sweeps, trainings": (
        "sweeps?preset=lenet-d2l&x=activation:relu,sigmoid&show=test_accuracy",
        'p:text-matches("measuring how|正在测量此")',  # without a dispatcher it comes no further
    ),
    "Sweeps, all presets": ("sweeps?view=front", ".st-key-sweeps-front-figures table"),
    "Time": ("?preset=lenet-5&tab=time&colour=time", ".st-key-time-begin button"),
    "Profiles": ("?preset=lenet-5&tab=profiles", ".st-key-profiles-step .js-plotly-plot"),
    "Compare, six networks": (
        "compare?n1=lenet-5&n2=alexnet-2012&n3=vgg-d&n4=googlenet&n5=resnet-50&n6=densenet-121",
        ".st-key-beside-figures table",
    ),
    "The line": ("line", ".st-key-line-contest .js-plotly-plot"),
    "Lessons": ("lessons?lesson=vgg&step=breaks", ".st-key-lesson-asked h3"),
    "Glossary": ("glossary?term=macs", "h3"),
    "Training": ("training?preset=lenet-d2l", ".st-key-start button"),
    "Class": ("class", ".st-key-class-open button"),
    "Admin": ("admin", 'input[type="password"]'),
}
LAB_STATES = {f"the lab {name}": (f"labs?lab={name}", f".st-key-lab-{name}") for name in LABS}
FEW = ("Architecture", "Training")
WITH_TABS = ("Architecture", "Compare")


class Reader(Visit):
    """A visitor who goes to every page."""

    def goes(self, name):
        path, shown = (STATES | LAB_STATES)[name]
        self.page.goto(f"{self.server}/{path}")
        expect(self.page.locator(shown).first).to_be_visible(timeout=LONG)
        self.rest()
        nameless = self.page.locator(".search input:not([aria-label])")  # until its script runs
        expect(nameless).to_have_count(0, timeout=LONG)

    def finds(self, state):
        return [f"{state}: {line}" for line in violations(self.page)]

    def finds_in_tabs(self, state):
        tabs = self.page.get_by_role("tab")
        found = []
        for number in range(tabs.count()):
            tabs.nth(number).click()
            expect(self.page.get_by_role("tabpanel")).not_to_be_empty()
            self.rest()
            found += self.finds(f"{state}, {tabs.nth(number).inner_text()}")
        return found

    def shares(self):
        self.page.get_by_test_id("stPopoverButton").first.click()
        expect(self.page.get_by_test_id("stPopoverBody")).to_be_visible()
        self.rest()

    def comes_in(self):
        self.page.locator('input[type="password"]').fill(ADMIN_KEY)
        self.page.locator('input[type="password"]').press("Enter")
        expect(self.page.get_by_role("tab").first).to_be_visible(timeout=LONG)
        self.rest()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The app with an Admin page, and data of its own: a class is opened in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setenv("CNNVIZ_ADMIN_KEY", ADMIN_KEY)
        yield from conftest.server.__wrapped__()


@pytest.fixture
def reader(browser, server, request):
    locale, theme = request.param
    one = Reader(browser, server, locale=locale, color_scheme=theme)
    yield one
    assert one.complaints == []
    one.context.close()


@pytest.mark.parametrize("reader", LOOKS[-1:], ids=str, indirect=True)
def test_axe_finds_nothing_on_the_main_pages(reader):
    found = []
    for name in FEW:
        reader.goes(name)
        found += reader.finds(name)
    assert not found, "\n".join(found)


@pytest.mark.sweep
@pytest.mark.parametrize("reader", LOOKS, ids=str, indirect=True)
def test_axe_finds_nothing_anywhere(reader):
    found = []
    for name in STATES:
        reader.goes(name)
        found += reader.finds(name)
        if name in WITH_TABS:
            found += reader.finds_in_tabs(name)
        if name == "Architecture":
            reader.shares()
            found += reader.finds("Share")
        if name == "Admin":
            reader.comes_in()
            found += reader.finds_in_tabs("Admin, inside")
    assert not found, "\n".join(found)


@pytest.mark.sweep
@pytest.mark.parametrize("reader", LOOKS, ids=str, indirect=True)
def test_axe_finds_nothing_in_the_labs(reader):
    found = []
    for name in LAB_STATES:
        reader.goes(name)
        found += reader.finds(name)
    assert not found, "\n".join(found)


@pytest.fixture
def reader_of_faults(browser, server):
    one = Reader(browser, server)
    one.goes("Glossary")
    one.page.evaluate("""() => {
      const main = document.querySelector(".stMainBlockContainer")
      const text = '<p id="planted-text" style="color: #bbb; background: #fff">Planted</p>'
      main.insertAdjacentHTML("afterbegin", text)
      const host = document.createElement("div")
      main.prepend(host)
      host.attachShadow({ mode: "open" }).innerHTML =
        '<img id="planted-picture" src="data:image/png;base64,">'
    }""")
    yield one
    one.context.close()


def test_axe_would_find_something(reader_of_faults):
    """A text of too little contrast and a picture without words are found, in components, too."""
    found = reader_of_faults.finds("planted")
    assert any("color-contrast" in line and "planted-text" in line for line in found)
    assert any("image-alt" in line and "planted-picture" in line for line in found)

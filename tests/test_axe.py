"""axe-core finds nothing on any page, in both languages and both themes."""

import pytest
from axe import violations
from playwright.sync_api import expect
from test_browser import Visit

pytestmark = pytest.mark.browser

LONG = 60_000  # ms; a shared machine may be busy
LOOKS = [(locale, theme) for locale in ("en-US", "zh-CN") for theme in ("light", "dark")]


class Reader(Visit):
    """A visitor who goes to every page."""

    def goes(self, path, shown):
        self.page.goto(f"{self.server}/{path}")
        styled = self.page.locator(".st-key-header")
        expect(styled).to_have_css("flex-wrap", "nowrap", timeout=LONG)
        expect(self.page.locator(shown).first).to_be_visible(timeout=LONG)
        self.rests()

    def rests(self):
        at_rest = '.stApp[data-test-script-state="notRunning"]'
        expect(self.page.locator(at_rest)).to_be_attached(timeout=LONG)

    def _console(self, message):
        if "404" not in message.text:  # on a page's own address Streamlit asks for its health there
            super()._console(message)


def states(reader, tabs):
    """Every page in turn, by name, and if that is asked for each of its tabs."""
    reader.goes("?preset=googlenet&growth_rate=3&at=inception_3b", "g.node.selected")
    yield from opened_tabs(reader, "Architecture", tabs)
    reader.page.get_by_test_id("stPopoverButton").first.click()
    expect(reader.page.locator(".stPopoverBody, [data-testid=stPopoverBody]")).to_be_visible()
    yield "Share"
    reader.goes("?preset=densenet-121&open=block1&at=block1&present=1", ".frame.presenting")
    yield "presentation"
    reader.goes("?preset=vgg-d&depths=9-9-9", '[data-testid="stAlert"]')
    yield "an address with a fault"
    reader.goes("?preset=vgg-d&breaks=image_size:20", ".st-key-broken-back")
    yield "where it breaks"
    reader.goes("compare", ".st-key-beside-figures table")
    yield from opened_tabs(reader, "Compare", tabs)
    reader.goes("line", ".st-key-line-step-1")
    yield "The line"
    reader.goes("glossary?term=macs", "h3")
    yield "Glossary"
    reader.goes("training?preset=lenet-d2l", ".st-key-start button")
    yield "Training"


def opened_tabs(reader, page, every):
    yield page
    tabs = reader.page.get_by_role("tab")
    for number in range(tabs.count() if every else 0):
        tabs.nth(number).click()
        expect(reader.page.get_by_role("tabpanel")).not_to_be_empty()
        reader.rests()
        yield f"{page}, {tabs.nth(number).inner_text()}"


def finds_nothing(browser, server, tabs, **look):
    reader = Reader(browser, server, **look)
    found = {name: violations(reader.page) for name in states(reader, tabs)}
    assert found
    said = [f"{name}: {line}" for name, lines in found.items() for line in lines]
    assert not said, "\n".join(said)
    assert reader.complaints == []
    reader.context.close()


def test_axe_finds_nothing_on_any_page(browser, server):
    finds_nothing(browser, server, tabs=False)


@pytest.mark.sweep
@pytest.mark.parametrize(("locale", "theme"), LOOKS)
def test_axe_finds_nothing_in_any_tab(browser, server, locale, theme):
    finds_nothing(browser, server, tabs=True, locale=locale, color_scheme=theme)

"""A lesson without a mouse: choose, turn, unfold, read, train, stop; and what is said aloud."""

import re

import pytest
from playwright.sync_api import expect
from test_training_browser import Trainee, server
from visit import LONG

import cnnviz
from cnnviz.numbers import short

__all__ = ["server"]

pytestmark = [pytest.mark.browser, pytest.mark.sweep]

MOST = 120  # presses of Tab to come to anything
HAS_FOCUS = "element => element.getRootNode().activeElement === element"


class Typist(Trainee):
    """A visitor with a keyboard alone."""

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def come_to(self, locator):
        """Go on by Tab until the element has the focus."""
        expect(locator).to_be_visible(timeout=LONG)
        for _ in range(MOST):
            if locator.evaluate(HAS_FOCUS):
                return self
            self.press("Tab")
        raise AssertionError(f"Tab does not come to {locator}")

    def choose(self, what, name):
        self.come_to(self.page.locator(f'[class*="st-key-{what}-"] input').first)
        self.page.keyboard.type(name)
        expect(self.page.get_by_role("option", name=name, exact=True)).to_be_visible()
        self.press("Enter")

    def keeps_focus(self):
        self.rest()
        expect(self.page.locator("body")).not_to_be_focused()
        return self

    def is_at(self, label):
        self.rest()
        expect(self.page.locator("input:focus")).to_have_attribute("aria-label", label)

    def hears(self, text):
        expect(self.page.locator("#cnnviz-announced")).to_contain_text(text, timeout=LONG)

    def main_button(self, name):
        """A button of the page; Streamlit has a Stop of its own above it."""
        main = self.page.get_by_test_id("stMainBlockContainer")
        return main.get_by_role("button", name=name, exact=True)


@pytest.fixture
def typist(browser, server):
    one = Typist(browser, server).open()
    yield one
    assert one.complaints == []
    one.context.close()


def test_a_lesson_by_keys_alone(typist):
    page = typist.page
    typist.choose("family", "LeNet")
    expect(page.get_by_role("heading", name="lenet-5")).to_be_visible()
    typist.is_at("Family")
    typist.choose("preset", "lenet-d2l")
    expect(page.get_by_role("heading", name="lenet-d2l")).to_be_visible()
    typist.is_at("Preset")

    turned = cnnviz.spec("lenet-d2l", batch_norm=True)
    typist.come_to(typist.knob("batch_norm", "lenet").locator("input"))
    typist.press("Space")
    typist.shows(turned)
    typist.hears(f"Parameters {short(cnnviz.analyze(turned).params)}")
    name = f"Reset {turned.knob('batch_norm').label.en}"
    typist.come_to(page.get_by_role("button", name=name, exact=True))
    typist.press("Enter")
    typist.shows(cnnviz.spec("lenet-d2l"))
    typist.keeps_focus()

    typist.come_to(typist.node("C1"))
    typist.press("Space")
    opened = page.locator('g.cluster[id="C1"]')
    expect(opened).to_be_focused()
    typist.press("ArrowDown")
    inner = page.locator("g.node:focus")
    expect(inner).to_have_attribute("id", re.compile(r"^C1\."))
    typist.press("Enter")
    details = page.locator(".st-key-details")
    expect(details.get_by_role("heading")).to_contain_text(inner.get_attribute("id"))

    typist.come_to(typist.main_button("Train"))
    typist.press("Enter")
    heading = page.get_by_role("heading", name="Training lenet-d2l")
    expect(heading).to_be_focused(timeout=LONG)
    typist.come_to(page.locator('[class*="st-key-recipe-epochs-"] input').first)
    typist.press("ControlOrMeta+a")
    page.keyboard.type("200")
    typist.press("Enter")
    expect(page.get_by_text("epochs ✎")).to_be_visible()
    typist.come_to(typist.start())
    typist.press("Enter")
    stop = typist.main_button("Stop")
    expect(stop).to_be_focused(timeout=LONG)
    typist.press("Enter")
    typist.says("■ stopped", timeout=LONG)
    typist.hears("stopped")
    typist.keeps_focus()


def test_what_a_mouse_presses_takes_the_focus_nowhere(typist):
    page = typist.page
    typist.knob("growth_rate").locator("input[type=range]").press("ArrowLeft")
    typist.shows(cnnviz.spec("densenet", growth_rate=31))
    reset = page.get_by_role("button", name="Reset all")
    reset.click()
    typist.shows(cnnviz.spec("densenet"))
    expect(reset).to_be_disabled()
    typist.rest()
    expect(page.locator("body")).to_be_focused()
    page.keyboard.press("PageDown")
    typist.rest()
    expect(page.locator("body")).to_be_focused()

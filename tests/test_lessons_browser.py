"""A lesson in a real Chromium: walked by keys on a projector, and read on a phone."""

import re

import pytest
from playwright.sync_api import expect
from visit import LONG, Visit

from cnnviz.lessons import NAMES, find

pytestmark = pytest.mark.browser


class Learner(Visit):
    """A visitor of the Lessons page."""

    def goes(self, address):
        self.page.goto(f"{self.server}/lessons?{address}")
        expect(self._heading()).to_be_visible(timeout=LONG)
        expect(self.page).to_have_url(re.compile("step="), timeout=LONG)
        self.rest()

    def reads(self, title):
        expect(self._heading()).to_have_text(title, timeout=LONG)
        self.rest()

    def _heading(self):
        # the old step's stands below the new one's for a moment
        return self.page.locator(".st-key-lesson-told h2").first

    def overflows(self):
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )


def test_a_lesson_is_walked_by_keys_and_answered(browser, server):
    visitor = Learner(browser, server, locale="en-US", viewport={"width": 1366, "height": 768})
    page, steps = visitor.page, find("vgg").steps
    visitor.goes("lesson=vgg")
    page.get_by_role("button", name="Next").click()
    visitor.reads(steps[1].title.en)
    page.keyboard.press("ArrowRight")
    visitor.reads(steps[2].title.en)
    page.keyboard.press("ArrowLeft")
    visitor.reads(steps[1].title.en)
    page.get_by_role("button", name="Back").click()
    visitor.reads(steps[0].title.en)
    asked = steps[0].question(1)
    box = page.get_by_role("textbox", name="Your answer")
    box.fill(f"{asked.answer:.0f}")
    box.press("Enter")
    expect(page.get_by_text(f"Right: {asked.shown.en}.").first).to_be_visible(timeout=LONG)
    expect(page.get_by_text("1 ✓")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="On paper").click()
        page.get_by_role("button", name="Solution").click()
    assert download.value.suggested_filename == "vgg-1-solution.html"
    assert visitor.complaints == []
    visitor.context.close()


@pytest.mark.sweep
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("name", NAMES)
def test_every_step_fits_a_phone(browser, server, name, locale):
    visitor = Learner(browser, server, locale=locale, viewport={"width": 390, "height": 844})
    steps = find(name).steps
    visitor.goes(f"lesson={name}")
    for number, step in enumerate(steps):
        visitor.reads(step.title(locale[:2]))
        assert visitor.overflows() <= 0, step.name
        if number + 1 < len(steps):
            visitor.page.locator(".st-key-lesson-on button").click()
    assert visitor.complaints == []
    visitor.context.close()

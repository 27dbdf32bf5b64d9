"""Pages in the modes that browsers have for those who need them: large text, zoom, few colours."""

import pytest
from playwright.sync_api import expect
from test_browser import visit

__all__ = ["visit"]

pytestmark = [pytest.mark.browser, pytest.mark.sweep]

# the texts that their own box cuts off
CUT = """() => [...document.querySelectorAll("button, label, .legend, .hint")]
  .filter(one => one.checkVisibility({ visibilityProperty: true }) && one.clientWidth)
  .filter(one => getComputedStyle(one).overflow !== "visible")
  .filter(one => one.scrollWidth > one.clientWidth + 1)
  .map(one => one.outerHTML.slice(0, 200))"""


def wide(page):
    """How much wider than the window the page is, in pixels."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def test_text_of_twice_the_size_fits_where_it_stands(visit):
    visitor = visit().open()
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    places = [visitor.page.locator(name).first for name in (".legend", ".toolbar button", ".hint")]
    before = [place.evaluate(size) for place in places]
    visitor.page.add_style_tag(content="html:root { font-size: 200% !important; }")
    assert [place.evaluate(size) for place in places] == [2 * one for one in before]
    assert visitor.page.evaluate(CUT) == []
    assert wide(visitor.page) <= 0


def test_a_zoom_of_four_keeps_the_page_in_the_window(visit):
    visitor = visit(viewport={"width": 342, "height": 192}).open()
    title = visitor.page.get_by_role("heading", name="densenet-121")
    expect(title).to_be_visible()
    box = title.bounding_box()
    assert box["width"] > box["height"], "a title of a letter a line is no title"
    assert wide(visitor.page) <= 0


def test_the_systems_own_colours_hide_no_choice(visit):
    visitor = visit(forced_colors="active").open()
    page = visitor.page
    outline = "element => getComputedStyle(element).outlineStyle"
    chosen = (
        page.get_by_role("tab", selected=True).first,
        page.locator('.stButtonGroup [aria-checked="true"]').first,
    )
    for one in chosen:
        assert one.evaluate(outline) == "solid"
    assert page.get_by_role("tab", selected=False).first.evaluate(outline) == "none"
    fills = page.locator(".legend i").evaluate_all(
        "all => all.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert len(set(fills)) > 2

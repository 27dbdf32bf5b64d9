"""The labs in a real Chromium: a film by keyboard, pointer and clock, an edited matrix, a phone."""

import re

import pytest
from playwright.sync_api import expect
from visit import Visit, take_hold

from cnnviz.labs import LABS

pytestmark = pytest.mark.browser


@pytest.fixture
def lab(browser, server):
    visits = []

    def start(query, **context):
        one = Visit(browser, server, **context)
        visits.append(one)
        one.page.goto(f"{server}/labs?{query}")
        # the last of the page; what is typed before it is complete may be drawn over
        expect(one.page.get_by_role("heading", name="In the networks")).to_be_attached(
            timeout=60_000
        )
        return one.rest().page

    yield start
    for one in visits:
        assert one.complaints == []
        one.context.close()


def film(page):
    return page.locator(".film").first


def stands_at(page, at, of):
    expect(film(page).locator(".count")).to_have_text(f"{at} / {of}", timeout=30_000)


def test_a_film_goes_by_keyboard_alone_and_the_address_knows(lab):
    page = lab("lab=convolution")
    stands_at(page, 1, 4)
    expect(film(page).locator(".said")).to_have_text("0·0 + 1·1 + 3·2 + 4·3 = 0 + 1 + 6 + 12 = 19")
    slider = film(page).get_by_role("slider")
    slider.focus()
    page.keyboard.press("ArrowRight")
    stands_at(page, 2, 4)
    expect(page).to_have_url(re.compile("step=2"))
    expect(film(page).locator(".said")).to_have_text("1·0 + 2·1 + 4·2 + 5·3 = 0 + 2 + 8 + 15 = 25")
    expect(slider).to_be_focused()
    page.keyboard.press("End")
    stands_at(page, 4, 4)
    expect(page).to_have_url(re.compile("step=4"))
    page.reload()
    stands_at(page, 4, 4)


@pytest.mark.sweep
def test_a_film_is_drawn_large_and_its_many_short_sums_stand_in_columns(lab):
    page = lab("lab=edges", viewport={"width": 1366, "height": 768})
    stands_at(page, 1, 42)
    drawn = film(page).locator("svg")
    assert drawn.bounding_box()["width"] > 1.2 * float(drawn.get_attribute("width"))
    sums = page.locator('[class*="-columns"] [data-testid="stText"]').first
    assert sums.inner_text().count(" = ") == 42
    sums.scroll_into_view_if_needed()
    assert sums.bounding_box()["height"] < 42 / 2 * 24  # px of a line


@pytest.mark.sweep
def test_pointing_at_an_output_cell_shows_its_sum(lab):
    page = lab("lab=convolution")
    stands_at(page, 1, 4)
    film(page).locator("[data-id=target-2]").hover()
    stands_at(page, 3, 4)
    expect(film(page).locator(".said")).to_have_text("3·0 + 4·1 + 6·2 + 7·3 = 0 + 4 + 12 + 21 = 37")
    expect(film(page).locator("[data-id=frame-2]").first).to_be_visible()
    expect(film(page).locator("[data-id=frame-0]").first).to_be_hidden()


@pytest.mark.sweep
def test_every_output_channel_shows_its_own_kernel(lab):
    page = lab("lab=convolution")
    film = page.locator(".film").nth(1)
    expect(film.locator(".count")).to_have_text("1 / 12", timeout=30_000)
    film.locator("[data-id=target-9]").hover()
    expect(film.locator(".said")).to_have_text(
        "1·2 + 2·3 + 4·4 + 5·5 = 49; 2·3 + 3·4 + 5·5 + 6·6 = 79; 49 + 79 = 128"
    )


@pytest.mark.sweep
def test_a_film_plays_to_its_end(lab):
    page = lab("lab=pooling")
    stands_at(page, 1, 4)
    film(page).get_by_role("button", name="Play").click()
    stands_at(page, 4, 4)
    expect(page).to_have_url(re.compile("step=4"))


@pytest.mark.sweep
def test_an_edited_matrix_changes_the_film(lab):
    page = lab("lab=convolution")
    stands_at(page, 1, 4)
    area = page.get_by_role("textbox", name=re.compile("^kernel")).first
    area.fill("1 0\n0 0")
    area.press("Control+Enter")
    expect(film(page).locator(".said")).to_have_text("0·1 + 1·0 + 3·0 + 4·0 = 0 + 0 + 0 + 0 = 0")
    area = page.get_by_role("textbox", name=re.compile("^kernel")).first
    area.fill("1 0\n0")
    area.press("Control+Enter")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Row 2 has 1 number.")
    expect(film(page).locator(".said")).to_have_text("0·1 + 1·0 + 3·0 + 4·0 = 0 + 0 + 0 + 0 = 0")


def test_a_lab_follows_a_slider_while_it_is_dragged(lab):
    page = lab("lab=activation")
    slider = page.locator(".stSlider").first.locator("input[type=range]")
    address = page.url
    _, y = take_hold(slider)
    track = page.locator(".stSlider").first.bounding_box()
    page.mouse.move(track["x"] + 0.25 * track["width"], y, steps=5)
    x = float(slider.input_value())
    assert x < 0
    expect(page.get_by_role("cell", name="max(0, x) = 0")).to_be_visible(timeout=30_000)
    assert page.url == address
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"x={x:g}"))


@pytest.mark.sweep
@pytest.mark.parametrize("name", LABS)
def test_a_phone_needs_no_sideways_scrolling(lab, name):
    page = lab(f"lab={name}", viewport={"width": 390, "height": 844})
    # while the page is drawn, its hidden parts may stand out for a moment
    page.wait_for_function(
        "() => document.querySelector('.stMain').scrollWidth"
        " <= document.documentElement.clientWidth + 1",
        timeout=20_000,
    )

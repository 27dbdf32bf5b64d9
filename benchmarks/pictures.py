"""The README's pictures, taken from today's app in a real Chromium, into docs/.

    python -m benchmarks.pictures [still | story]

The stills are what their addresses show. The story is a moving picture: choose DenseNet, turn its
growth rate, unfold a block, read a layer, train. A ring shows where the mouse is.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from benchmarks.stage import FLAGS
from tests.servers import Server

DOCS = Path(__file__).parents[1] / "docs"
SIZE = {"width": 1366, "height": 768}
TURNED = "?preset=densenet-121&growth_rate=12"
STILLS = {  # address, and the visitor's browser
    "architecture": (f"{TURNED}&open=block1,block1.layer2…layer6&at=block1.layer3", {}),
    "present": ("?preset=resnet-50&open=stage1,stage1.block1&at=stage1.block1.body&present=1", {}),
    "architecture-zh-dark": (
        f"{TURNED}&open=block1&at=block1.layer1&tab=figure",
        {"locale": "zh-CN", "color_scheme": "dark"},
    ),
}
STORY = {"size": (1093, 614), "quality": 55, "most": 1_500_000}  # px, of WebP, bytes
LONG = 300_000  # ms
RESTS = 900  # ms, until what moves has come to rest
SHORT, READ = 500, 2200  # ms, of a frame
CURVES = 8  # frames of the training
K = (28, 24, 20, 16, 12)

RING = """() => {
  const ring = document.createElement("div")
  ring.style = `position: fixed; z-index: 2000000; width: 26px; height: 26px; margin: -13px;
    border: 4px solid #d55e00; border-radius: 50%; pointer-events: none; left: -99px`
  document.body.append(ring)
  addEventListener("mousemove", event => {
    ring.style.left = `${event.clientX}px`
    ring.style.top = `${event.clientY}px`
  }, true)
}"""


class Film:
    """Frames of a page, each with the time for which it is shown."""

    def __init__(self, page: Page):
        self.page = page
        self.frames: list[Image.Image] = []
        self.times: list[int] = []

    def take(self, time: int) -> None:
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.frames.append(picture.resize(STORY["size"], Image.Resampling.LANCZOS))
        self.times.append(time)

    def point(self, target: Locator) -> tuple[float, float]:
        """Put the mouse on the middle of something."""
        box = target.bounding_box()
        assert box, target
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(*middle)
        return middle

    def save(self, file: Path) -> None:
        first, *others = self.frames
        first.save(
            file,
            save_all=True,
            append_images=others,
            duration=self.times,
            loop=0,
            quality=STORY["quality"],
            method=6,
        )
        size = file.stat().st_size
        assert size < STORY["most"], f"{file} has {size:,} bytes"


def main(asked: list[str]) -> None:
    with (
        tempfile.TemporaryDirectory() as data,
        Server(CNNVIZ_DATA=data, CNNVIZ_DISPATCHER=None, CNNVIZ_LIVE_DEADLINE="120") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        if asked != ["story"]:
            for name, (address, options) in STILLS.items():
                page = _page(browser, **options)
                page.goto(f"{server.address}/{address}")
                page.locator("g.node.selected, g.cluster.selected").wait_for(timeout=LONG)
                live = page.locator(".st-key-below", has_text="✓")
                live.wait_for(state="attached", timeout=LONG)
                _rest(page)
                page.screenshot(path=DOCS / f"{name}.png")
        if asked != ["still"]:
            film = Film(_page(browser))
            _story(film, server.address)
            film.save(DOCS / "story.webp")
        browser.close()


def _page(browser: Browser, **options: str) -> Page:
    context = browser.new_context(viewport=SIZE, **{"locale": "en-US", **options})
    page = context.new_page()
    page.add_init_script("localStorage.setItem('cnnviz-hint-dismissed', 'yes')")
    return page


def _rest(page: Page) -> None:
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]', state="attached", timeout=LONG
    )
    page.wait_for_timeout(RESTS)


def _story(film: Film, address: str) -> None:
    page = film.page
    page.goto(f"{address}/?preset=lenet-5")
    page.locator("g.node").first.wait_for(timeout=LONG)
    page.evaluate(RING)
    _rest(page)
    film.take(READ)
    _choose(film)
    _turn(film)
    _look(film)
    _train(film)


def _choose(film: Film) -> None:
    page = film.page
    box = page.locator('[class*="st-key-family-"] input')
    film.point(box)
    box.click()
    box.fill("dense")
    page.wait_for_timeout(RESTS)
    film.take(READ)
    option = page.get_by_role("option", name="DenseNet").first
    film.point(option)
    option.click()
    page.locator('g.node[id="block1"]').wait_for(timeout=LONG)
    _rest(page)
    film.take(READ)


def _turn(film: Film) -> None:
    """Turn k, a few at a time, as a drag does."""
    page = film.page
    slider = page.locator('[class*="st-key-densenet-growth_rate-"] input[type=range]')
    slider.focus()
    for k in K:
        while int(slider.input_value()) > k:
            page.keyboard.press("ArrowLeft")
        _rest(page)
        film.point(slider)
        film.take(SHORT)
    film.times[-1] = READ


def _look(film: Film) -> None:
    page = film.page
    for what in ("block1", "block1.layer2…layer6"):
        node = page.locator(f'g.node[id="{what}"]')
        x, y = film.point(node)
        film.take(SHORT)
        page.mouse.dblclick(x, y)
        node.wait_for(state="detached", timeout=LONG)
        _rest(page)
        film.take(READ)
    x, y = film.point(page.locator('g.node[id="block1.layer3"]'))
    page.mouse.click(x, y)
    page.locator("g.node.selected").wait_for(timeout=LONG)
    _rest(page)
    film.take(2 * READ)
    for tab in ("Figure", "Cost"):
        film.point(page.get_by_role("tab", name=tab))
        page.get_by_role("tab", name=tab).click()
        _rest(page)
        film.take(READ)


def _train(film: Film) -> None:
    page = film.page
    button = page.get_by_role("button", name="Train", exact=True)
    film.point(button)
    button.click()
    start = page.get_by_role("button", name="Start training")
    page.get_by_text("fits into").or_(page.locator(".st-key-start-as-it-is")).first.wait_for(
        timeout=LONG
    )
    _rest(page)
    film.point(start)
    film.take(READ)
    start.click()
    page.get_by_role("figure").first.locator(".main-svg").first.wait_for(timeout=LONG)
    for _ in range(CURVES):
        page.wait_for_timeout(6 * RESTS)
        film.take(SHORT)
    film.times[-1] = 2 * READ
    stop = page.locator('[class*="st-key-stop"] button')
    if stop.count():  # it trains still
        stop.first.click()


if __name__ == "__main__":
    main(sys.argv[1:])

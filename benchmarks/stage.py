"""How fluid the graph is on the page, in a real Chromium beside the server on the same machine.

    python -m benchmarks.stage

prints one Markdown table. The large networks are unfolded by the button for it, from the press to
the frame with the drawing on the screen; folds go by double-clicks. What lights up at a click is
timed by the browser itself (Event Timing: from the click to the next frame on the screen). Panning
moves the largest network a bit in every frame, and an empty page of that height shows what the
machine can do. Chromium draws without a GPU.
"""

import shutil
from statistics import median

from playwright.sync_api import Page, sync_playwright

from cnnviz.analysis import analyze
from cnnviz.analysis.graph import blocks, fold, scopes
from cnnviz.zoo import PRESETS
from tests.servers import Server

LARGEST = 5  # presets by their nodes
FOLDED = ("densenet-121", "googlenet", "resnet-50")
FOLDS = 6  # in each, half of them unfold
CLICKS = 20
RESTS = 1000  # ms, before something is timed
SHORTEST = 16  # ms, under which the browser does not tell of a click
PAN = {"pixels": 40, "seconds": 3}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]

IN_THE_PAGE = """
const stage = () => [...document.querySelectorAll("*")].map(one => one.shadowRoot)
  .find(root => root?.querySelector(".stage svg"))?.querySelector(".stage")

// Milliseconds from an act to the second frame after its drawing has come: it is on the screen.
window.untilDrawn = act => new Promise(done => {
  const start = performance.now()
  new MutationObserver((_, observer) => {
    observer.disconnect()
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)))
  }).observe(stage(), { childList: true })
  act()
})
window.unfoldAll = () => untilDrawn(
  () => stage().getRootNode().querySelector("button.unfold_all").click())
window.fold = id => untilDrawn(() => stage().querySelector(`[id="${id}"]`)
  .dispatchEvent(new MouseEvent("dblclick", { bubbles: true, composed: true })))

// The middle of the node that is nearest to the middle of the window, at a part of the drawing.
window.nodeAt = part => {
  stage().scrollTop = part * stage().scrollHeight
  const frame = stage().getBoundingClientRect()
  const off = box => Math.abs(box.y + box.height / 2 - frame.y - frame.height / 2)
  const boxes = [...stage().querySelectorAll("g.node")].map(node => node.getBoundingClientRect())
  const best = boxes.reduce((one, other) => off(one) <= off(other) ? one : other)
  return [best.x + best.width / 2, best.y + best.height / 2]
}
window.clicks = []
new PerformanceObserver(seen => {
  for (const event of seen.getEntries()) if (event.name === "click") clicks.push(event.duration)
}).observe({ type: "event", durationThreshold: 16 })

// Frames a second while something that scrolls is moved by some pixels in each.
window.pan = ({ pixels, seconds }) => new Promise(done => {
  const moved = stage() ?? document.scrollingElement
  moved.scrollTop = 0
  let frames = 0
  let start = null
  const step = now => {
    start ??= now
    if (now - start > 1000 * seconds) return done(frames * 1000 / (now - start))
    frames += 1
    moved.scrollTop += pixels
    requestAnimationFrame(step)
  }
  requestAnimationFrame(step)
})
"""
EMPTY = "data:text/html,<div style='height: 40000px'></div>"


def main() -> None:
    nodes = {name: _count(name) for name in PRESETS}
    largest = sorted(nodes, key=lambda name: -nodes[name])[:LARGEST]
    rows = [("in Chromium", "measured", "target", "met"), ("---",) * 4]
    with Server() as server, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = chromium.new_page(viewport={"width": 1366, "height": 768}, locale="en-US")
        page.add_init_script(IN_THE_PAGE)

        folds = [seconds for name in FOLDED for seconds in _fold(page, server.address, name)]
        what = f"folds, p50 of {len(folds)}"
        rows.append((what, *_below(median(folds), 0.5)))
        for name in largest:
            seconds = _unfold(page, server.address, name)
            rows.append((f"{name} unfolded, {nodes[name]} nodes", *_below(seconds, 2)))
        _unfold(page, server.address, largest[0])
        clicks = _click(page)
        slowest = f"{max(clicks):.0f} ms at most, {median(clicks):.0f} ms p50"
        met = "yes" if max(clicks) <= 100 else "no"
        rows.append((f"{largest[0]} unfolded: a click lights up", slowest, "<= 100 ms", met))
        ours = page.evaluate("how => pan(how)", PAN)
        page.goto(EMPTY)
        empty = page.evaluate("how => pan(how)", PAN)
        rates = f"{ours:.0f} frames/s; an empty page {empty:.0f}"
        met = "yes" if ours >= 20 else "no"
        rows.append((f"{largest[0]} unfolded: panning", rates, ">= 20 frames/s", met))
        chromium.close()
    for cells in rows:
        print("|", " | ".join(cells), "|")


def _count(name: str) -> int:
    report = analyze(PRESETS[name].spec)
    return len(fold(report, scopes(report), together=True).nodes)


def _open(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/?preset={name}")
    page.locator(".stage svg g.node").first.wait_for(timeout=120_000)
    _rest(page)


def _unfold(page: Page, address: str, name: str) -> float:
    _open(page, address, name)
    return page.evaluate("unfoldAll()") / 1000


def _fold(page: Page, address: str, name: str) -> list[float]:
    _open(page, address, name)
    outermost = [scope for scope in blocks(analyze(PRESETS[name].spec)) if "." not in scope]
    return [
        page.evaluate("id => fold(id)", scope) / 1000
        for scope in outermost[: FOLDS // 2]
        for _ in ("unfold", "fold")
    ]


def _click(page: Page) -> list[float]:
    for step in range(CLICKS):
        page.mouse.click(*page.evaluate("part => nodeAt(part)", (step + 0.5) / CLICKS))
        _rest(page)
    told = page.evaluate("clicks")
    return told + [SHORTEST] * (CLICKS - len(told))


def _rest(page: Page) -> None:
    """Wait until the page has nothing to do."""
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=120_000
    )
    page.wait_for_timeout(RESTS)


def _below(seconds: float, most: float) -> tuple[str, str, str]:
    return f"{seconds:.2f} s", f"< {most:g} s", "yes" if seconds < most else "no"


if __name__ == "__main__":
    main()

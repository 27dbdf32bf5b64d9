"""axe-core on a page in the browser: what of it somebody could not perceive or use."""

from axe_playwright_python.sync_playwright import Axe

# Streamlit's own, which no configuration and no style sheet of ours changes, each with its reason.
NOT_OURS = (
    "#stFloatingOverlayPortal",  # the room of its toasts and tooltips is outside of all landmarks
    '[data-testid="stFileUploaderDropzone"]',  # called a presentation, and named all the same
)
# what fades or moves has another contrast until it is there, and so has what is drawn once more
AT_REST = """async () => {
  const running = () => document.querySelector('.stApp:not([data-test-script-state="notRunning"])')
  const moving = () => document.getAnimations()
    .filter(one => one.playState === 'running')
    .filter(one => Number.isFinite(one.effect.getComputedTiming().endTime))
  do {
    await Promise.allSettled(moving().map(one => one.finished))
    for (const _ of "two") await new Promise(requestAnimationFrame)
  } while (running() || moving().length)
}"""

_axe = Axe()


def violations(page):
    """A line for each element that violates a rule: the rule, the element and why."""
    page.evaluate(AT_REST)
    found = _axe.run(page, {"exclude": [[selector] for selector in NOT_OURS]}).response
    assert found["passes"]
    return [
        f"{rule['id']}: {node['html'][:160]} ({node['failureSummary']})"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]

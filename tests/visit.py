"""A visitor of the app in a real Chromium."""

import re

from playwright.sync_api import expect

import cnnviz
from cnnviz.numbers import short

LONG = 120_000  # ms; a shared machine may be busy
expect.set_options(timeout=20_000)

# Streamlit's bundled libraries say these themselves; everything else on the console is ours.
HARMLESS = re.compile("preload|DevTools|WebGL", re.IGNORECASE)
# On a page's own address Streamlit asks for its health there first; a server's path is no page.
UNDER_A_PAGE = re.compile(r"//[^/]+/(?!cnnviz/)\w+/_stcore/")


def take_hold(element):
    """Press the mouse on its middle, again where the page moved meanwhile; where that is."""
    mouse = element.page.mouse
    for _ in range(5):
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse.move(*middle)
        mouse.down()
        if element.evaluate("it => it.matches(':focus')"):
            return middle
        mouse.up()
    raise AssertionError(f"{element} is not where it was, five times")


class Visit:
    """One visitor: a page of its own, and what it asked the network and the console for."""

    def __init__(self, browser, server, **context):
        options = {"viewport": {"width": 1366, "height": 768}, "locale": "en-US", **context}
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.server = server
        self.complaints = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._console)
        self.page.on("request", self._request)

    def _console(self, message):
        address = message.location.get("url", "")
        asked = "404" in message.text and UNDER_A_PAGE.search(address)
        if message.type == "error" and not HARMLESS.search(message.text) and not asked:
            self.complaints.append(f"{message.text} {address}")

    def _request(self, request):
        allowed = (self.server, self.server.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(allowed):
            self.complaints.append(f"asked for {request.url}")

    def open(self, path=""):
        self.page.goto(f"{self.server}/{path}")
        expect(self.page.get_by_test_id("stMetric")).to_have_count(6, timeout=60_000)
        return self

    def rest(self):
        """Wait until the page is drawn; what is clicked before may be drawn once more.

        Streamlit loads what shows the style sheet apart, on a new visit seconds after the rest.
        """
        at_rest = '.stApp[data-test-script-state="notRunning"]:has(.stHtml style)'
        expect(self.page.locator(at_rest)).to_be_attached(timeout=LONG)
        return self

    def knob(self, name, family="densenet"):
        return self.page.locator(f'[class*="st-key-{family}-{name}-"]').first

    def figure(self, index):
        return self.page.get_by_test_id("stMetricValue").nth(index)

    def node(self, node_id):
        return self.page.locator(f'g.node[id="{node_id}"]')

    def shows(self, spec):
        report = cnnviz.analyze(spec)
        expect(self.figure(0)).to_have_text(short(report.params))
        expect(self.figure(1)).to_have_text(short(report.macs))

"""cnnviz under a path and in a frame of another site, as in a learning platform."""

import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from nginx import PROGRAM, WITHOUT, nginx
from playwright.sync_api import expect
from servers import Server, in_a_loop_of_its_own
from visit import Visit

from cnnviz import health
from cnnviz.config import ConfigError, config
from cnnviz.ui.app.framing import Framing, for_frames
from cnnviz.ui.session import owner

PLATFORM = "https://moodle.example"
PATH = "cnnviz"
COOKIE_COMES = """() => new Promise((done) => {
  const look = () =>
    document.cookie.includes("cnnviz_owner=") ? done() : requestAnimationFrame(look)
  look()
})"""


def answered(*headers):
    """The headers of an answer that has come through."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": list(headers)})

    async def send(message):
        sent.append(message)

    in_a_loop_of_its_own(Framing(app)({"type": "http"}, None, send))
    return sent[0]["headers"]


COOKIE = (b"Set-Cookie", b"_streamlit_xsrf=2|a|b; Path=/; SameSite=Lax")


def test_nobody_else_may_frame_it_unless_it_is_meant(monkeypatch):
    own = (b"content-security-policy", b"frame-ancestors 'self'")
    assert answered(COOKIE) == [COOKIE, own]
    monkeypatch.setenv("CNNVIZ_FRAME_ANCESTORS", f"{PLATFORM}, https://*.school.example:8443")
    cookie, policy = answered(COOKIE)
    assert policy[1] == (
        b"frame-ancestors 'self' https://moodle.example https://*.school.example:8443"
    )
    assert cookie[1] == b"_streamlit_xsrf=2|a|b; Path=/; SameSite=None; Secure; Partitioned"


@pytest.mark.parametrize("attributes", ["; Secure; SameSite=strict", ";Secure;  Partitioned", ""])
def test_a_cookie_for_a_frame_says_each_attribute_once(attributes):
    made = for_frames(f"secure=1; HttpOnly; Max-Age=0{attributes}".encode())
    assert made == b"secure=1; HttpOnly; Max-Age=0; SameSite=None; Secure; Partitioned"


@pytest.mark.parametrize(
    "site", ["moodle.example", "https://a.example/x", "*", "https://a b", "'none'", "https://é.fr"]
)
def test_what_is_no_site_is_named(monkeypatch, site):
    monkeypatch.setenv("CNNVIZ_FRAME_ANCESTORS", f"https://a.example,{site}")
    with pytest.raises(ConfigError) as refused:
        config()
    assert f"CNNVIZ_FRAME_ANCESTORS is {site!r}; a site is written as" in str(refused.value)
    assert answered()[0][1] == b"frame-ancestors 'self'", "what is wrong opens nothing"


class Platform(BaseHTTPRequestHandler):
    """A page of a learning platform; its name is another site's than the app's 127.0.0.1."""

    page = ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page.encode())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def sites():
    """The platform, and another site with the same page."""
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Platform) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever).start()
    yield [f"http://localhost:{server.server_port}" for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def framed(sites):
    """The app under a path, for frames of the platform."""
    with Server(STREAMLIT_SERVER_BASE_URL_PATH=PATH, CNNVIZ_FRAME_ANCESTORS=sites[0]) as here:
        yield here


@pytest.mark.browser
@pytest.mark.skipif(not PROGRAM, reason=WITHOUT)
def test_under_a_path_in_a_frame_of_the_platform(browser, framed, sites, tmp_path, monkeypatch):
    """Through the proxy: links, cookies and the websocket; figures stay closed, others outside."""
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(framed.port))
    (web,) = health.check(["web"])
    assert web.well, web.says
    with nginx(tmp_path, [framed.port], asks_for_a_password=False) as (_, https):
        lab = f"https://127.0.0.1:{https}"
        visit = Visit(browser, lab, ignore_https_errors=True)
        Platform.page = (
            f'<iframe src="{lab}/{PATH}/?preset=lenet-5" width=1300 height=700></iframe>'
        )
        closed = visit.context.request.get(f"{lab}/{PATH}/_stcore/metrics")
        assert closed.status == 404

        visit.page.goto(sites[0])
        frame = visit.page.frame_locator("iframe")
        expect(frame.locator('g.node[id="C1"]')).to_be_visible(timeout=60_000)
        frame.get_by_role("link", name="Training").click()
        expect(frame.get_by_role("button", name="Start training")).to_be_visible()
        inside = visit.page.frames[-1]
        assert urlsplit(inside.url).path == f"/{PATH}/training"
        inside.evaluate(COOKIE_COMES)
        assert "_streamlit_xsrf=" in inside.evaluate("document.cookie"), "else no upload is taken"
        (own,) = [one for one in visit.context.cookies() if one["name"] == owner.COOKIE]
        assert (own["sameSite"], own["secure"]) == ("None", True)
        assert own["partitionKey"], "the frames of each site have a jar of their own"
        beside = "asked for http://localhost:"  # the platform's own page
        assert [one for one in visit.complaints if not one.startswith(beside)] == []

        visit.page.goto(sites[1])
        expect(
            visit.page.frame_locator("iframe").locator("#sub-frame-error-details")
        ).to_be_visible()
        assert any("frame-ancestors" in one for one in visit.complaints)
        visit.context.close()


@pytest.mark.browser
def test_links_stay_under_the_path(browser, framed):
    visit = Visit(browser, framed.address)
    visit.page.goto(f"{framed.address}/{PATH}/line")
    expect(visit.page.locator("a[href*='compare?']").first).to_be_attached(timeout=60_000)
    links = visit.page.locator("a[href]").evaluate_all("all => all.map((one) => one.href)")
    own = [link for link in links if link.startswith(framed.address)]
    assert len(own) > 8
    assert [link for link in own if not link.startswith(f"{framed.address}/{PATH}/")] == []
    visit.context.close()


def test_nothing_else_is_at_the_root_of_the_port(framed):
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{framed.address}/_stcore/metrics")

"""The example of a proxy: who is let in, under which name, and to which server."""

import base64
import ssl
import threading
from collections import Counter
from http.client import HTTPConnection, HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from nginx import PASSWORD, PROGRAM, USER, WITHOUT, nginx
from playwright.sync_api import expect
from visit import Visit

pytestmark = pytest.mark.skipif(not PROGRAM, reason=WITHOUT)

LOGIN = {"Authorization": "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()}
SCRIPT = b"let nothing = 0;" * 1000


class Echo(BaseHTTPRequestHandler):
    """Says which server it is and whom it was told to serve."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Server-Port", str(self.server.server_port))
        for name in ("Host", "X-Forwarded-User", "Authorization", "Upgrade", "Connection"):
            self.send_header(f"Got-{name}", self.headers.get(name, ""))
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", str(len(SCRIPT)))
        self.end_headers()
        self.wfile.write(SCRIPT)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Echo) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever).start()
    with nginx(tmp_path_factory.mktemp("nginx"), [one.server_port for one in servers]) as ports:
        yield ports
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def get(ports):
    def ask(method="GET", body=None, path="/static/app.js", **headers):
        trusting = ssl._create_unverified_context()
        connection = HTTPSConnection("127.0.0.1", ports[1], context=trusting)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    return ask


def test_only_who_is_logged_in_comes_in_and_by_the_proxy_s_word(get):
    assert get().status == 401
    forged = get(**LOGIN, X_Forwarded_User="eve")
    assert forged.status == 200
    assert forged.headers["Got-X-Forwarded-User"] == USER
    assert forged.headers["Got-Authorization"] == ""


def test_a_browser_comes_back_to_its_server_and_browsers_are_spread(get):
    first = [get(**LOGIN) for _ in range(40)]
    assert len(Counter(answer.headers["Server-Port"] for answer in first)) == 2
    for answer in first[:5]:
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        again = [get(**LOGIN, Cookie=cookie) for _ in range(5)]
        assert {one.headers["Server-Port"] for one in again} == {answer.headers["Server-Port"]}
        assert all("Set-Cookie" not in one.headers for one in again)


def test_a_websocket_is_passed_on_but_not_from_another_site(get, ports):
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", **LOGIN}
    here = get(**asked, Origin=f"https://127.0.0.1:{ports[1]}")
    assert here.headers["Got-Upgrade"] == "websocket"
    assert here.headers["Got-Connection"] == "upgrade"
    assert here.headers["Got-Host"] == f"127.0.0.1:{ports[1]}"
    for origin in ("https://evil.example", "null", f"http://127.0.0.1:{ports[1]}"):
        assert get(**asked, Origin=origin).status == 403


def test_scripts_are_compressed_and_uploads_limited(get):
    answer = get(**LOGIN, Accept_Encoding="gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert get("PUT", b"x", **LOGIN, Content_Length=str(11 * 2**20)).status == 413


def test_an_address_opens_only_so_many_tabs_at_once(get):
    """What is no websocket goes on: a page has many files."""
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", **LOGIN}
    assert 429 in {get(**asked).status for _ in range(150)}
    assert get(**LOGIN).status == 200


def test_figures_are_for_the_inside(get):
    assert get(**LOGIN).status == 200
    for path in ("", "/cnnviz", "/a/b", "//a/.."):
        for end in ("", "/", "?x=1"):
            assert get(**LOGIN, path=f"{path}/_stcore/metrics{end}").status == 404
    assert get(**LOGIN, path="/_stcore/%6detrics").status == 404
    assert get(**LOGIN, path="/cnnviz/_stcore/health").status == 200


@pytest.mark.browser
def test_pages_work_under_the_headers_that_the_proxy_sets(browser, server, tmp_path):
    """What the policy forbids is an error on the console."""
    port = urlsplit(server).port
    with nginx(tmp_path, [port]) as (_, https):
        login = {"username": USER, "password": PASSWORD}
        visit = Visit(
            browser, f"https://127.0.0.1:{https}", ignore_https_errors=True, http_credentials=login
        )
        answer = visit.page.goto(f"{visit.server}/?preset=lenet-5")
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        visit.page.get_by_role("tab", name="Cost").click()
        expect(visit.page.locator(".js-plotly-plot .main-svg").first).to_be_visible()
        expect(visit.node("C1")).to_be_visible()
        visit.page.get_by_role("link", name="Training").click()
        expect(visit.page.get_by_role("button", name="Start training")).to_be_visible()
        assert visit.complaints == []
        visit.context.close()


def test_plain_http_is_sent_to_https(ports):
    connection = HTTPConnection("127.0.0.1", ports[0])
    connection.request("GET", "/?preset=lenet-5", headers={"Host": "lab.example"})
    answer = connection.getresponse()
    assert answer.status == 301
    assert answer.headers["Location"] == "https://lab.example/?preset=lenet-5"
    connection.close()

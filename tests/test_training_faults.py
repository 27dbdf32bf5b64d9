"""What happens to a training run in a class: restarts, reloads, lost connections, odd names."""

import re

import psutil
import pytest
from playwright.sync_api import expect
from servers import Server
from test_training_browser import Trainee
from visit import LONG

pytestmark = [pytest.mark.browser, pytest.mark.sweep]

REMEMBER_SOCKETS = """
  const Real = window.WebSocket
  window.sockets = []
  window.WebSocket = class extends Real {
    constructor(...given) { super(...given); window.sockets.push(this) }
  }
"""


@pytest.fixture
def app(tmp_path):
    with Server(CNNVIZ_DATA=str(tmp_path), CNNVIZ_DISPATCHER=None) as here:
        yield here
        here.process.terminate()
        here.process.wait(30)
        for process in psutil.process_iter(["cmdline"]):
            is_dispatcher = "cnnviz.training.dispatcher" in (process.info["cmdline"] or [])
            if is_dispatcher and process.environ().get("CNNVIZ_DATA") == str(tmp_path):
                process.terminate()
                process.wait(30)


@pytest.fixture
def trainee(browser, app):
    one = Trainee(browser, app.address)
    yield one
    one.context.close()


def begin(trainee, epochs):
    trainee.arrive("?preset=lenet-d2l&activation=relu&pooling=max")
    trainee.set("epochs", str(epochs))
    expect(trainee.page.get_by_text("epochs ✎")).to_be_visible()
    trainee.start().click()
    expect(trainee.page.get_by_role("figure", name="Loss")).to_be_visible(timeout=LONG)
    return trainee.page.url


def stop(trainee):
    trainee.rest().page.get_by_role("button", name="Stop", exact=True).click()
    trainee.says("■ stopped", timeout=LONG)


def epoch(page):
    text = page.get_by_test_id("stMetricValue").nth(2).text_content()
    return float(text.split("/")[0])


def goes_on_from(page, before):
    page.wait_for_function(
        """before => {
          const value = document.querySelectorAll('[data-testid="stMetricValue"]')[2]
          return value && parseFloat(value.textContent) > before
        }""",
        arg=before,
        timeout=LONG,
    )


def test_the_web_server_is_killed_and_the_run_goes_on(app, trainee):
    page = trainee.page
    begin(trainee, 200)
    before = epoch(page)
    app.process.kill()
    app.process.wait()
    expect(page.get_by_test_id("stStatusWidget")).to_be_visible(timeout=LONG)
    app.start()
    goes_on_from(page, before)
    expect(page.get_by_role("link", name="Glossary")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("link", name="app", exact=True)).to_have_count(0)
    stop(trainee)


def test_twenty_reloads_and_a_new_tab_show_the_same_run(trainee):
    page = trainee.page
    url = begin(trainee, 200)
    for _ in range(20):
        page.reload()
        expect(page.get_by_role("heading", name="#1 lenet-d2l")).to_be_visible(timeout=LONG)
    page.close()
    trainee.page = trainee.context.new_page()
    trainee.page.goto(url)
    trainee.says("● running", timeout=LONG)
    stop(trainee)
    expect(trainee.page.get_by_text("#2")).to_have_count(0)


def test_the_connection_drops_fifteen_times(trainee):
    trainee.context.add_init_script(REMEMBER_SOCKETS)
    page = trainee.page
    begin(trainee, 200)
    before = epoch(page)
    for _ in range(15):
        count = page.evaluate("window.sockets.length")
        page.evaluate("window.sockets.at(-1).close()")
        page.wait_for_function("n => window.sockets.length > n", arg=count, timeout=LONG)
        page.wait_for_function("window.sockets.at(-1).readyState === 1", timeout=LONG)
    goes_on_from(page, before)
    expect(page.get_by_role("heading", name="#1 lenet-d2l")).to_be_visible()


def test_markup_in_a_name_stays_text(trainee):
    page = trainee.page
    begin(trainee, 1)
    trainee.says("trained and tested on", timeout=LONG)
    trainee.rest()
    name = '<img src=x onerror="window.hit=1"> [a](javascript:alert(1)) ../..'
    page.get_by_role("button", name=re.compile("Rename")).click()
    field = page.get_by_label("Name", exact=True)
    field.fill(name)
    field.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="onerror")).to_be_visible(timeout=LONG)
    assert page.evaluate("window.hit") is None
    assert page.locator('a[href^="javascript"]').count() == 0

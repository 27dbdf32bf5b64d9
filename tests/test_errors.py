"""What nobody foresaw: one sentence with a number on the page, the rest in the log."""

import json
import logging
import re

import pytest
from playwright.sync_api import expect
from servers import Server
from visit import Visit

from cnnviz import logs
from cnnviz.ui.kit.words import catalogue

NUMBER = re.compile(r"\b[0-9a-f]{8}\b")


@pytest.fixture(scope="module")
def faulty():
    secret = "a secret that nobody may read"
    with Server(script="tests/faulty_server.py", CNNVIZ_LOG="json", CNNVIZ_SECRET=secret) as here:
        yield here
    assert secret not in here.log
    assert "Traceback" not in re.sub(r"^\{.*\}$", "", here.log, flags=re.MULTILINE)


def lines(server, **fields):
    """The log's lines that have these fields."""
    found = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    return [line for line in found if fields.items() <= line.items()]


@pytest.mark.browser
def test_an_error_has_a_number_on_the_page_and_in_the_log(browser, faulty):
    page = Visit(browser, faulty.address).page
    alert = page.get_by_role("alert")
    for place in ("page", "fragment", "callback"):
        page.goto(faulty.address)
        page.get_by_role("button", name=place).click()
        expect(alert).to_contain_text("Something went wrong here that should not.")
        expect(page.get_by_test_id("stException")).to_have_count(0)
        (number,) = NUMBER.findall(alert.text_content())
        (line,) = lines(faulty, error=number)
        assert {"time", "level", "logger", "message", "traceback"} <= line.keys()
        assert f"of the {place}" in line["traceback"]
        assert len(lines(faulty, traceback=line["traceback"])) == 1
    page.context.close()


@pytest.mark.browser
def test_what_explains_itself_or_stops_is_no_error(browser, faulty):
    page = Visit(browser, faulty.address, locale="zh-CN").page
    page.goto(faulty.address)
    before = len(lines(faulty))
    page.get_by_role("button", name="stop").click()
    expect(page.get_by_text("all is well")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="refusal").click()
    expect(page.get_by_role("alert")).to_have_text("存储已*满*。")
    assert len(lines(faulty)) == before
    page.context.close()


@pytest.fixture
def log(monkeypatch, capsys):
    """Set the log up, say something, give what was written; afterwards it is as it was."""
    root = logging.getLogger()
    before = root.handlers[:], root.level

    def write(kind, *said, **fields):
        monkeypatch.setenv("CNNVIZ_LOG", kind)
        logs.set_up()
        logging.getLogger("cnnviz.test").info(*said, extra=fields)
        return capsys.readouterr().err

    yield write
    root.handlers[:], root.level = before


def test_a_line_of_json_has_its_fields(log):
    line = json.loads(log("json", "job %s 开始", "4711", job="4711", owner="0badcafe"))
    assert (line["level"], line["logger"]) == ("INFO", "cnnviz.test")
    assert (line["message"], line["job"], line["owner"]) == ("job 4711 开始", "4711", "0badcafe")
    assert re.match(r"\d{4}-\d\d-\d\d ", line["time"])


def test_a_line_of_text(log):
    assert log("text", "job %s", "4711").endswith(" INFO cnnviz.test: job 4711\n")


def test_what_libraries_write_by_themselves_is_written_once_and_alike(log, capsys):
    library = logging.getLogger("a.library")
    library.addHandler(logging.StreamHandler())
    library.propagate = False
    log("json", "begin")
    library.warning("low water")
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "low water"


def test_an_owner_is_told_apart_and_not_named():
    assert logs.owner_mark("ada") == logs.owner_mark("ada") != logs.owner_mark("bo")
    assert re.fullmatch("[0-9a-f]{8}", logs.owner_mark("ada"))


def test_the_sentence_has_its_number_in_both_languages():
    for text in catalogue()["error.unexpected"]:
        assert "**{id}**" in text

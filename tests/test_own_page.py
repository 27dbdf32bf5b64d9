"""A trace of somebody's own network on the Compare page, in a real Chromium."""

import re

import pytest
from playwright.sync_api import expect
from torch import nn
from visit import Visit

import cnnviz
from cnnviz.analysis import BrokenNetwork

pytestmark = pytest.mark.browser

expect.set_options(timeout=20_000)  # a shared machine may be busy


@pytest.fixture
def visit(browser, server):
    one = Visit(browser, server).open()
    one.page.get_by_role("link", name="Compare", exact=True).click()
    one.page.get_by_role("tab", name="A network of your own").click()
    yield one
    assert one.complaints == []
    one.context.close()


def own():
    block = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))
    return nn.Sequential(nn.Conv2d(3, 8, 3), block, *head)


def give(visit, file):
    visit.page.locator(".st-key-own-file input[type=file]").set_input_files(file)


def test_a_trace_is_seen_and_compared(visit, tmp_path):
    report = cnnviz.analyze(own(), (1, 3, 16, 16))
    give(visit, report.save(tmp_path / "net.json"))
    table = visit.page.get_by_role("table").filter(has_text="Sequential").first
    expect(table).to_contain_text(f"{report.params:,}")
    block = visit.node("1")
    expect(block).to_be_visible()
    block.dblclick()
    expect(visit.node("1.0")).to_be_visible()
    visit.node("1.0").click()
    expect(visit.page.locator(".st-key-own-details")).to_contain_text("584")


@pytest.mark.sweep
def test_what_is_no_trace_gets_a_sentence(visit, tmp_path):
    file = tmp_path / "net.json"
    file.write_text('{"cnnviz_trace": 1, "layers": []}')
    give(visit, file)
    expect(visit.page.get_by_text(re.compile("This is no trace of a network"))).to_be_visible()
    with pytest.raises(BrokenNetwork) as error:
        cnnviz.analyze(own(), (1, 4, 16, 16))
    give(visit, error.value.partial.save(tmp_path / "broken.json"))
    expect(visit.page.get_by_text("This network breaks in its last op")).to_be_visible()
    expect(visit.node("0")).to_be_visible()

"""Streamlit's own words in a real Chromium: it has English alone, the pages have two languages."""

import pytest
from playwright.sync_api import expect
from test_browser import visit

__all__ = ["visit"]

pytestmark = [pytest.mark.browser, pytest.mark.sweep]


def test_streamlits_own_words_are_in_the_language_of_the_page(visit):
    page = visit(locale="zh-CN").open("?preset=lenet-d2l&tab=table").page
    toolbar = page.get_by_role("button", name="下载 CSV：形状表")
    expect(toolbar).to_have_count(1)
    page.get_by_test_id("stMainMenu").click()
    for word in ("跟随系统", "浅色", "深色"):
        expect(page.get_by_role("menuitemradio", name=word)).to_be_visible()
    for word in ("打印", "录制屏幕"):
        expect(page.get_by_role("menuitem", name=word, exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    box = page.get_by_test_id("stSelectbox").first.get_by_role("combobox")
    box.click()
    expect(page.get_by_role("option", name="DenseNet · DenseNet-BC", exact=True)).to_be_visible()
    box.fill("zzz")
    expect(page.get_by_text("没有匹配项")).to_be_visible()
    page.keyboard.press("Escape")
    # in English they are as Streamlit has them, and back
    page.get_by_text("EN", exact=True).click()
    expect(page.get_by_role("button", name="Download as CSV: Shape table")).to_have_count(1)
    expect(page.get_by_role("button", name="Main menu", exact=True)).to_have_count(1)
    page.get_by_text("中文", exact=True).click()
    expect(toolbar).to_have_count(1)
    expect(page.get_by_role("button", name="主菜单", exact=True)).to_have_count(1)


def test_what_users_call_things_stays(visit):
    page = visit(locale="zh-CN").open("?preset=lenet-d2l&tab=table").page
    expect(page.get_by_role("button", name="主菜单", exact=True)).to_have_count(1)
    texts = page.evaluate(
        """() => ["<td>Search</td>", "<code>Search</code>", "<p>Search</p>"].map(html => {
          const table = document.body.appendChild(document.createElement("table"))
          table.innerHTML = `<tr>${html}</tr>`
          return new Promise(done => requestAnimationFrame(() => done(table.innerText.trim())))
        }).reduce(async (all, one) => [...await all, await one], [])"""
    )
    assert texts == ["Search", "Search", "搜索"]

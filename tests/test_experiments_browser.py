"""An experiment in a real Chromium: the prediction opens it, and axe finds nothing.

Its trainings are written into the store; `test_training_browser` has the real dispatcher.
"""

import conftest
import pytest
from axe import violations
from playwright.sync_api import expect
from test_experiments_page import finished
from test_training_browser import Trainee
from visit import LONG

from cnnviz.training.dispatcher_process import STORE
from cnnviz.training.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.sweep]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server(data):
    """The app with a data directory of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNNVIZ_DATA", str(data))
        yield from conftest.server.__wrapped__()


@pytest.fixture(scope="module")
def group(data, server):
    return finished(Store(data / STORE))


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en-US", ("plain, 56 layers", "The claim holds here", "so it came out")),
        ("zh-CN", ("残差 56 层", "论断在此成立", "答案是“普通 56 层”")),
    ],
)
def test_the_prediction_opens_curves_and_result(browser, server, group, locale, said):
    option, result, answer = said
    visitor = Trainee(browser, server, locale=locale)
    page = visitor.page
    page.goto(f"{server}/experiments?experiment=degradation&group={group}")
    visitor.rest()
    expect(page.get_by_role("figure")).to_have_count(0)
    page.get_by_role("radiogroup").get_by_text(option).click()
    visitor.says(result, timeout=LONG)
    visitor.says(answer)
    expect(page.get_by_role("table")).to_contain_text("1.900")
    expect(page.get_by_role("figure").first).to_be_visible(timeout=LONG)
    visitor.rest()
    assert violations(page) == []
    assert visitor.complaints == []
    visitor.context.close()

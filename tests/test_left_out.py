"""What an address asks a page for in vain is said on that page, and goes from the address."""

import page_driver
import pytest
from page_driver import address, find, plain, press, run, text_of
from servers import ROOT
from training_page_driver import store

from cnnviz.lessons import find as lesson
from cnnviz.ui.app import header
from cnnviz.ui.kit import run_context
from cnnviz.ui.session import classroom
from cnnviz.ui.session.parameters import left_out

__all__ = ["store"]  # the fixture
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))


@pytest.fixture
def classes(tmp_path, monkeypatch):
    """A server of its own, since the Class page makes its store."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    classroom.store.clear()
    yield
    classroom.store.clear()


def notes(app):
    return plain("\n".join(box.value for box in app.warning))


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_it_does_not_have(page, store, classes):
    app = page_driver.open_page(page, nonsense="1", lang="fr")
    assert "nonsense is not a" in notes(app)
    assert "lang 'fr' is not one of en, zh" in notes(app)
    assert {"nonsense", "lang"}.isdisjoint(address(app))
    assert "nonsense is not a" in notes(run(app)), "it stays until it is dismissed"
    (button,) = [one.key for one in app.button if one.key and one.key.endswith("dismiss")]
    assert not press(app, button).warning


@pytest.mark.parametrize(
    ("page", "asked", "said"),
    [
        ("lessons", {"lesson": "vgg", "stpe": "stack"}, "/lessons 没有参数 stpe"),
        ("compare", {"n1": "vgg-a", "n2": "vgg-d", "n3.kernel": "3x3"}, "n3.kernel"),
        ("compare", {"n1": "vgg-a", "n2": "vgg-d", "at": "block1"}, "at"),
        ("training", {"preset": "lenet-d2l", "tab": "memory"}, "tab"),
        ("glossary", {"term": "compresion"}, "compression"),
    ],
)
def test_what_belongs_elsewhere_or_nowhere_is_said_in_chinese(page, asked, said, store):
    app = page_driver.open_page(page, "zh-CN", **asked)
    assert said in notes(app)
    assert "已忽略" in notes(app)


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        ("lessons", {"lesson": "vgg", "step": "stack", "seed": "3", "lang": "en"}),
        ("experiments", {"experiment": "dropout", "lang": "zh"}),
        ("compare", {"n1": "vgg-a", "n2": "vgg-d", "n2.kernel": "5x5", "count": "flops", "v": "1"}),
        ("glossary", {"find": "stride", "theme": "convolution", "term": "stride"}),
        ("training", {"preset": "lenet-d2l", "activation": "relu"}),
        ("sweeps", {"preset": "lenet-d2l", "x": "image_size:28:32:4", "show": "params"}),
    ],
)
def test_what_a_page_has_is_not_left_out(page, asked, store):
    assert not page_driver.open_page(page, **asked).warning


def test_many_are_counted():
    app = page_driver.open_page("lessons", **{f"k{number}": "1" for number in range(40)})
    assert "and 30 more" in notes(app)


def test_all_problems_are_told_in_both_languages():
    problems = left_out({"x" * 500: "1", "lang": "zh", "lesson": "vgg"}, "/lessons", ("lesson",))
    (problem,) = problems
    assert f"{'x' * 60} is not a parameter of /lessons" in problem.shown.en
    assert "lesson、lang" in problem.shown.zh


def test_a_link_of_a_sweep_holds_its_measure(monkeypatch):
    shared = []
    monkeypatch.setattr(header, "_share", lambda look, network: shared.append(look()))
    page_driver.open_page("sweeps", preset="lenet-d2l", x="image_size:28:32:4", show="macs")
    assert shared[-1]["show"] == "macs"


def test_who_is_led_to_a_lesson_leaves_the_one_before(monkeypatch):
    app = page_driver.open_page("lessons", lesson="lenet")
    app.session_state[run_context._LEADS] = True
    app.query_params.update({"lesson": "vgg", "step": "stack"})
    run(app)
    assert address(app) == {"lesson": "vgg", "step": "stack"}
    assert lesson("vgg").step("stack").title.en in text_of(app)
    assert find(app, "lesson-back")

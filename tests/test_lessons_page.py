"""The Lessons page's logic, without a browser."""

from functools import partial

import page_driver
import pytest
from conftest import few
from page_driver import address, plain, press, run, said

from cnnviz.lessons import NAMES, find

open_page = partial(page_driver.open_page, "lessons")


def answer(app, text):
    (box,) = app.text_input
    box.set_value(text)
    (check,) = [button for button in app.button if button.label in ("Check", "检查")]
    check.click()
    return run(app)


def boxes(app, kind):
    return [plain(box.value) for box in getattr(app, kind)]


def question(name, step, seed=1):
    return find(name).step(step).question(seed)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize("name", few(NAMES, {"resnext"}))
def test_every_step_of_a_lesson_is_told(name, locale):
    language = locale[:2]
    for step in find(name).steps:
        app = open_page(locale, lesson=name, step=step.name)
        text = said(app)
        assert not app.warning
        assert step.title(language) in text
        assert step.told(step.text)(language) in text
        if asked := step.question(1):
            assert asked.prompt(language) in text


def test_a_lesson_is_walked_step_by_step():
    app = open_page(lesson="vgg")
    assert address(app) == {"lesson": "vgg", "step": "block"}
    press(app, "lesson-on")
    assert address(app) == {"lesson": "vgg", "step": "stack"}
    press(app, "lesson-back")
    assert address(app)["step"] == "block"
    assert [button.disabled for button in app.button if button.key == "lesson-back"] == [True]


def test_a_question_is_answered_with_hints_and_arithmetic():
    app, asked = open_page(lesson="vgg", step="head"), question("vgg", "head")
    answer(app, "a lot")
    assert "'a lot' is not a number of %" in boxes(app, "error")[0]
    answer(app, "12")
    assert boxes(app, "warning") == ["12 % is too small. Try again."]
    press(app, "lesson-hint")
    assert boxes(app, "info") == [asked.hints[0].en]
    assert "1 ✓" not in str(app)
    answer(app, f"{asked.answer:.1f}")
    assert boxes(app, "success") == [f"Right. Exactly, it is {asked.shown.en}."]
    assert asked.arithmetic[0].en in said(app)
    press(app, "lesson-on")
    press(app, "lesson-back")
    assert boxes(app, "success"), "what was answered is kept"


def test_another_seed_asks_anew():
    app = open_page(lesson="vgg", step="head", seed="3")
    assert question("vgg", "head", 3).prompt.en in said(app)
    answer(app, f"{question('vgg', 'head', 3).answer}")
    assert app.success
    (seed,) = app.number_input
    seed.set_value(1)
    run(app)
    assert address(app) == {"lesson": "vgg", "step": "head"}
    assert question("vgg", "head", 1).prompt.en in said(app)
    assert not app.success


def test_the_right_option_is_told():
    app, asked = open_page(lesson="vgg", step="breaks"), question("vgg", "breaks")
    (radio,) = app.radio
    radio.set_value((int(asked.answer) + 1) % len(asked.options))
    run(app)
    assert boxes(app, "warning")
    app.radio[0].set_value(int(asked.answer))
    run(app)
    assert boxes(app, "success") == [f"Right: {asked.shown.en}."]


def test_a_prediction_opens_what_is_known():
    app = open_page(lesson="densenet", step="join")
    prediction = find("densenet").step("join").prediction
    assert "add few maps of its own" not in said(app)
    app.radio[0].set_value(1)
    run(app)
    assert "add few maps of its own" in said(app)
    assert boxes(app, "warning") == [f"It is otherwise: {prediction.options[0].text.en}"]
    assert prediction.right == 0, "25.6 M against 7.98 M"


def test_an_address_with_faults_is_explained():
    app = open_page(lesson="vggg", step="nowhere", seed="0")
    told = boxes(app, "warning")[0]
    assert "'vggg' is no lesson; the nearest are vgg" in told
    assert "step 'nowhere' is not in this lesson" in told
    assert "seed is 0; it must be a whole number from 1 to 9999." in told
    assert address(app) == {"lesson": "lenet", "step": "fully-connected"}
    assert "seed is 'x'" in boxes(open_page(lesson="vgg", seed="x"), "warning")[0]


def test_another_lesson_begins_at_its_first_step():
    app = open_page(lesson="vgg", step="head")
    app.selectbox[0].set_value("resnet")
    run(app)
    assert address(app) == {"lesson": "resnet", "step": "deeper"}

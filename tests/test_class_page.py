"""The Class page and what a class does to the other pages, without a browser."""

import hashlib
import hmac
import json
import re
from functools import partial
from types import SimpleNamespace

import page_driver
import pytest
from page_driver import address, find, plain, press, run, said

import cnnviz
from cnnviz.classes import link
from cnnviz.classes.classroom import Stop
from cnnviz.classes.question import Question
from cnnviz.lessons import NAMES
from cnnviz.lessons import find as find_lesson
from cnnviz.lessons.in_class import class_question
from cnnviz.training.errors import TrainingError
from cnnviz.training.store import Store
from cnnviz.ui.classes import entrance, following, teacher
from cnnviz.ui.experiments import trial
from cnnviz.ui.session import classroom
from cnnviz.ui.session import owner as owners
from cnnviz.ui.training import prospect, runs, start_controls, submission

TEACHER, ADA, BOB = "c" * 32, "a" * 32, "b" * 32
COLOURS = Question.typed("Which *colour*?", "choice", "red\ngreen\nblue")
open_page = partial(page_driver.open_page, owner=ADA)


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """A server of its own, with nothing in it."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    monkeypatch.setattr(owners, "_secret", lambda: b"secret")
    for module in (following, teacher):
        monkeypatch.setattr(module, "POLL", None)
    classroom.store.clear()
    classroom.tries.clear()
    classroom.openings.clear()
    yield
    classroom.store.clear()
    classroom.tries.clear()


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """A store of jobs, and a dispatcher that only seems to be there."""
    store = Store(tmp_path / "jobs.db")
    monkeypatch.setattr(runs, "store", lambda: store)
    monkeypatch.setattr(runs.service, "ensure_dispatcher", lambda: None)
    monkeypatch.setattr(runs.service, "seconds_silent", lambda: 1.0)
    for module in (prospect, start_controls):
        monkeypatch.setattr(module, "kept_speed", lambda device: None)
    return store


def pseudonym(owner):
    """As the server makes it, for who is not on a page now."""
    text = f"in a class: {owner}".encode()
    return hmac.new(b"secret", text, hashlib.sha256).hexdigest()[:32]


def opened(*locks, students=(ADA,)):
    """A class with students in it."""
    room = classroom.store().open(pseudonym(TEACHER), "en", locks)
    for student in students:
        classroom.store().join(room.code, pseudonym(student))
    return room


def show(page, **query):
    classroom.store().show(pseudonym(TEACHER), Stop(page, query))


def ask(question=COLOURS):
    return classroom.store().ask(pseudonym(TEACHER), question)


def submit(app):
    (button,) = [one for one in app.button if f"{one.key}".startswith("FormSubmitter")]
    button.click()
    return run(app)


def errors(app):
    return page_driver.plain("\n".join(one.value for one in app.error))


def network(app):
    slot = app.session_state["slot.main"]
    return slot.preset.name, slot.spec


def knob(app, name):
    (found,) = [one for one in app.slider if f".{name}." in f"{one.key}."]
    return found


@pytest.mark.parametrize(("locale", "title"), [("en-US", "Open a class"), ("zh-CN", "开设课堂")])
def test_a_teacher_opens_a_class_and_asks(locale, title):
    app = open_page("class", locale, owner=TEACHER)
    assert find(app, "class-open").label == title
    press(app, "class-open")
    room = classroom.store().of_teacher(pseudonym(TEACHER))
    assert f"{room.code[:3]} {room.code[3:]}" in said(app)
    assert room.language == locale[:2]
    app.text_input(key=f"class.text.{room.code}").set_value("How many?")
    press(app, "class-ask")
    (question,) = classroom.store().questions(room.code).values()
    assert [choice.en for choice in question.choices] == list("ABCD")
    assert "How many?" in said(app)
    press(app, "class-close")
    assert classroom.store().of_teacher(pseudonym(TEACHER)).asked == 0
    press(app, "class-end")
    assert classroom.store().of_teacher(pseudonym(TEACHER)) is None
    assert find(app, "class-open")


def test_an_empty_question_is_a_sentence():
    opened()
    app = open_page("class", owner=TEACHER)
    press(app, "class-ask")
    assert "The question is empty" in errors(app)
    assert not classroom.store().questions(classroom.store().attended(pseudonym(ADA))[0].code)


def test_a_student_comes_by_code_and_answers():
    room = opened(students=())
    app = open_page("class")
    app.text_input(key="class.code").set_value(f" {room.code[:3].lower()} {room.code[3:]}")
    app.text_input(key="class.name").set_value("<b>Ada</b>")
    submit(app)
    assert room.code in said(app)
    assert "Nothing is asked" in said(app)
    number = ask()
    app = open_page("class")  # another tab of the same browser
    assert "Which *colour*?" in said(app)
    press(app, f"class-choice-{number}-1")
    assert "green" in app.success[0].value
    press(app, f"class-choice-{number}-2")
    (ada,) = classroom.store().members(room.code)
    assert (ada.name, ada.answers) == ("<b>Ada</b>", {number: 2})
    desk = open_page("class", owner=TEACHER)
    assert "1 of 1 have answered" in said(desk)
    assert "✓ <b>Ada</b>" in said(desk)


def test_a_number_is_answered_and_changed():
    room = opened()
    number = ask(Question.typed("How many parameters?", "number"))
    app = open_page("class")
    submit(app)
    assert "There is no number in the box" in errors(app)
    app.number_input[0].set_value(156.5)
    submit(app)
    assert classroom.store().members(room.code)[0].answers == {number: 156.5}
    assert "156.5" in page_driver.plain(app.success[0].value)


def test_an_answer_to_a_question_that_is_over_is_a_sentence():
    opened()
    number = ask()
    app = open_page("class")
    classroom.store().close(pseudonym(TEACHER))
    press(app, f"class-choice-{number}-1")
    assert classroom.store().answer_of(room_code(), pseudonym(ADA), number) is None
    assert "Nothing is asked" in said(app)


def room_code():
    return classroom.store().of_teacher(pseudonym(TEACHER)).code


def linked(code, language):
    def sign(text):
        return hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest()

    return link.token(code, language, sign)


def test_a_link_sets_class_and_language_and_cannot_be_edited():
    room = opened(students=())
    app = open_page("class", join=linked(room.code, "zh"))
    assert address(app) == {"lang": "zh"}
    assert f"你通过链接来到课堂 **{room.code}**" in said(app)
    submit(app)
    assert f"你在课堂 **{room.code}** 中" in said(app)
    other = classroom.store().open("somebody", "en")
    edited = linked(room.code, "zh").replace(room.code, other.code)
    app = open_page("class", owner=BOB, join=edited)
    assert "This link is not one of this server's" in errors(app)
    assert not classroom.store().members(other.code)


def test_codes_cannot_be_guessed_by_the_thousand():
    room = opened(students=())
    app = open_page("class")
    for number in range(classroom.WRONG_CODES):
        classroom.tries().note("")
        assert number < classroom.WRONG_CODES
    app.text_input(key="class.code").set_value(room.code)
    submit(app)
    assert "Too many wrong codes" in errors(app)
    assert not classroom.store().members(room.code)
    app = open_page("class", join=linked(room.code, "en"))  # a link is no guess
    submit(app)
    assert classroom.store().members(room.code)


@pytest.mark.parametrize("login", ["open", "proxy"])
def test_nobody_fills_an_open_server_with_classes(login, monkeypatch):
    for _ in range(classroom.OPENED):
        classroom.openings().note("")
    app = open_page("class", owner=TEACHER)
    assert app.button
    monkeypatch.setattr(entrance, "config", lambda: SimpleNamespace(login=login))
    press(app, "class-open")
    is_open = login == "open"
    assert ("20 classes have been opened from your computer" in errors(app)) is is_open
    assert (classroom.store().of_teacher(pseudonym(TEACHER)) is None) is is_open


def test_the_link_on_the_teachers_page_is_the_one_that_leads_in():
    room = opened(students=())
    app = open_page("class", owner=TEACHER)
    (code,) = [one.value for one in app.code]
    token = re.search(r"join=(\S+)", code)[1]
    assert token == linked(room.code, "en")


def test_a_prediction_is_an_answer_where_the_class_is_asked_for_it(jobs):
    room = opened()
    app = open_page("class", owner=TEACHER)
    app.session_state["class.kind.en"] = "experiment"
    run(app)
    press(app, "class-ask")
    (question,) = classroom.store().questions(room.code).values()
    name = question.source.removeprefix("experiment:")
    assert question.text == trial.EXPERIMENTS[name].question
    student = open_page("experiments", experiment=name)
    if "experiment" not in address(student):  # the question has led the student away
        student.switch_page("pages/experiments.py")
        run(student)
    student.radio[0].set_value(1)
    run(student)
    assert classroom.store().members(room.code)[0].answers == {1: 1}


def test_a_lessons_question_is_asked_answered_and_solved():
    room = opened(students=(ADA, BOB))
    app = open_page("class", owner=TEACHER)
    app.session_state["class.kind.en"] = "lesson"
    run(app)
    (lesson,) = [one for one in app.selectbox if f"{one.key}".startswith("class.lesson.")]
    lesson.set_value("googlenet")
    run(app)
    press(app, "class-ask")
    (question,) = classroom.store().questions(room.code).values()
    assert question.source == "lesson:googlenet/which"
    (lesson,) = [one for one in app.selectbox if f"{one.key}".startswith("class.lesson.")]
    lesson.set_value("vgg")
    run(app)
    (step,) = [one for one in app.selectbox if f"{one.key}".startswith("class.step.")]
    step.set_value("kernel")
    run(app)
    press(app, "class-ask")
    question = classroom.store().questions(room.code)[2]
    for owner, answer in ((ADA, question.right), (BOB, 1)):
        classroom.store().answer(room.code, pseudonym(owner), 2, answer)
    shown = question.way[0].en
    assert shown not in said(open_page("class"))
    assert shown not in said(run(app))
    press(app, "class-close")
    assert app.success[0].value == "1 of 2 answers was right."
    for owner, words in ((ADA, "Your answer was right"), (BOB, "was not right")):
        student = open_page("class", owner=owner)
        (verdict,) = [*student.success, *student.warning]
        assert words in verdict.value
        assert shown in said(student)


def closed(*, decided):
    """The first prediction of a lesson with a right option, or without one, asked and over."""
    (lesson, step), *_ = [
        (find_lesson(name), step)
        for name in NAMES
        for step in find_lesson(name).steps
        if step.prediction and (step.prediction.right is not None) == decided
    ]
    room, question = opened(students=(ADA,)), class_question(lesson, step, 1)
    ask(question)
    classroom.store().answer(room.code, pseudonym(ADA), 1, 0)
    classroom.store().close(pseudonym(TEACHER))
    return question


def test_where_what_is_seen_decides_no_answer_is_called_right():
    question = closed(decided=False)
    for owner in (TEACHER, ADA):
        app = open_page("class", owner=owner)
        assert [one.value for one in app.info] == [
            "No answer is marked as right: what is seen decides."
        ]
        assert not [*app.success, *app.warning]
        assert question.way[0].en in said(app)


def test_the_teacher_sees_which_option_was_right():
    question = closed(decided=True)
    app = open_page("class", owner=TEACHER)
    right = question.choices[question.right].en
    assert f"was right. Right is: **{right}**" in plain(app.success[0].value)
    assert not app.info


def test_a_class_is_opened_with_locks_from_under_the_fold():
    app = open_page("class", owner=TEACHER)
    (fold,) = app.expander
    assert len(fold.checkbox) == 3
    assert "after 8 hours" in fold.markdown[0].value
    fold.checkbox[1].check()
    press(run(app), "class-open")
    assert classroom.store().of_teacher(pseudonym(TEACHER)).locks == {"training"}


def test_students_follow_the_teachers_screen_until_they_do_not():
    opened()
    app = open_page("labs")
    show("architecture", preset="vgg-d", depths="1-1-2-2-2")
    run(app)
    assert network(app) == ("vgg-d", cnnviz.spec("vgg-d", depths=(1, 1, 2, 2, 2)))
    show("architecture", preset="resnet-18")
    run(app)
    assert network(app) == ("resnet-18", cnnviz.spec("resnet-18"))
    app.toggle(key="class.follow").set_value(False)
    run(app)
    show("architecture", preset="lenet-5")
    run(app)
    assert network(app)[0] == "resnet-18"


def test_a_teacher_shows_what_is_on_screen():
    opened()
    app = open_page("architecture", owner=TEACHER, preset="lenet-5", lang="en")
    press(app, "show-class")
    stop = classroom.store().of_teacher(pseudonym(TEACHER)).stop
    assert stop.page == "architecture"
    assert stop.query["preset"] == "lenet-5"
    assert "lang" not in stop.query
    assert "show-class" not in {one.key for one in open_page("glossary").button}


def test_a_locked_network_is_the_teachers_at_every_address():
    opened("network")
    edited = {"preset": "resnet-50", "width": "2"}
    assert network(open_page("architecture", **edited)) == (
        "densenet-121",
        cnnviz.spec("densenet-121"),
    )
    show("architecture", preset="vgg-d", depths="1-1-2-2-2")
    shown = "vgg-d", cnnviz.spec("vgg-d", depths=(1, 1, 2, 2, 2))
    for page in ("architecture", "training"):
        assert network(open_page(page, **edited)) == shown
        assert network(open_page(page, owner=ADA)) == shown
    assert network(open_page("architecture", owner=BOB, preset="resnet-50"))[0] == "resnet-50"


def test_a_page_that_was_open_before_the_lock_turns_no_knob():
    opened()
    app = open_page("architecture", preset="densenet-121")
    classroom.store().lock(pseudonym(TEACHER), ["network"])
    before = network(app)
    knob(app, "growth_rate").set_value(12)
    run(app)
    assert network(app) == before
    (family,) = [one for one in app.selectbox if f"{one.key}".startswith("family.")]
    family.set_value("vgg")
    run(app)
    assert network(app) == before
    classroom.store().lock(pseudonym(TEACHER), [])
    knob(app, "growth_rate").set_value(16)
    run(app)
    assert network(app)[1].growth_rate == 16, "it is the lock that held"


@pytest.mark.parametrize(
    ("lock", "page"),
    [
        ("network", "compare"),
        ("training", "training"),
        ("pages", "labs"),
        pytest.param("network", "sweeps", marks=pytest.mark.sweep),
        pytest.param("training", "experiments", marks=pytest.mark.sweep),
        pytest.param("pages", "architecture", marks=pytest.mark.sweep),
    ],
)
def test_a_locked_page_is_a_sentence(lock, page):
    opened(lock)
    app = open_page(page)
    assert "has locked this page" in app.warning[0].value
    assert "slot.main" not in app.session_state
    if page == "labs":
        assert not open_page(page, owner=BOB).warning, "it is locked for the class alone"


def test_only_what_the_teacher_shows_is_open():
    opened()
    show("glossary", term="macs")
    app = open_page("line")  # who follows is led away
    assert address(app)["term"] == "macs"
    app.switch_page("pages/line.py")
    app.query_params.clear()  # as a browser does
    assert not run(app).warning
    classroom.store().lock(pseudonym(TEACHER), ["pages"])
    assert "has locked this page" in run(app).warning[0].value
    app.switch_page("pages/glossary.py")
    assert not run(app).warning


@pytest.mark.parametrize("page", ["training", "experiments"])
def test_a_page_that_was_open_before_the_lock_starts_no_training(jobs, page):
    opened()
    app = open_page(page, preset="lenet-5") if page == "training" else open_page(page)
    if page == "experiments":
        app.radio[0].set_value(0)
        run(app)
    classroom.store().lock(pseudonym(TEACHER), ["training"])
    press(app, "start" if page == "training" else "experiment-run")
    assert jobs.jobs() == []
    assert "has locked this page" in app.warning[0].value
    classroom.store().lock(pseudonym(TEACHER), [])
    run(app)
    form = app.session_state["training_form" if page == "training" else "trial"]
    why = form.refusal.message if page == "training" else form.refusal
    assert "locked training for this class" in why.en


def test_jobs_are_refused_at_the_gate(monkeypatch):
    monkeypatch.setattr(classroom, "is_locked", lambda what: what == "training")
    with pytest.raises(TrainingError, match="has locked training"):
        submission.submit("a", [])


def test_no_page_goes_past_the_gate():
    folder = page_driver.ROOT / "cnnviz/ui"
    files = [file for file in folder.rglob("*.py") if "submit_group" in file.read_text("utf-8")]
    assert files == [folder / "training/submission.py"]


def test_locks_of_two_classes_both_hold():
    """Who opens a class without locks, and joins it, is not free."""
    opened("training")
    own = classroom.store().open(pseudonym(ADA), "en")
    classroom.store().join(own.code, pseudonym(ADA))
    assert "has locked this page" in open_page("training").warning[0].value


def test_a_class_that_is_over_locks_nothing():
    opened("pages")
    classroom.store().end(pseudonym(TEACHER))
    assert not open_page("line").warning


def test_the_database_names_nobody(tmp_path):
    opened()
    for file in tmp_path.glob("classes.db*"):
        content = file.read_bytes()
        assert not any(owner.encode() in content for owner in (TEACHER, ADA))


def test_markup_in_a_stop_stays_an_address():
    opened()
    show("glossary", term="<script>alert(1)</script>")
    app = open_page("labs")
    assert not app.exception
    assert json.dumps(address(app))

"""Classes in their store: who may do what, what is counted, and that nothing stays."""

import csv
import hashlib
import hmac
import random
import stat
from collections import Counter
from io import StringIO
from itertools import pairwise

import numpy as np
import pytest

from cnnviz.classes import link, store
from cnnviz.classes.classroom import LOCKS, Classroom, Member, Stop
from cnnviz.classes.errors import ClassError
from cnnviz.classes.question import Question
from cnnviz.classes.store import ClassStore
from cnnviz.classes.tally import table, tally
from cnnviz.classes.tries import Tries
from cnnviz.text import Text

COLOURS = Question.typed("Which colour?", "choice", "red\ngreen\nblue")
NUMBER = Question.typed("How many parameters?", "number")


@pytest.fixture
def classes(tmp_path):
    return ClassStore(tmp_path / "classes.db")


@pytest.fixture
def room(classes):
    """A class of Tina's with Ada and Bob in it."""
    opened = classes.open("tina", "en")
    for person in ("ada", "bob"):
        classes.join(opened.code, person, person.title())
    return opened


def now(classes):
    return classes.of_teacher("tina")


def test_a_code_is_short_and_never_the_same(classes):
    codes = {classes.open(f"teacher {number}", "en").code for number in range(50)}
    assert len(codes) == 50
    assert {len(code) for code in codes} == {6}
    assert len(store.LETTERS) ** store.LENGTH > 8e8
    assert not set(store.LETTERS) & set("0O1IL")


def test_a_teacher_has_one_class(classes, room):
    assert classes.open("tina", "zh").code == room.code
    assert classes.open("tom", "en").code != room.code


@pytest.mark.parametrize("typed", ["{}", " {} ", "{:.3} {}"])
def test_a_code_is_found_however_it_is_typed(classes, room, typed):
    text = typed.format(room.code) if typed.count("{") == 1 else f"{room.code[:3]} {room.code[3:]}"
    assert classes.find(text.lower()).code == room.code
    assert classes.find("AAAAAA") is None
    assert classes.find("'; DROP TABLE classes; --") is None


def test_answers_are_taken_while_the_question_is_asked(classes, room):
    first = classes.ask("tina", COLOURS)
    classes.answer(room.code, "ada", first, 2)
    classes.answer(room.code, "ada", first, 1)
    assert classes.answer_of(room.code, "ada", first) == 1
    second = classes.ask("tina", NUMBER)
    with pytest.raises(ClassError, match="no answers any more"):
        classes.answer(room.code, "ada", first, 0)
    classes.answer(room.code, "bob", second, 156)
    classes.close("tina")
    with pytest.raises(ClassError, match="no answers any more"):
        classes.answer(room.code, "ada", second, 1)
    assert [(one.name, one.answers) for one in classes.members(room.code)] == [
        ("Ada", {1: 1}),
        ("Bob", {2: 156}),
    ]


@pytest.mark.parametrize("answer", [3, -1, 0.5, True, "red", None, float("nan"), [0]])
def test_what_is_no_choice_is_no_answer(classes, room, answer):
    number = classes.ask("tina", COLOURS)
    with pytest.raises(ClassError):
        classes.answer(room.code, "ada", number, answer)
    assert classes.answer_of(room.code, "ada", number) is None


@pytest.mark.parametrize("answer", [float("inf"), float("nan"), 1e16, "12", True])
def test_what_is_no_number_is_no_answer(answer):
    with pytest.raises(ClassError, match="is no number"):
        NUMBER.accept(answer)


def test_who_is_not_in_the_class_answers_nothing(classes, room):
    number = classes.ask("tina", COLOURS)
    with pytest.raises(ClassError):
        classes.answer(room.code, "eve", number, 0)


def test_only_the_teacher_asks_shows_locks_and_ends(classes, room):
    for act in (
        lambda: classes.ask("ada", COLOURS),
        lambda: classes.show("ada", Stop("labs", {})),
        lambda: classes.lock("ada", []),
        lambda: classes.close("ada"),
    ):
        with pytest.raises(ClassError, match="no such class"):
            act()
    classes.end("ada")
    assert now(classes) == room


def test_every_change_is_a_new_revision(classes, room):
    seen = [room.revision]
    for act in (
        lambda: classes.ask("tina", COLOURS),
        lambda: classes.show("tina", Stop("labs", {"lab": "pooling"})),
        lambda: classes.lock("tina", ["training", "nonsense"]),
        lambda: classes.close("tina"),
    ):
        act()
        seen.append(now(classes).revision)
    assert seen == sorted(set(seen))
    assert now(classes).stop == Stop("labs", {"lab": "pooling"})
    assert now(classes).locks == {"training"}


def test_who_is_in_two_classes_is_in_both(classes, room):
    other = classes.open("tom", "zh")
    classes.join(other.code, "ada")
    assert [one.code for one in classes.attended("ada")] == [room.code, other.code]
    assert [one.code for one in classes.attended("bob")] == [room.code]


@pytest.mark.parametrize("over", ["ended", "its time"])
def test_nothing_stays_of_a_class_that_is_over(classes, room, over, monkeypatch):
    number = classes.ask("tina", Question.typed("What is the secret-question?", "number"))
    classes.join(room.code, "ada", "Secret-Name")
    classes.answer(room.code, "ada", number, 987654321)
    files = list(classes.path.parent.iterdir())
    assert any(b"Secret-Name" in file.read_bytes() for file in files), "the search can find it"
    if over == "ended":
        classes.end("tina")
    else:
        later = store.time.time() + store.LASTS + 1
        monkeypatch.setattr(store.time, "time", lambda: later)
        assert classes.find(room.code) is None
        assert classes.attended("ada") == []
        classes.purge()
    assert classes.members(room.code) == []
    for file in classes.path.parent.iterdir():
        for secret in (b"Secret-Name", b"secret-question", b"987654321", room.code.encode()):
            assert secret not in file.read_bytes(), file


def test_the_file_is_for_its_user_alone(classes):
    assert stat.S_IMODE(classes.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["x" * 31, "bell\a", "right-to-left \u202e"])
def test_a_name_that_cannot_be_one_is_refused(classes, room, name):
    with pytest.raises(ClassError, match="Change it, or leave it empty"):
        classes.join(room.code, "ada", name)
    assert classes.members(room.code)[0].name == "Ada"


def test_a_full_class_takes_nobody(classes, room, monkeypatch):
    monkeypatch.setattr(store, "MOST_MEMBERS", 2)
    with pytest.raises(ClassError, match="2 students are in this class"):
        classes.join(room.code, "eve")
    classes.join(room.code, "ada", "still Ada")


def test_every_problem_of_a_question_is_said_at_once():
    with pytest.raises(ClassError) as refusal:
        Question.typed(" ", "choice", "a\na\n" + "x" * 121)
    for text, words in zip(
        refusal.value.message,
        (("is empty", "twice", "121"), ("为空", "重复", "121")),
        strict=True,
    ):
        assert all(word in text for word in words)
    assert [choice.en for choice in Question.typed("Which?", "choice").choices] == list("ABCD")


def test_a_question_comes_back_as_it_was(classes, room):
    asked = Question(Text("a", "甲"), "choice", (Text("b", "乙"), Text("c", "丙")), "experiment:x")
    classes.ask("tina", asked)
    assert classes.questions(room.code) == {1: asked}


def test_choices_are_counted():
    answers = random.Random(0).choices(range(3), k=30)
    counted = Counter(answers)
    assert tally(COLOURS, answers) == [
        (choice, counted[at]) for at, choice in enumerate(COLOURS.choices)
    ]


def test_few_numbers_are_counted_one_by_one_and_many_in_ranges():
    assert tally(NUMBER, [156, 150, 156]) == [(Text("150", "150"), 1), (Text("156", "156"), 2)]
    many = [n**2 for n in range(30)]
    counted = tally(NUMBER, many)
    edges = np.linspace(0, 841, 11)
    by_hand = [sum(low <= n < high for n in many) for low, high in pairwise(edges)]
    by_hand[-1] += 1  # the largest
    assert [count for _, count in counted] == by_hand
    assert sum(by_hand) == 30


def test_the_table_has_every_answer_and_no_formula():
    members = [
        Member(1, "=HYPERLINK(1)", 0.0, {1: 2, 2: -5.5}),
        Member(2, "＝1+1", 0.0, {1: 0}),
    ]
    questions = {1: COLOURS, 2: Question.typed("@SUM(1)?", "number")}
    rows = list(csv.reader(StringIO(table(questions, members, "en"))))[1:]
    assert [(row[0], row[2], row[4]) for row in rows] == [
        ("1", "1", "blue"),
        ("2", "1", "-5.5"),
        ("1", "2", "red"),
    ]
    texts = [cell for row in rows for cell in (row[1], row[3])]
    assert not any(text.startswith(("=", "+", "-", "@", "＝")) for text in texts)


def test_numbers_that_look_the_same_are_one():
    """Ranges between numbers that differ in the last bit are none that numpy makes."""
    close = [2.0**49 - step / 16 for step in range(7)]
    close += [2.0**49 + step / 8 for step in range(1, 5)]
    with pytest.raises(ValueError, match="Too many bins"):
        np.histogram(close, bins=10)
    assert tally(NUMBER, close) == [(Text("5.629499534e+14", "5.629499534e+14"), 11)]


@pytest.mark.parametrize(
    "answer",
    [10**400, -(10**5000), float("nan"), float("inf"), 1e16],
    ids=["400 digits", "5000 digits", "no number", "infinite", "too large"],
)
@pytest.mark.parametrize("question", [COLOURS, NUMBER], ids=["choice", "number"])
def test_no_number_is_too_long_for_a_sentence(question, answer):
    with pytest.raises(ClassError, match="no number from"):
        question.accept(answer)


def sign(text):
    return hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest()


def test_a_link_that_was_edited_is_none():
    made = link.token("ABC234", "zh", sign)
    assert link.read(made, sign) == ("ABC234", "zh")
    for edited in (
        made.replace("zh", "en"),
        made.replace("ABC234", "ABC235"),
        made[:-1] + ("0" if made[-1] != "0" else "1"),
        made + "0",
        made.upper(),
        "",
        "ABC234",
    ):
        assert link.read(edited, sign) is None, edited


def test_wrong_codes_are_limited_by_the_minute_and_the_computer():
    time = [0.0]
    tries = Tries(3, 60.0, clock=lambda: time[0])
    for _ in range(3):
        assert tries.may("10.0.0.1")
        tries.note("10.0.0.1")
    assert not tries.may("10.0.0.1")
    assert tries.may("10.0.0.2")
    time[0] = 60.0
    assert tries.may("10.0.0.1")


@pytest.mark.parametrize("lock", LOCKS)
def test_what_a_lock_hides(lock):
    room = Classroom("A", "t", "en", frozenset({lock}), 0.0, Stop("labs", {}))
    assert not room.hides("class")
    assert not room.hides("labs")
    assert room.hides("line") == (lock == "pages")
    assert room.hides("sweeps") == (lock in ("pages", "network"))
    assert room.hides("training") == (lock in ("pages", "training"))

"""The doors of classes, lessons, experiments and sweeps, tried as those of test_fuzz.py are."""

import csv
import hashlib
import hmac
from functools import cache
from io import StringIO

from doors import PLAIN, TEXT, are_sentences, damaged, is_a_sentence, knock, parameters, trials
from hypothesis import strategies as st

from cnnviz import experiments
from cnnviz.classes import link
from cnnviz.classes.classroom import Member
from cnnviz.classes.errors import ClassError
from cnnviz.classes.question import Question
from cnnviz.classes.store import ClassStore
from cnnviz.classes.tally import table, tally
from cnnviz.knobs import format_value
from cnnviz.lessons import question as lesson_question
from cnnviz.sweeps.axis import MOST_POINTS
from cnnviz.sweeps.sweep import typed_sweep
from cnnviz.text import Text
from cnnviz.ui.lessons import study
from cnnviz.zoo import PRESETS

SPEC = PRESETS["lenet-d2l"].spec


def sign(text):
    return hmac.new(b"secret", text.encode(), hashlib.sha256).hexdigest()


LINK = link.token("ABC234", "zh", sign)


def a_link(content):
    text = content.decode(errors="replace")
    assert (link.read(text, sign) is None) is (text != LINK)


def a_question(asked):
    """What a teacher asks, what a class answers, how it is counted, and its table."""
    text, kind, choices, answers = asked
    question = Question.typed(text, kind, choices)
    assert Question.from_json(question.to_json()) == question
    taken = []
    for answer in answers:
        try:
            taken.append(question.accept(answer))
        except ClassError as error:
            is_a_sentence(error.message)
    assert sum(count for _, count in tally(question, taken)) == len(taken)
    members = [Member(place, text, 0.0, {1: answer}) for place, answer in enumerate(taken)]
    rows = list(csv.reader(StringIO(table({1: question}, members, "zh"), newline="")))[1:]
    assert len(rows) == len(taken)
    for row in rows:
        assert not row[1][1:] or row[1][0] not in "=@＝＠"


@cache
def class_store(file):
    store = ClassStore(file)
    return store, store.open("teacher", "en").code


def a_member(asked, file):
    """A code as somebody types it, and what they call themselves."""
    store, code = class_store(file)
    typed, name = asked
    assert store.find(typed) is None
    store.join(code, "somebody", name)
    (member,) = store.members(code)
    assert member.name == " ".join(name.split())


ASKED = {"prompt": Text("", ""), "hints": (), "arithmetic": (), "address": ""}
LESSON_QUESTIONS = (
    lesson_question.Question(answer=7_978_856, **ASKED),
    lesson_question.Question(answer=28.6, unit=Text("MB", "MB"), tolerance=0.01, **ASKED),
    lesson_question.Question(answer=1, options=(Text("a", "a"), Text("b", "b")), **ASKED),
)


def a_lessons_answer(asked):
    question, text = asked
    is_a_sentence(lesson_question.check(question, text).said)


def a_lesson(asked):
    first = study.find("lenet")
    found = study.Study(first, first.steps[0].name)
    study._read(found, asked)
    are_sentences(found.notes)
    assert found.step.name == found.at
    again = study.Study(first, first.steps[0].name)
    study._read(again, found.query())
    assert (again.query(), again.notes) == (found.query(), [])


def an_experiment(name):
    assert experiments.find(name).name == name


def a_sweep(texts):
    sweep = typed_sweep(SPEC, texts)
    assert len(sweep.points) == len(sweep) <= MOST_POINTS
    for axis in sweep.axes:
        again = typed_sweep(SPEC, [f"{axis.knob.name}={','.join(map(format_value, axis.values))}"])
        assert again.axes[0].values == axis.values


KNOBS = [knob.name for knob in SPEC.knobs()]
# of numbers with the signs that stand between them
NUMBERS = st.text("0123456789.,:-e MGk万", max_size=12)
DOORS = {
    "class link": (a_link, damaged(LINK.encode())),
    "question": (
        a_question,
        st.tuples(
            TEXT,
            st.sampled_from(["choice", "number"]) | TEXT,
            st.lists(TEXT, max_size=10).map("\n".join),
            st.lists(PLAIN | st.sampled_from([0, 1, 10**400, 5e-324, 1e15]), max_size=14),
        ),
    ),
    "numbers of a class": (
        a_question,
        st.tuples(
            st.just("How many?"),
            st.just("number"),
            st.just(""),
            st.lists(st.floats(-1e15, 1e15), min_size=11, max_size=14),
        ),
    ),
    "member": (a_member, st.tuples(TEXT, TEXT)),
    "lesson": (a_lesson, parameters("lesson", "step", "seed")),
    "lesson's answer": (
        a_lessons_answer,
        st.tuples(st.sampled_from(LESSON_QUESTIONS), TEXT | NUMBERS),
    ),
    "experiment": (an_experiment, TEXT | st.sampled_from(list(experiments.EXPERIMENTS))),
    "sweep": (
        a_sweep,
        st.lists(
            st.tuples(st.sampled_from(KNOBS) | TEXT, TEXT | NUMBERS).map("=".join), max_size=3
        ),
    ),
}


@trials(DOORS)
def test_whatever_a_class_sends_is_taken_or_refused_in_a_sentence(name, examples, tmp_path):
    door, things = DOORS[name]
    knock(door, things, examples, *([tmp_path / "classes.db"] if door is a_member else ()))

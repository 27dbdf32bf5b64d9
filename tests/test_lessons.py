"""The lessons' files, where they lead, and what is said of an answer."""

import re
import tomllib
from dataclasses import replace

import pytest
from conftest import ROOT

import cnnviz
from cnnviz.knobs import SpecError
from cnnviz.labs import LABS
from cnnviz.lessons import COURSE, NAMES, find
from cnnviz.lessons.kinds import KINDS
from cnnviz.lessons.question import Question, check
from cnnviz.lessons.reading import read as read_lesson
from cnnviz.text import Text
from cnnviz.ui.kit.address_link import parts
from cnnviz.ui.session.address import read, read_slot
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.look_address import KEYS, read_look

CHINESE = re.compile("[\u4e00-\u9fff]")
# What is said of an answer

NUMBER = Question(
    prompt=Text("?", "?"),
    answer=7_978_856,
    tolerance=0.005,
    hints=(),
    arithmetic=(),
    address="",
)
IN_MB = replace(NUMBER, answer=28.6, tolerance=0.03, unit=Text("MB", "MB"))
CHOICE = replace(NUMBER, answer=1, options=(Text("a", "a"), Text("b", "b")))


@pytest.mark.parametrize(
    ("question", "given", "is_right", "said"),
    [
        (NUMBER, "7,978,856", True, "Right: 7,978,856."),
        (NUMBER, " 7978856 ", True, "Right: 7,978,856."),
        (NUMBER, "7.98 M", True, "Right. Exactly, it is 7,978,856."),
        (NUMBER, "798万", True, "Right. Exactly, it is 7,978,856."),
        (NUMBER, "7，978，856", True, "Right: 7,978,856."),
        (NUMBER, "8.1M", False, "8,100,000 is too large. Try again."),
        (NUMBER, "-3", False, "−3 is too small. Try again."),
        (NUMBER, "many", None, "'many' is not a number. Write it like 7,978,856 or 7.98 M."),
        (NUMBER, "", None, "'' is not a number. Write it like 7,978,856 or 7.98 M."),
        (NUMBER, "1e3", None, "'1e3' is not a number. Write it like 7,978,856 or 7.98 M."),
        (NUMBER, "٣", None, "'٣' is not a number. Write it like 7,978,856 or 7.98 M."),
        (NUMBER, "9" * 99, None, f"'{'9' * 59}…' is not a number. Write it like"),
        (IN_MB, "28.6", True, "Right: 28.6 MB."),
        (IN_MB, "28.4 MB", True, "Right. Exactly, it is 28.6 MB."),
        (IN_MB, "28.6 M", None, "'28.6 M' is not a number of MB."),
        (CHOICE, "1", True, "Right: b."),
        (CHOICE, "0", False, "It is not a. Try again."),
        (CHOICE, "2", None, "Answer '2' is not one of the 2 options; choose one of them."),
        (CHOICE, "-1", None, "Answer '-1' is not one of the 2 options; choose one of them."),
    ],
)
def test_an_answer_is_judged_in_a_sentence(question, given, is_right, said):
    verdict = check(question, given)
    assert verdict.is_right is is_right
    assert verdict.said.en.startswith(said)
    assert CHINESE.search(verdict.said.zh)


# The files

BAD = """
title = { en = "A lesson" }
goals = []
extra = 1
[[steps]]
name = "one"
title = { en = "One", zh = "一" }
text = { en = "{a} and {b}", zh = "{a}" }
counts.a = "weight of vgg-d"
experiment = "degradatoin"
stops = ["lab?lab=dense"]
[steps.question]
kind = "share"
networks = ["vgg-z", "vgg-d:widht=3"]
layers = ["*"]
[[steps]]
name = "one"
text = { en = "{", zh = "无" }
discussion = { ask = { en = "?", zh = "吗？" }, answer = 3 }
[steps.prediction]
ask = { en = "?", zh = "吗？" }
then = { en = "!", zh = "！" }
right = "largest"
options = [{ en = "a", zh = "甲" }]
"""
FAULTS = (
    "title is {'en': 'A lesson'}; it must be text in both languages",
    "goals is []; it must be a list of 1 to 40 tables",
    "extra is not known here",
    "step 1: counts.a is 'weight of vgg-d'; it must be NUMBER of NETWORK",
    "step 1: experiment 'degradatoin' does not exist; the nearest are degradation",
    "step 1: stops 'lab' does not exist; the nearest are labs",
    "step 1: 'vgg-z' is no family or preset; the nearest are vgg",
    "step 1: widht is not a knob of vgg; the nearest are width",
    "step 1: layers is not known here",
    "step 1: measure is missing; write it.",
    "step 1: part is missing; write it.",
    "step 1: the text has {b}, and counts has no such number.",
    "step 1: {b} is in one language alone",
    "step 2: name 'one' is that of an earlier step, too.",
    "step 2: has prediction, discussion; a step has one of them at most.",
    "step 2: title is missing; write it.",
    "step 2: answer is 3; it must be text in both languages",
    "step 2: right is 'largest'; it must be most, least or left out",
    "step 2: a text has a bracket too many",
)


def test_a_file_is_told_all_of_its_faults_at_once():
    with pytest.raises(SpecError) as refusal:
        read_lesson("bad", BAD)
    said = [problem.message.en for problem in refusal.value.problems]
    for fault in FAULTS:
        assert any(fault in line for line in said), (fault, said)
    assert all(line.startswith("bad.toml") for line in said)
    assert all(CHINESE.search(problem.message.zh) for problem in refusal.value.problems)


def test_a_file_that_is_no_toml_is_told_where():
    with pytest.raises(SpecError, match="bad is not TOML: Invalid value"):
        read_lesson("bad", "title = ")


def test_the_documented_lesson_can_be_read():
    page = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    lesson = read_lesson("own", block)
    assert lesson.steps[0].told(lesson.steps[0].text).en.startswith("Of 138\N{NO-BREAK SPACE}M")
    assert lesson.steps[0].question(1)
    assert all(f"`{kind}`" in page for kind in KINDS)


def test_every_file_is_a_lesson_and_every_lesson_a_chapter():
    assert {path.stem for path in COURSE.glob("*.toml")} == set(NAMES)
    for name in NAMES:
        lesson = find(name)
        assert len(lesson.steps) >= 5
        assert any(step.asked for step in lesson.steps)
        assert any(step.prediction or step.discussion for step in lesson.steps)
    assert sum(bool(step.discussion) for name in NAMES for step in find(name).steps) >= 27
    with pytest.raises(SpecError, match="the nearest are densenet"):
        find("densenett")


def leaves(table):
    """Every pair of languages in a file."""
    if isinstance(table, dict) and table.keys() >= {"en", "zh"}:
        yield table
    elif isinstance(table, dict | list):
        for part in table.values() if isinstance(table, dict) else table:
            yield from leaves(part)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_are_written(name):
    found = list(leaves(tomllib.loads((COURSE / f"{name}.toml").read_text(encoding="utf-8"))))
    assert len(found) > 15
    for pair in found:
        assert not CHINESE.search(pair["en"]), pair
        assert CHINESE.search(pair["zh"]) or pair["zh"] == "ReLU" or pair["zh"] == "dropout", pair


STOPS = sorted({stop for name in NAMES for step in find(name).steps for stop in step.stops})


@pytest.mark.parametrize("address", STOPS)
def test_a_stop_leads_to_something_that_is_there(address):
    page, query = parts(address)
    assert (ROOT / "pages" / f"{page}.py").exists()
    assert query.get("lab", "dense") in LABS
    if page == "compare":
        for slot in query:
            assert read_slot(slot, query, "")[2] == []
    elif "preset" in query:
        preset, spec, problems = read(query, "", KEYS if page == "architecture" else ())
        assert (preset.name, problems) == (query["preset"], [])
        look = {key: text for key, text in query.items() if key != "breaks"}
        assert read_look(look, cnnviz.analyze(spec), Look())[1] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_question_leads_to_what_it_asks_about(name):
    for step in find(name).steps:
        if not step.asked:
            continue
        page, query = parts(step.question(1).address)
        if "preset" in query:
            _, spec, problems = read(query, "", KEYS if page == "architecture" else ())
            assert problems == []
            look = {key: text for key, text in query.items() if key != "breaks"}
            assert read_look(look, cnnviz.analyze(spec), Look())[1] == []

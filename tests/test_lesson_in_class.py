"""A lesson's question put to a class: its answer, and what teacher and students are told."""

import pytest

import cnnviz
from cnnviz.classes.question import Question
from cnnviz.lessons import NAMES, find
from cnnviz.lessons.in_class import askable, class_question
from cnnviz.lessons.question import check

EVERY = [
    pytest.param(name, step.name, marks=() if name == "densenet" else pytest.mark.sweep)
    for name in NAMES
    for step in askable(find(name))
]


@pytest.mark.parametrize(("name", "at"), EVERY)
def test_every_step_that_asks_can_be_put_to_a_class(name, at):
    lesson = find(name)
    step = lesson.step(at)
    question = class_question(lesson, step, seed=3)
    assert Question.from_json(question.to_json()) == question
    assert question.source == f"lesson:{name}/{at}"
    assert question.way
    assert all(part for text in (question.text, *question.choices, *question.way) for part in text)
    if question.right is not None:
        assert question.is_right(question.accept(question.right))
    if drawn := step.question(3):
        wrong = (question.right + 1) % len(question.choices) if question.choices else -1.0
        for answer in (question.right, wrong):
            assert question.is_right(answer) == check(drawn, f"{answer:.15g}").is_right


def test_the_answer_is_counted_on_the_network():
    lesson = find("vgg")
    right = class_question(lesson, lesson.step("kernel"), seed=1).right
    more = [
        cnnviz.analyze(cnnviz.spec(preset, kernel=kernel)).params
        - cnnviz.analyze(cnnviz.spec(preset)).params
        for preset in ("vgg-a", "vgg-d")
        for kernel in ("5x5", "7x7")
    ]
    assert right in more


def test_a_number_near_enough_is_right():
    question = Question(Question.typed("x", "number").text, "number", right=200.0, tolerance=0.01)
    assert [question.is_right(answer) for answer in (198, 202, 197.9, 202.1)] == [
        True,
        True,
        False,
        False,
    ]
    assert Question.typed("x", "number").is_right(1) is None

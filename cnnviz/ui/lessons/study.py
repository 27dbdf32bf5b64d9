"""What a session does with a lesson: its step, the seed of its numbers, and what was answered."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from cnnviz.knobs import Problem, SpecError
from cnnviz.lessons import NAMES, find
from cnnviz.lessons.lesson import SEEDS, Lesson, Step
from cnnviz.lessons.question import Answer, Question, Verdict, check
from cnnviz.lessons.worksheet import seed_problem
from cnnviz.text import Text, nearest
from cnnviz.ui.kit.run_context import is_led
from cnnviz.ui.kit.words import language_in_address
from cnnviz.ui.session.parameters import left_out

_KEY = "study"
_LESSON, _STEP, _SEED = "lesson", "step", "seed"  # parameters of the address


@dataclass
class Study:
    """The lesson on the page and how far it is.

    Args:
        at: the name of the step that is shown.
        seed: draws the numbers of the questions.
        answers: the newest of each step, by lesson and step.
        hints: how many of a step's hints are shown.
        notes: what the address asked for and did not get.
    """

    lesson: Lesson
    at: str
    seed: int = SEEDS[0]
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    hints: dict[tuple[str, str], int] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)

    @property
    def step(self) -> Step:
        return self.lesson.step(self.at)

    @property
    def position(self) -> int:
        """Of the step in the lesson, from 0 on."""
        return self.lesson.steps.index(self.step)

    @property
    def question(self) -> Question | None:
        return self.step.question(self.seed)

    @property
    def shown_hints(self) -> int:
        return self.hints.get((self.lesson.name, self.at), 0)

    def answer_to(self, step: Step) -> Answer | None:
        """The newest answer to a step; one to other numbers does not count."""
        found = self.answers.get((self.lesson.name, step.name))
        return None if found and step.asked and found.seed != self.seed else found

    def is_done(self, step: Step) -> bool:
        """Whether a prediction was given, or a question answered rightly."""
        answer = self.answer_to(step)
        if answer is None:
            return False
        question = step.question(self.seed)
        return question is None or bool(check(question, answer.answer).is_right)

    def verdict(self) -> Verdict | None:
        """What is said of the answer to the question on the page, if there is one."""
        answer, question = self.answer_to(self.step), self.question
        return check(question, answer.answer) if answer and question else None

    def give(self, answer: str) -> None:
        """Keep an answer to the step on the page."""
        given = Answer(self.lesson.name, self.at, answer, self.seed)
        self.answers[self.lesson.name, self.at] = given

    def hint(self) -> None:
        self.hints[self.lesson.name, self.at] = self.shown_hints + 1

    def go(self, position: int) -> None:
        """Show the step at a position; beyond either end, nothing happens."""
        if 0 <= position < len(self.lesson.steps):
            self.at, self.notes = self.lesson.steps[position].name, []

    def choose(self, name: str) -> None:
        """Go to the first step of another lesson."""
        self.lesson, self.notes = find(name), []
        self.at = self.lesson.steps[0].name

    def draw(self, seed: int) -> None:
        """Take other numbers; hints and answers to the old ones do not count for them."""
        if seed != self.seed:
            self.seed, self.hints, self.notes = seed, {}, []

    def query(self) -> dict[str, str]:
        """The study as the parameters of an address."""
        seed = {_SEED: str(self.seed)} if self.seed != SEEDS[0] else {}
        return {_LESSON: self.lesson.name, _STEP: self.at, **seed}


def current() -> Study:
    """The session's study; a new session, or one that follows the address, reads it."""
    found: Study | None = st.session_state.get(_KEY)
    if found is None:
        first = find(NAMES[0])
        found = st.session_state[_KEY] = Study(first, first.steps[0].name)
        _read(found, st.query_params.to_dict())
    elif is_led() and _LESSON in st.query_params:
        _read(found, st.query_params.to_dict())
    return found


def show_address(study: Study) -> None:
    """Put lesson, step and seed into the browser's address."""
    parameters = {**study.query(), **language_in_address()}
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)


def _read(study: Study, asked: Mapping[str, str]) -> None:
    problems = left_out(asked, "/lessons", (_LESSON, _STEP, _SEED))
    try:
        study.choose(asked.get(_LESSON, study.lesson.name))
    except SpecError as error:
        problems += error.problems
    names = [step.name for step in study.lesson.steps]
    step = asked.get(_STEP, names[0])
    if step in names:
        study.at = step
    else:
        message = Text(
            "step {name!r} is not in this lesson; the nearest are {close}. The first is shown.",
            "该导学没有步骤 {name!r}；最接近的有 {close}。现在显示第一步。",
        )
        problems.append(Problem.of(_STEP, message, name=step[:60], close=nearest(step, names)))
    text = asked.get(_SEED, str(SEEDS[0]))
    seed = int(text) if re.fullmatch("[0-9]{1,9}", text, re.ASCII) else text[:60]
    problem = seed_problem(seed) if isinstance(seed, int) else _no_seed(seed)
    if problem is None and isinstance(seed, int):
        study.draw(seed)
    elif problem:
        problems.append(problem)
    study.notes = problems


def _no_seed(text: str) -> Problem:
    message = Text(
        "seed is {seed!r}; it must be a whole number from {least} to {most}.",
        "种子为 {seed!r}；应为 {least} 到 {most} 之间的整数。",
    )
    return Problem.of(_SEED, message, seed=text, least=SEEDS[0], most=SEEDS[1])

"""A lesson's question for the class: which lesson, which step, which numbers."""

from collections.abc import Callable

import streamlit as st

from cnnviz.classes.question import Question
from cnnviz.lessons import NAMES, find
from cnnviz.lessons.in_class import askable, class_question
from cnnviz.lessons.lesson import SEEDS
from cnnviz.ui.kit.words import as_markdown, language, say, t


def lesson_choice(count: str, ask: Callable[[Question], None]) -> None:
    """Let the teacher choose a step of a lesson and ask its question.

    Args:
        count: of the keys; another one begins again.
    """
    spoken = language()
    with st.container(horizontal=True, vertical_alignment="bottom", key="class-lesson"):
        name = st.selectbox(
            t("lessons.which"),
            NAMES,
            key=f"class.lesson.{count}.{spoken}",
            format_func=lambda one: say(find(one).title),
        )
        lesson = find(name)
        at = st.selectbox(
            t("classroom.step"),
            [step.name for step in askable(lesson)],
            key=f"class.step.{count}.{name}.{spoken}",
            format_func=lambda one: say(lesson.step(one).title),
        )
        seed = st.number_input(
            t("lessons.seed"),
            *SEEDS,
            key=f"class.seed.{count}.{spoken}",
            help=t("classroom.seed_help"),
            width=140,
        )
    question = class_question(lesson, lesson.step(at), int(seed))
    st.markdown(as_markdown(say(question.text)))
    st.markdown("\n".join(f"- {as_markdown(say(choice))}" for choice in question.choices))
    st.button(t("classroom.ask"), key="class-ask", type="primary", on_click=ask, args=(question,))

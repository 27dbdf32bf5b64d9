"""What a student sees of a class: the question that is asked, on a screen as small as a phone's."""

import streamlit as st

from cnnviz.classes.classroom import Classroom
from cnnviz.classes.errors import ClassError
from cnnviz.classes.question import Question
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session import classroom

_REFUSAL = "class.answer_refusal"


def student_view(joined: Classroom) -> None:
    """Draw the question with what is needed to answer it."""
    st.markdown(t("classroom.you_are_in", code=joined.code))
    questions = classroom.store().questions(joined.code)
    question = questions.get(joined.asked)
    with st.container(border=True, width=640, key="class-question"):
        if question is None:
            if questions:
                _solved(joined, questions)
            st.markdown(t("classroom.nothing_asked"))
            return
        given = classroom.store().answer_of(joined.code, classroom.person(), joined.asked)
        st.markdown(f"### {as_markdown(say(question.text))}")
        if question.kind == "choice":
            _choices(joined, question, given)
        else:
            _number(joined, given)
        if refusal := st.session_state.pop(_REFUSAL, None):
            st.error(as_markdown(refusal))
        elif given is not None:
            shown = as_markdown(say(question.shown(given)))
            st.success(t("classroom.yours", answer=shown))


def _solved(joined: Classroom, questions: dict[int, Question]) -> None:
    """The last question, which takes no more answers: what was right, and why."""
    number = max(questions)
    question = questions[number]
    if not question.way:
        return
    given = classroom.store().answer_of(joined.code, classroom.person(), number)
    st.markdown(f"### {as_markdown(say(question.text))}")
    if given is not None and question.right is not None:
        name, draw = ("right", st.success) if question.is_right(given) else ("wrong", st.warning)
        draw(t(f"classroom.{name}", answer=as_markdown(say(question.shown(given)))))
    elif question.right is None:
        st.info(t("classroom.seen_decides"))
    st.markdown("\n".join(f"- {as_markdown(say(line))}" for line in question.way))


def _choices(joined: Classroom, question: Question, given: float | None) -> None:
    for at, choice in enumerate(question.choices):
        st.button(
            as_markdown(say(choice)),
            key=f"class-choice-{joined.asked}-{at}",
            type="primary" if given == at else "secondary",
            width="stretch",
            on_click=_answer,
            args=(joined, at),
        )


def _number(joined: Classroom, given: float | None) -> None:
    key = f"class-number-{joined.asked}-{language()}"
    with st.form(f"class.answer.{joined.asked}", border=False):
        st.number_input(t("classroom.number"), value=given, key=key, format="%.15g", step=None)
        st.form_submit_button(
            t("classroom.answer"),
            type="primary",
            width="stretch",
            on_click=lambda: _answer(joined, st.session_state.get(key)),
        )


def _answer(joined: Classroom, answer: object) -> None:
    if answer is None:
        st.session_state[_REFUSAL] = t("classroom.no_number")
        return
    try:
        classroom.store().answer(joined.code, classroom.person(), joined.asked, answer)
    except ClassError as error:
        st.session_state[_REFUSAL] = say(error.message)

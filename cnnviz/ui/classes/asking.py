"""The form in which a teacher asks a class something."""

import streamlit as st

from cnnviz.classes.classroom import Classroom, Stop
from cnnviz.classes.errors import ClassError
from cnnviz.classes.question import CHOICES, Question
from cnnviz.experiments import EXPERIMENTS
from cnnviz.ui.classes.lesson_choice import lesson_choice
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session import classroom

WAYS = ("choice", "number", "experiment", "lesson")
_REFUSAL = "class.asking_refusal"


def asking(taught: Classroom, *, is_first: bool) -> None:
    """Offer to ask a choice, a number, an experiment's prediction, or a lesson's question."""
    refusal = st.session_state.pop(_REFUSAL, None)
    count = f"{taught.code}.{taught.revision}"
    with st.expander(t("classroom.ask_title"), expanded=is_first or bool(refusal)):
        way = st.segmented_control(
            t("classroom.kind"),
            WAYS,
            default=WAYS[0],
            required=True,
            key=f"class.kind.{language()}",
            format_func=lambda name: t(f"classroom.kind_{name}"),
        )
        if way == "experiment":
            _experiment(count)
        elif way == "lesson":
            lesson_choice(count, _try)
        else:
            _typed(way or WAYS[0], taught.code)
        if refusal:
            st.error(as_markdown(refusal))


def _typed(way: str, code: str) -> None:
    text, choices = f"class.text.{code}", f"class.choices.{code}"
    st.text_input(t("classroom.question"), key=text)
    if way == "choice":
        least, most = CHOICES
        st.text_area(
            t("classroom.choices"),
            key=choices,
            height=110,
            help=t("classroom.choices_help", least=least, most=most),
        )

    def ask() -> None:
        try:
            _ask(Question.typed(st.session_state[text], way, st.session_state.get(choices, "")))
        except ClassError as error:
            st.session_state[_REFUSAL] = say(error.message)
        else:
            st.session_state[text] = st.session_state[choices] = ""

    st.button(t("classroom.ask"), key="class-ask", type="primary", on_click=ask)


def _experiment(count: str) -> None:
    name = st.selectbox(
        t("classroom.experiment"),
        list(EXPERIMENTS),
        key=f"class.experiment.{count}.{language()}",
        format_func=lambda one: say(EXPERIMENTS[one].title),
    )

    def ask() -> None:
        chosen = EXPERIMENTS[name]
        question = Question(
            chosen.question, "choice", tuple(chosen.options), f"experiment:{chosen.name}"
        )
        _try(question)

    st.markdown(say(EXPERIMENTS[name].question))
    st.button(t("classroom.ask"), key="class-ask", type="primary", on_click=ask)


def _try(question: Question) -> None:
    """Ask it, or keep the sentence that says why not."""
    try:
        _ask(question)
    except ClassError as error:
        st.session_state[_REFUSAL] = say(error.message)


def _ask(question: Question) -> None:
    """Ask it, and lead those who follow to where it is answered."""
    store, teacher = classroom.store(), classroom.person()
    store.ask(teacher, question)
    store.show(teacher, Stop("class", {}))

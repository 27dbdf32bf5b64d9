"""The Class page: the teacher's desk, the student's question, or the way in."""

import streamlit as st

from cnnviz.classes import link
from cnnviz.training.errors import TrainingError
from cnnviz.ui.classes.entrance import entrance, is_linked, take_link
from cnnviz.ui.classes.student import student_view
from cnnviz.ui.classes.teacher import teacher_view
from cnnviz.ui.kit.words import as_markdown, language_in_address, say
from cnnviz.ui.session import classroom
from cnnviz.ui.session.owner import SecretError
from cnnviz.ui.session.parameters import Arrival, arrival


def arrive() -> Arrival:
    """Take over the link by which the visitor has come; the address keeps the language alone."""
    take_link()
    arrived = arrival("/class", (link.PARAMETER,))
    parameters = language_in_address()
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)
    return arrived


def show() -> None:
    """Draw what the visitor has to do with a class."""
    try:
        classroom.store()  # where it cannot be used, this page says so
        attended = classroom.attended()
        if taught := classroom.taught():
            teacher_view(taught)
        elif attended and not is_linked():
            student_view(attended[-1])
        else:
            entrance()
    except (TrainingError, SecretError) as error:
        st.error(as_markdown(say(error.message)))

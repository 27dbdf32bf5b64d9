"""The way into a class: by its link, by its code, or as its teacher."""

import streamlit as st

from cnnviz.classes import link
from cnnviz.classes.errors import ClassError
from cnnviz.classes.store import LASTS, LENGTH, LONGEST_NAME, OVER
from cnnviz.config import config
from cnnviz.text import LANGUAGES
from cnnviz.ui.classes.locks import lock_boxes
from cnnviz.ui.kit.words import as_markdown, choose_language, language, say, t
from cnnviz.ui.session import access, classroom
from cnnviz.ui.session.owner import signature

_LINKED, _REFUSAL = "class.linked", "class.refusal"
_CODE, _NAME = "class.code", "class.name"


def take_link() -> None:
    """Take over the class and the language of the link by which the visitor has come."""
    asked = st.query_params.get(link.PARAMETER)
    if asked is None:
        return
    found = link.read(asked, signature)
    del st.query_params[link.PARAMETER]
    if found is None or classroom.store().find(found[0]) is None:
        st.session_state[_REFUSAL] = t("classroom.bad_link")
        return
    st.session_state[_LINKED], spoken = found
    choose_language(spoken)


def is_linked() -> bool:
    """Whether the visitor has come by a link to a class that is still to be joined."""
    return _LINKED in st.session_state


def entrance() -> None:
    """Offer to join a class and, without a link, to open one."""
    linked = st.session_state.get(_LINKED)
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.error(as_markdown(refusal))
    joining, opening = (st.container(), None) if linked else st.columns(2, gap="large")
    with joining, st.form("class.join", width=460):
        st.markdown(f"### {t('classroom.join_title')}")
        if linked:
            st.markdown(t("classroom.linked", code=linked))
        else:
            st.text_input(
                t("classroom.code"), key=_CODE, help=t("classroom.code_help", length=LENGTH)
            )
        st.text_input(
            t("classroom.name"),
            key=_NAME,
            max_chars=LONGEST_NAME,
            help=t("classroom.name_help"),
        )
        st.form_submit_button(t("classroom.join"), type="primary", on_click=_join)
    if opening:
        with opening, st.container(border=True, width=460):
            _opening()


def _opening() -> None:
    st.markdown(f"### {t('classroom.open_title')}")
    st.markdown(t("classroom.open_text"))
    spoken = st.segmented_control(
        t("classroom.language"),
        list(LANGUAGES),
        default=language(),
        required=True,
        key=f"class.language.{language()}",
        format_func=LANGUAGES.__getitem__,
    )
    button = st.container()
    with st.expander(t("classroom.open_more")):
        st.markdown(t("classroom.lasts", hours=LASTS // 3600))
        locks = lock_boxes(frozenset(), "opening")
    button.button(
        t("classroom.open"),
        key="class-open",
        type="primary",
        on_click=_open,
        args=(spoken or language(), locks),
    )


def _open(spoken: str, locks: frozenset[str]) -> None:
    """Open a class; in an open lab, where owners cost nothing, a computer opens only so many."""
    openings, address = classroom.openings(), access.address()
    if config().login == "open" and not openings.may(address):
        limits = {"most": classroom.OPENED, "hours": LASTS // 3600}
        st.session_state[_REFUSAL] = t("classroom.too_many_opened", **limits)
        return
    try:
        classroom.store().open(classroom.person(), spoken, locks)
    except ClassError as error:
        st.session_state[_REFUSAL] = say(error.message)
    else:
        openings.note(address)


def _join() -> None:
    code = st.session_state.get(_LINKED) or _found(st.session_state.get(_CODE, ""))
    if code is None:
        return
    try:
        classroom.store().join(code, classroom.person(), st.session_state.get(_NAME, ""))
    except ClassError as error:
        st.session_state[_REFUSAL] = say(error.message)
    st.session_state.pop(_LINKED, None)


def _found(typed: str) -> str | None:
    """The code of the class that was typed; too many wrong ones are not even looked up."""
    tries, address = classroom.tries(), access.address()
    if not tries.may(address):
        st.session_state[_REFUSAL] = t("classroom.too_many_codes")
        return None
    found = classroom.store().find(typed)
    if found is None:
        tries.note(address)
        st.session_state[_REFUSAL] = say(OVER)
        return None
    return found.code

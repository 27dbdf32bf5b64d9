"""The session's part in classes: which it is in, what is locked for it, and which it teaches.

A class knows the browser, or the login, and not the tab: what is locked stays so in every tab and
at every address. Who is in several classes has the locks of all.
"""

from collections.abc import Iterable
from contextlib import suppress

import streamlit as st

from cnnviz.classes import link
from cnnviz.classes.classroom import Classroom, Stop
from cnnviz.classes.errors import ClassError
from cnnviz.classes.store import FILE, LASTS, ClassStore
from cnnviz.classes.tries import Tries
from cnnviz.config import config
from cnnviz.text import Text
from cnnviz.training.errors import TrainingError
from cnnviz.ui.session.owner import SecretError, owner, signature
from cnnviz.ui.session.parameters import FRAME

WRONG_CODES = 30  # a minute and a computer: a class with a few typing errors, and no more
OPENED = 20  # classes of a computer, or a network, of an open lab; in as long as one lasts
_PAGE = "page_on_screen"
_NOT_OF_A_STOP = (*FRAME, link.PARAMETER)  # each keeps their own


@st.cache_resource(show_spinner=False)
def store() -> ClassStore:
    return ClassStore(config().data / FILE)


@st.cache_resource(show_spinner=False)
def tries() -> Tries:
    return Tries(WRONG_CODES, seconds=60)


@st.cache_resource(show_spinner=False)
def openings() -> Tries:
    return Tries(OPENED, seconds=LASTS)


def _exists() -> bool:
    """Whether this server has ever had a class."""
    return (config().data / FILE).exists()


def person() -> str:
    """The visitor's pseudonym in classes, from which nobody comes back to the owner.

    Raises:
        SecretError: no secret, as in an open lab whose data directory is read-only.
    """
    return signature(f"in a class: {owner()}")[:32]


def attended() -> list[Classroom]:
    """The classes that the visitor is in, the one joined last at the end."""
    if not _exists():
        return []
    with suppress(SecretError, TrainingError):  # said by the page of classes
        return store().attended(person())
    return []


def taught() -> Classroom | None:
    """The class that the visitor has opened."""
    if not _exists():
        return None
    with suppress(SecretError, TrainingError):
        return store().of_teacher(person())
    return None


def is_locked(what: str) -> bool:
    """Whether one of the visitor's teachers has locked the network, training or the pages."""
    return any(what in one.locks for one in attended())


def hidden(pages: Iterable[str]) -> set[str]:
    """Those of the pages that one of the visitor's teachers has locked."""
    classes = attended()
    return {page for page in pages if any(one.hides(page) for one in classes)}


def check_training() -> None:
    """Let the visitor train.

    Raises:
        TrainingError: a teacher has locked it.
    """
    if is_locked("training"):
        raise TrainingError(_NO_TRAINING, code="locked")


def pinned() -> dict[str, str] | None:
    """The address whose network the visitor has to look at; None where any may be chosen.

    It is what the teacher shows, and empty where that has no network.
    """
    locked = [one for one in attended() if "network" in one.locks]
    if not locked:
        return None
    shown = locked[-1].stop
    return shown.query if shown and "preset" in shown.query else {}


def predicted(source: str, option: int) -> None:
    """Take a prediction as the visitor's answer where a class is asked for it."""
    for one in attended():
        asked = store().questions(one.code).get(one.asked)
        if asked and asked.source == source:
            with suppress(ClassError):  # it was closed just now
                store().answer(one.code, person(), one.asked, option)


def enter(page: str) -> None:
    """Note which page is drawn, and delete what is over."""
    st.session_state[_PAGE] = page
    if _exists():
        with suppress(TrainingError):  # said by the page of classes
            store().purge()


def stop(query: dict[str, str]) -> Stop:
    """The page on screen with its address, as the class is to see it."""
    kept = {name: text for name, text in query.items() if name not in _NOT_OF_A_STOP}
    return Stop(st.session_state[_PAGE], kept)


_NO_TRAINING = Text(
    "Your teacher has locked training for this class. Ask for it to be unlocked.",
    "老师已在本课堂锁定训练，请向老师申请解锁。",
)

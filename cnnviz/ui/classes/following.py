"""On every page of a student: where the teacher's screen leads, and what is locked."""

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from cnnviz.classes.classroom import Classroom
from cnnviz.ui.app.header import header
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.run_context import lead
from cnnviz.ui.kit.words import t
from cnnviz.ui.session import classroom

POLL = 2.0  # seconds
_FOLLOWS, _SEEN = "class.follows", "class.stops_seen"


def locked_page() -> None:
    """Say, in a page's place, that the teacher has locked it."""
    header("cnnviz")
    st.warning(t("classroom.locked_page"))
    st.page_link("pages/class.py", label=t("classroom.to_class"))


def follow(pages: Mapping[str, StreamlitPage], here: str) -> None:
    """Lead a student to what the teacher shows, and keep looking for changes.

    Args:
        pages: those that the visitor may open, by name.
        here: the page that is to be drawn.
    """
    attended = classroom.attended()
    if not attended:
        return
    joined = attended[-1]
    _lead(joined, pages, here)
    with st.container(horizontal=True, vertical_alignment="center", key="class-strip"):
        st.markdown(t("classroom.strip", code=joined.code), width="content")
        st.toggle(
            t("classroom.follow"),
            value=st.session_state.get(_FOLLOWS, True),
            key="class.follow",
            on_change=_choose,
            help=t("classroom.follow_help"),
        )
        if here != "class":
            st.page_link("pages/class.py", label=t("classroom.to_class"))
    _look(joined)


def _choose() -> None:
    st.session_state[_FOLLOWS] = bool(st.session_state.get("class.follow", True))


def _lead(joined: Classroom, pages: Mapping[str, StreamlitPage], here: str) -> None:
    """Go to the stop that is new, if the student follows."""
    now, stop = (joined.code, joined.stops), joined.stop
    if not st.session_state.get(_FOLLOWS, True) or stop is None or stop.page not in pages:
        return
    if st.session_state.get(_SEEN) == now:
        return
    st.session_state[_SEEN] = now
    if not stop.page == here == "class":
        lead()
        st.switch_page(pages[stop.page], query_params=stop.query)


def _look(joined: Classroom) -> None:
    """Draw the page anew when the teacher has changed something, or ended the class."""

    @every(POLL)
    def look() -> None:
        attended = classroom.attended()
        if not attended or (attended[-1].code, attended[-1].revision) != (
            joined.code,
            joined.revision,
        ):
            st.rerun()
        classroom.store().see(joined.code, classroom.person())

    look()

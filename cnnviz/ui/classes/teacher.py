"""What a teacher sees of a class: the way in, the question with its answers, and who is there."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import streamlit as st

from cnnviz.classes import link
from cnnviz.classes.classroom import Classroom, Member
from cnnviz.classes.errors import ClassError
from cnnviz.classes.question import Question
from cnnviz.classes.tally import table, tally
from cnnviz.render.class_chart import answers_chart
from cnnviz.text import LANGUAGES
from cnnviz.ui.classes.asking import asking
from cnnviz.ui.classes.locks import lock_boxes
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.qr_code import qr_code
from cnnviz.ui.kit.steady_chart import chart_library, steady_chart
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session import classroom
from cnnviz.ui.session.owner import signature

POLL = 1.0  # seconds
THERE = 30.0  # seconds without a sign after which somebody is gone
_REFUSAL = "class.teacher_refusal"


def teacher_view(taught: Classroom) -> None:
    """Draw the teacher's desk."""
    way, work = st.columns([4, 9], gap="large")
    with way:
        _way_in(taught)
        lock_boxes(taught.locks, taught.code, lambda locks: _act(lambda: _lock(locks)))
        _end(taught)
    with work:
        if refusal := st.session_state.pop(_REFUSAL, None):
            st.error(as_markdown(refusal))
        questions = classroom.store().questions(taught.code)
        shown = _shown(taught, questions)
        asking(taught, is_first=not questions)
        _follow(taught, questions, shown)
    chart_library()


def _act(do: Callable[[], None]) -> None:
    """Do it, or keep the sentence that says why not."""
    try:
        do()
    except ClassError as error:
        st.session_state[_REFUSAL] = say(error.message)


def _lock(locks: frozenset[str]) -> None:
    classroom.store().lock(classroom.person(), locks)


def _way_in(taught: Classroom) -> None:
    page = urlsplit(st.context.url or "")._replace(query="", fragment="").geturl()
    address = f"{page}?{link.PARAMETER}={link.token(taught.code, taught.language, signature)}"
    st.markdown(t("classroom.come", code=f"{taught.code[:3]} {taught.code[3:]}"))
    words = t("classroom.qr_code", language=LANGUAGES[taught.language])
    st.image(qr_code(address), width=230, caption=words, alt=words)
    with st.expander(t("classroom.link")):
        st.code(address, language=None, wrap_lines=True)
    st.caption(t("classroom.ends", time=time.strftime("%H:%M", time.localtime(taught.ends))))


def _end(taught: Classroom) -> None:
    with st.container(horizontal=True):
        st.download_button(
            t("classroom.csv"),
            data=lambda: _table(taught.code),
            file_name=f"class-{taught.code}.csv",
            mime="text/csv",
            on_click="ignore",
            key="class-csv",
            help=t("classroom.csv_help"),
        )
        with st.popover(t("classroom.end")):
            st.markdown(t("classroom.end_sure"))
            st.button(
                t("classroom.end_yes"),
                key="class-end",
                type="primary",
                on_click=lambda: classroom.store().end(classroom.person()),
            )


def _table(code: str) -> bytes:
    store = classroom.store()
    text = table(store.questions(code), store.members(code), language())
    return text.encode("utf-8-sig")  # by which spreadsheets know the encoding


def _shown(taught: Classroom, questions: dict[int, Question]) -> int:
    """The number of the question whose answers are shown: the newest, unless another is chosen."""
    if len(questions) < 2:
        return max(questions, default=0)
    chosen: int = st.selectbox(
        t("classroom.which"),
        list(reversed(questions)),
        key=f"class.which.{taught.code}.{len(questions)}.{language()}",
        format_func=lambda number: f"{number}. {say(questions[number].text)}",
    )
    return chosen


def _follow(taught: Classroom, questions: dict[int, Question], shown: int) -> None:
    @every(POLL)
    def follow() -> None:
        members = classroom.store().members(taught.code)
        if shown:
            _answers(taught, questions[shown], shown, members)
        _who(members, taught.asked)

    follow()
    if taught.asked:
        st.button(
            t("classroom.close"),
            key="class-close",
            on_click=lambda: _act(lambda: classroom.store().close(classroom.person())),
            help=t("classroom.close_help"),
        )


def _answers(taught: Classroom, question: Question, number: int, members: list[Member]) -> None:
    given = [one.answers[number] for one in members if number in one.answers]
    st.markdown(f"## {as_markdown(say(question.text))}")
    counts = {"done": len(given), "total": len(members)}
    is_open = number == taught.asked
    said = t("classroom.answered", **counts) if is_open else t("classroom.closed", **counts)
    st.markdown(f"**{said}**")
    if given:
        figure = answers_chart(tally(question, given), language(), ink=ink())
        steady_chart(figure, key=f"class-{number}", label=said)
    if not is_open:
        _solved(question, given)


def _solved(question: Question, given: list[float]) -> None:
    """Once no more answers are taken: how many were right, and why, or that none is."""
    if question.right is not None:
        right = sum(bool(question.is_right(answer)) for answer in given)
        said = [t("classroom.were_right", right=right, count=len(given))]
        shown = question.shown(question.right)
        if question.choices and shown not in question.way:
            said.append(t("classroom.right_is", answer=as_markdown(say(shown))))
        st.success(" ".join(said))
    elif question.source:
        st.info(t("classroom.seen_decides"))
    st.markdown("\n".join(f"- {as_markdown(say(line))}" for line in question.way))


def _who(members: list[Member], asked: int) -> None:
    if not members:
        st.markdown(t("classroom.nobody"))
        return
    now = time.time()
    there = sum(now - one.seen < THERE for one in members)
    with st.expander(t("classroom.who", there=there, total=len(members))):
        parts = []
        for one in members:
            name = as_markdown(one.name) or t("classroom.nameless", number=one.number)
            is_done, is_gone = asked in one.answers, now - one.seen >= THERE
            mark = "✓" if is_done else "…" if asked else "·"
            parts.append(f":gray[{mark} {name}]" if is_gone else f"{mark} {name}")
        st.markdown(" &nbsp; ".join(parts))
        st.caption(t("classroom.marks"))

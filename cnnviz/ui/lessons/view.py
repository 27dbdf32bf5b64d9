"""A lesson on the page: where one is, the step's text, and the lesson on paper."""

from functools import partial

import streamlit as st

from cnnviz.lessons import NAMES, find
from cnnviz.lessons.lesson import SEEDS
from cnnviz.lessons.worksheet import worksheet
from cnnviz.ui.kit.address_link import link
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.announcement import announce
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import as_markdown, language, plain, say, t
from cnnviz.ui.lessons.study import Study
from cnnviz.ui.lessons.task import task


def choice(study: Study) -> None:
    """Let the user go to another lesson, take it along on paper, or take other numbers."""
    key = f"lessons.which.{language()}"
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-choice"):
        st.selectbox(
            t("lessons.which"),
            list(NAMES),
            key=steer(key, study.lesson.name),
            format_func=lambda name: say(find(name).title),
            on_change=lambda: study.choose(st.session_state[key]),
            label_visibility="collapsed",
            width=460,
        )
        _paper(study)
    address_notes(study, "lessons.dismiss")


def way(study: Study) -> None:
    """Draw the steps, those that are done with a mark, and the ways back and on."""
    steps = study.lesson.steps
    key = f"lessons.step.{study.lesson.name}.{language()}"

    def chosen() -> None:
        if st.session_state.get(key) is not None:
            study.go(st.session_state[key])

    with st.container(horizontal=True, vertical_alignment="center", key="lesson-way"):
        st.button(
            t("lessons.back"),
            key="lesson-back",
            shortcut="Left",
            disabled=study.position == 0,
            on_click=study.go,
            args=(study.position - 1,),
        )
        st.button(
            t("lessons.on"),
            key="lesson-on",
            type="primary",
            shortcut="Right",
            disabled=study.position == len(steps) - 1,
            on_click=study.go,
            args=(study.position + 1,),
        )
        st.pills(
            t("lessons.steps"),
            range(len(steps)),
            key=steer(key, study.position),
            required=True,
            format_func=lambda at: f"{at + 1} ✓" if study.is_done(steps[at]) else f"{at + 1}",
            on_change=chosen,
            label_visibility="collapsed",
        )


def step(study: Study) -> None:
    """Draw the step: what it tells and where it leads, and beside it what it asks."""
    now = study.step
    told, asked = st.columns([6, 5], gap="large")
    number = t("lessons.step", number=study.position + 1, count=len(study.lesson.steps))
    with told, st.container(key="lesson-told"):
        if study.position == 0:
            goals = [f"- {as_markdown(say(goal))}" for goal in study.lesson.goals]
            st.markdown("\n".join([f"**{t('lessons.goals')}**", "", *goals]))
        st.caption(number)
        st.markdown(f"## {as_markdown(say(now.title))}")
        st.markdown(as_markdown(say(now.told(now.text))))
        if now.stops:
            links = [f"- {link(address)}" for address in now.stops]
            st.markdown("\n".join([f"**{t('lessons.stops')}**", "", *links]))
    with asked, st.container(key="lesson-asked"):
        task(study)
    verdict = study.verdict()
    said = [plain(f"{number}: {say(now.title)}"), *([say(verdict.said)] if verdict else [])]
    announce(said, key="lesson")


def _paper(study: Study) -> None:
    """Offer worksheet and solution, whose numbers follow from the seed."""
    with st.popover(t("lessons.paper"), width="content", key="lesson-paper"):
        st.markdown(t("lessons.paper_text"))
        key = "lessons.seed"
        st.number_input(
            t("lessons.seed"),
            min_value=SEEDS[0],
            max_value=SEEDS[1],
            step=1,
            key=steer(key, study.seed),
            on_change=lambda: study.draw(st.session_state[key]),
            width=200,
        )
        for name, with_solution in (("worksheet", False), ("solution", True)):
            st.download_button(
                t(f"lessons.{name}"),
                data=partial(
                    worksheet,
                    study.lesson,
                    seed=study.seed,
                    language=language(),
                    with_solution=with_solution,
                ),
                file_name=f"{study.lesson.name}-{study.seed}-{name}.html",
                mime="text/html",
                key=f"lesson-{name}",
                on_click="ignore",
            )

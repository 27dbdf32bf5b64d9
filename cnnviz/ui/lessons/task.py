"""What a step asks: a question to answer, a prediction to give, something to discuss."""

import streamlit as st

from cnnviz.experiments import EXPERIMENTS
from cnnviz.lessons.lesson import Discussion, Prediction
from cnnviz.lessons.question import Question
from cnnviz.ui.kit.address_link import link
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.lessons.study import Study


def task(study: Study) -> None:
    """Draw what the step on the page asks, and what is said of the answer.

    The claim of an experiment would give a prediction away, and comes after it.
    """
    step = study.step
    if question := study.question:
        _question(study, question)
    if step.prediction:
        _prediction(study, step.prediction)
    if step.discussion:
        _discussion(study, step.discussion)
    if step.experiment and (not step.prediction or study.answer_to(step)):
        claim = as_markdown(say(EXPERIMENTS[step.experiment].claim))
        st.markdown(f"### {t('lessons.experiment')}")
        st.markdown(f"{claim}  \n{link(f'experiments?experiment={step.experiment}')}")


def _question(study: Study, question: Question) -> None:
    st.markdown(f"### {t('lessons.question')}")
    st.markdown(as_markdown(say(question.prompt)))
    if question.options:
        _options(study, question)
    else:
        _number(study, question)
    verdict = study.verdict()
    if verdict:
        draw = {True: st.success, False: st.warning, None: st.error}[verdict.is_right]
        draw(as_markdown(say(verdict.said)))
    shown = question.hints[: study.shown_hints]
    for hint in shown:
        st.info(as_markdown(say(hint)))
    rest = len(question.hints) - len(shown)
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-help"):
        if rest and not (verdict and verdict.is_right):
            st.button(
                t("lessons.hint", number=len(shown) + 1, count=len(question.hints)),
                on_click=study.hint,
                key="lesson-hint",
            )
        st.markdown(f"{t('lessons.see')} {link(question.address)}", width="content")
    if verdict or not rest:
        with st.expander(t("lessons.arithmetic"), key=f"lesson-solved-{study.at}-{study.seed}"):
            rows = [say(question.shown), *map(say, question.arithmetic)]
            st.markdown("\n".join(f"- {as_markdown(row)}" for row in rows))


def _number(study: Study, question: Question) -> None:
    key = _key(study)
    unit = say(question.unit)
    with st.form(f"{key}-form", border=False):
        given = study.answer_to(study.step)
        label = t("lessons.answer_in", unit=unit) if unit else t("lessons.answer")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input(label, key=key, value=given.answer if given else "", max_chars=40)
            st.form_submit_button(
                t("lessons.check"), on_click=lambda: _give(study, st.session_state.get(key))
            )


def _options(study: Study, question: Question) -> None:
    given = study.answer_to(study.step)
    _radio(
        study,
        t("lessons.answer"),
        [as_markdown(say(option)) for option in question.options],
        int(given.answer) if given else None,
    )


def _prediction(study: Study, prediction: Prediction) -> None:
    step = study.step
    given = study.answer_to(step)
    chosen = int(given.answer) if given else None
    options = [as_markdown(say(step.told(option.text))) for option in prediction.options]
    st.markdown(f"### {t('lessons.predict')}")
    st.markdown(as_markdown(say(step.told(prediction.ask))))
    _radio(study, t("lessons.predict"), options, chosen)
    if chosen is None:
        st.caption(t("lessons.predict_first"))
        return
    if prediction.right is not None:
        is_right = chosen == prediction.right
        words = t("lessons.as_you_said" if is_right else "lessons.otherwise")
        (st.success if is_right else st.warning)(f"{words} {options[prediction.right]}")
    st.markdown(as_markdown(say(step.told(prediction.then))))


def _radio(study: Study, label: str, options: list[str], chosen: int | None) -> None:
    """Let one of the options be chosen, which is the answer to the step."""
    key = _key(study)
    st.radio(
        label,
        range(len(options)),
        index=None,
        key=steer(key, chosen),
        format_func=lambda number: options[number],
        on_change=lambda: _give(study, st.session_state.get(key)),
        label_visibility="collapsed",
    )


def _discussion(study: Study, discussion: Discussion) -> None:
    step = study.step
    st.markdown(f"### {t('lessons.discuss')}")
    st.markdown(as_markdown(say(step.told(discussion.ask))))
    with st.expander(t("lessons.possible"), key=f"lesson-possible-{study.lesson.name}-{study.at}"):
        st.markdown(as_markdown(say(step.told(discussion.answer))))


def _give(study: Study, answer: object) -> None:
    """Keep an answer; an empty one is none."""
    if answer is not None and str(answer).strip():
        study.give(str(answer))


def _key(study: Study) -> str:
    """The key of the step's widget; other numbers, or another language, are a new widget."""
    return f"lesson.{study.lesson.name}.{study.at}.{study.seed}.{language()}"

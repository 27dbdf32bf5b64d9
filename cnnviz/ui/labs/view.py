"""A lab on the page: its sections with their knobs beside them, and where it stands in the zoo."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import ParamSpec
from urllib.parse import urlencode

import streamlit as st
from streamlit.errors import StreamlitAPIException

from cnnviz.experiments import EXPERIMENTS
from cnnviz.knobs import Knob
from cnnviz.labs import LABS
from cnnviz.labs.lab import Section
from cnnviz.labs.parts import OwnPicture, Part, Picture
from cnnviz.labs.written import Matrix, WrittenKnob
from cnnviz.ui.glossary.terms import of_lab
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.drags import Drag, hear_drags
from cnnviz.ui.kit.knob_widget import is_typed, knob_widget
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import (
    as_markdown,
    glossary_link,
    language,
    language_in_address,
    say,
    say_problem,
    t,
)
from cnnviz.ui.labs.bench import Bench, choose, show_address
from cnnviz.ui.labs.drawing import draw
from cnnviz.ui.labs.own_picture import ask

Acts = ParamSpec("Acts")
_CHOICE, _UNDO, _REDO, _RESET = "labs.which", "labs.undo", "labs.redo", "labs.reset"
_LEAD = "lab-lead"  # by which it alone is drawn again
_GOALS = "goals"  # the fragment of an address that leads to them


def choice(bench: Bench) -> None:
    """Let the user go to another lab."""
    key = f"{_CHOICE}.{language()}"

    def chosen() -> None:
        choose(st.session_state[key])

    st.pills(
        t("labs.which"),
        list(LABS),
        key=steer(key, bench.lab.name),
        required=True,
        format_func=lambda name: say(LABS[name].title),
        on_change=chosen,
        label_visibility="collapsed",
    )


def lead(bench: Bench) -> None:
    """Say what is learnt and in which sections, what the address asked in vain, and offer undo."""
    _lead(bench, bench.generation)


@st.fragment(key=_LEAD)
def _lead(bench: Bench, generation: int) -> None:
    """Drawn after everything that is done on the bench, so that it keeps the address."""
    if bench.generation != generation:
        st.rerun()
    show_address(bench)
    text, buttons = st.columns([8, 3], vertical_alignment="center")
    text.markdown(as_markdown(say(bench.lab.lead)))
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "↶",
            on_click=bench.undo,
            disabled=not bench.history.past,
            help=t("labs.undo"),
            key=_UNDO,
        )
        can_redo = bool(bench.history.future)
        st.button("↷", on_click=bench.redo, disabled=not can_redo, help=t("labs.redo"), key=_REDO)
        turned = bench.is_turned
        st.button(t("labs.reset"), on_click=bench.reset_all, disabled=not turned, key=_RESET)
    titles = [as_markdown(say(section.title)) for section in bench.lab.sections]
    links = [f"[{title}](#{_anchor(number)})" for number, title in enumerate(titles)]
    links.append(f"[{t('labs.goals')}](#{_GOALS})")
    st.markdown(f"{t('labs.sections')} {' · '.join(links)}")
    address_notes(bench, "labs.dismiss")


def _anchor(number: int) -> str:
    """The fragment of an address that leads to a section."""
    return f"part-{number + 1}"


def sections(bench: Bench) -> None:
    """Draw every section."""
    for number in range(len(bench.lab.sections)):
        st.fragment(_section, key=_fragment(number))(bench, number, bench.generation)
        st.divider()


def _fragment(number: int) -> str:
    """The name by which a section alone is drawn again."""
    return f"lab-section-{number}"


def _section(bench: Bench, number: int, generation: int) -> None:
    """Draw a section.

    Args:
        generation: the bench's when the page was drawn.
    """
    if bench.generation != generation:
        st.rerun()  # any knob may have turned
    lab, section = bench.lab, bench.lab.sections[number]
    st.subheader(as_markdown(say(section.title)), anchor=_anchor(number))
    idle = section.idle(bench.settings)
    knobs = [knob for knob in lab.knobs(section) if knob.name not in idle]
    if knobs:
        beside, shown = st.columns([3, 8], gap="large")
        with beside, st.container(key=f"lab-knobs-{number}"):
            for knob in knobs:
                _knob(bench, knob)
    else:
        shown = st.container()
    with shown:
        _parts(bench, section.show(bench.settings), f"lab-{lab.name}-{number}")
        _tries(bench, section, f"lab-{lab.name}-{number}")
    sliders = {bench.widget_key(knob): knob for knob in knobs if knob.slider}

    def dragged(drag: Drag) -> None:
        bench.drag(sliders[drag.slider], drag)

    if sliders:
        hear_drags(list(sliders), _redrawing(bench, dragged), key=f"drags-{number}")


def _redrawing(bench: Bench, act: Callable[Acts, None]) -> Callable[Acts, None]:
    """An act on the bench, after which the page draws no section again that looks as before."""

    def done(*args: Acts.args, **kwargs: Acts.kwargs) -> None:
        before = list(map(bench.look, bench.lab.sections))
        act(*args, **kwargs)
        now = map(bench.look, bench.lab.sections)
        pairs = enumerate(zip(before, now, strict=True))
        other = [_fragment(number) for number, (old, new) in pairs if old != new]
        with suppress(StreamlitAPIException):  # before all are drawn, the page is drawn whole
            st.rerun([_LEAD, *other])

    return done


def goals(bench: Bench) -> None:
    """Say what one can do now, or goes back for."""
    st.subheader(t("labs.goals"), anchor=_GOALS)
    tasks = [f"- {as_markdown(say(goal))}" for goal in bench.lab.goals]
    st.markdown("\n".join([t("labs.goals_text"), "", *tasks]))


def places(bench: Bench) -> None:
    """Lead to the networks of the zoo; a link opens a tab of its own, so that no knob is lost."""
    st.subheader(t("labs.places"), anchor="networks")
    links = [
        f"- [{as_markdown(say(place.text))}]({place.link(language_in_address())})"
        for place in bench.lab.places
    ]
    st.markdown("\n".join([t("labs.places_text"), "", *links]))


def experiments(bench: Bench) -> None:
    """Lead to the experiments that train what the lab only computes, if there are any."""
    if not bench.lab.experiments:
        return
    st.subheader(t("labs.experiments"), anchor="experiments")
    links = []
    for name in bench.lab.experiments:
        query = urlencode({"experiment": name, **language_in_address()})
        links.append(f"- [{as_markdown(say(EXPERIMENTS[name].title))}](experiments?{query})")
    st.markdown("\n".join([t("labs.experiments_text"), "", *links]))


def terms(bench: Bench) -> None:
    """Lead to the glossary's terms that are seen in the lab."""
    st.subheader(t("labs.terms"), anchor="glossary")
    found = of_lab(bench.lab.name).items()
    st.markdown(" · ".join(glossary_link(key, as_markdown(say(term.name))) for key, term in found))


def _parts(bench: Bench, parts: Sequence[Part], key: str) -> None:
    for number, part in enumerate(parts):
        if isinstance(part, OwnPicture):
            own = ask(f"{key}-{number}")
            _parts(bench, [] if own is None else part.show(own), f"{key}-{number}")
            continue
        at = 1
        if isinstance(part, Picture) and part.step:
            at = min(int(str(bench.settings.values[part.step])), len(part.frames))
        draw(part, at=at, see=_redrawing(bench, bench.see), key=f"{key}-{number}")


def _tries(bench: Bench, section: Section, key: str) -> None:
    if not section.tries:
        return
    with st.container(key=f"{key}-tries", gap=None):
        st.markdown(f"**{t('labs.tries')}**")
        for number, one in enumerate(section.tries):
            st.button(
                f"▸ {as_markdown(say(one.text))}",
                key=f"{key}-try-{number}",
                type="tertiary",
                on_click=bench.try_out,
                args=(one.values,),
                help=t("labs.try_help"),
            )


def _knob(bench: Bench, knob: Knob) -> None:
    refused = bench.refused.get(knob.name)
    turned = bool(refused) or bench.settings.values[knob.name] != knob.default
    knob_widget(
        knob,
        bench.widget_value(knob),
        key=bench.widget_key(knob),
        turned=turned,
        notes=_notes(knob),
        on_change=_redrawing(bench, bench.turn),
        segmented=True,
    )
    if refused:
        st.error(f"{say_problem(refused[1])} {t('labs.held')}")


def _notes(knob: Knob) -> str:
    """How the knob is typed, for its help."""
    if isinstance(knob, WrittenKnob):
        return t("labs.numbers") if isinstance(knob.form, Matrix) else ""
    low, high = knob.bounds
    return "" if knob.choices or is_typed(knob) else t("controls.range", low=low, high=high)

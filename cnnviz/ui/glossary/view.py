"""The terms on their page: a filter, and each with its picture and its links."""

from base64 import b64encode
from functools import cache
from html import escape

import streamlit as st

from cnnviz.knobs import Problem
from cnnviz.render.terms import picture
from cnnviz.text import Text, nearest
from cnnviz.ui.glossary.terms import THEMES, Term, found, glossary
from cnnviz.ui.kit.address_link import link
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.run_context import is_led
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.session.parameters import Arrival, arrival

_FIND, _THEME, _TERM = "find", "theme", "term"  # in the address
_NOT_THERE = Text(
    "{key} {name!r} is not in the glossary and was left out; the nearest are {close}.",
    "术语表中没有 {key} {name!r}，已忽略；最接近的有 {close}。",
)


def terms_view() -> None:
    """Show the terms that the filter finds; one that a link asks for comes first, marked."""
    terms, asked = _filtered(), st.query_params.get(_TERM)
    if not terms:
        st.info(t("glossary.none"))
    for name in sorted(terms, key=lambda name: name != asked):
        _entry(name, terms[name], marked=name == asked)


def arrive() -> Arrival:
    """What the address asks for and the glossary does not have."""
    asked = st.query_params
    known = {_THEME: THEMES, _TERM: tuple(glossary())}
    wrong = [
        Problem.of(key, _NOT_THERE, key=key, name=asked[key][:60], close=nearest(asked[key], names))
        for key, names in known.items()
        if key in asked and asked[key] not in names
    ]
    return arrival("/glossary", (_FIND, *known), wrong)


def _filtered() -> dict[str, Term]:
    """What the two widgets choose, which the address holds."""
    asked, keys = st.query_params, {_FIND: "glossary.find", _THEME: "glossary.theme"}
    if is_led():
        for key in keys.values():
            st.session_state.pop(key, None)
    st.session_state.setdefault(keys[_FIND], asked.get(_FIND, ""))
    st.session_state.setdefault(keys[_THEME], asked.get(_THEME))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            t("glossary.find"),
            key=keys[_FIND],
            placeholder=t("glossary.find_example"),
            width=320,
        )
        theme = st.segmented_control(
            t("glossary.theme"),
            THEMES,
            key=keys[_THEME],
            format_func=lambda name: t(f"glossary.theme_{name}"),
        )
    for key, value in ((_FIND, text.strip()), (_THEME, theme)):
        if value:
            asked[key] = value
        elif key in asked:
            del asked[key]
    terms = found(text, theme)
    st.caption(t("glossary.count", count=len(terms), all=len(glossary())))
    return terms


def _entry(name: str, term: Term, *, marked: bool) -> None:
    with (
        st.container(border=marked),
        st.container(horizontal=True, vertical_alignment="center", gap="medium"),
    ):
        source = _picture(name, say(term.shows), language(), ink())
        st.html(f'<img class="term" src="{source}" alt="{escape(say(term.shows))}">', width=300)
        with st.container(gap="small"):
            st.subheader(say(term.title), anchor=name.replace("_", "-"))
            links = " · ".join(map(link, term.see))
            st.markdown(f"{say(term.definition)}  \n{t('glossary.see')} {links}")


@cache
def _picture(name: str, words: str, language: str, ink: str) -> str:
    """A picture as an address that holds it: st.html takes no SVG."""
    svg = picture(name, words, language, ink)
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"

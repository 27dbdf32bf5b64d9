"""What an address asks a page for in vain: each such parameter is said, and none vanishes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import streamlit as st

from cnnviz.knobs import Problem
from cnnviz.text import LANGUAGES, Text, joined

_LANGUAGE = "lang"
FRAME = (_LANGUAGE, "embed", "embed_options")  # of every page
_UNKNOWN = Text(
    "{key} is not a parameter of {page} and was left out; it has {known}.",
    "{page} 没有参数 {key}，已忽略；它的参数有 {known}。",
)
_NO_LANGUAGE = Text(
    "lang {asked!r} is not one of {known}. The browser's language is used.",
    "lang {asked!r} 不在 {known} 之中。现使用浏览器的语言。",
)


def left_out(asked: Mapping[str, str], page: str, known: Collection[str] = ()) -> list[Problem]:
    """A sentence for each parameter that the page does not have, and for an unknown language.

    Args:
        page: its place in an address, such as "/lessons".
        known: the page's own parameters.
    """
    named = joined([*known, _LANGUAGE])
    unknown = [
        Problem.of(key, _UNKNOWN, key=key[:60], page=page, known=named)
        for key in asked
        if key not in (*known, *FRAME)
    ]
    return [*language_problems(asked), *unknown]


def language_problems(asked: Mapping[str, str]) -> list[Problem]:
    """A sentence if a query string asks for a language that does not exist."""
    name = asked.get(_LANGUAGE)
    if name is None or name in LANGUAGES:
        return []
    return [Problem.of(_LANGUAGE, _NO_LANGUAGE, asked=name[:60], known=joined(LANGUAGES))]


@dataclass
class Arrival:
    """What the address of a page without a state of its own asked for and did not get."""

    notes: list[Problem] = field(default_factory=list)


def arrival(page: str, known: Collection[str] = (), wrong: Collection[Problem] = ()) -> Arrival:
    """The session's arrival at such a page; what is left out goes from the address, too.

    Args:
        wrong: what is not right with those parameters that the page has.
    """
    found: Arrival = st.session_state.setdefault(f"arrival.{page}", Arrival())
    asked = st.query_params.to_dict()
    if problems := [*left_out(asked, page, known), *wrong]:
        found.notes = problems
        gone = {problem.knob for problem in problems}
        st.query_params.from_dict({key: text for key, text in asked.items() if key not in gone})
    return found

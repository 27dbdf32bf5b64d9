"""The interface's own words in two languages, English and Chinese side by side in TOML tables."""

import re
import tomllib
from functools import cache
from pathlib import Path

import streamlit as st

from cnnviz.knobs import Knob, Problem, Value
from cnnviz.text import LANGUAGES, Text

_HERE = Path(__file__).parent
_CHOSEN = "language_chosen"


@cache
def catalogue() -> dict[str, Text]:
    """Every text of the pages by its key, such as "graph.help"."""
    tables = tomllib.loads((_HERE / "words.toml").read_text(encoding="utf-8"))
    return {
        f"{section}.{name}": Text(**pair)
        for section, texts in tables.items()
        for name, pair in texts.items()
    }


@cache
def streamlit_words() -> dict[str, dict[str, str]]:
    """Map Streamlit's own strings into each language."""
    chinese = tomllib.loads((_HERE / "streamlit.toml").read_text(encoding="utf-8"))
    return {"zh": chinese, "en": {said: english for english, said in chinese.items()}}


def language() -> str:
    """The chosen language, else the browser's; "en" or "zh"."""
    chosen = language_in_address().get("lang")
    return chosen or ("zh" if (st.context.locale or "").lower().startswith("zh") else "en")


def choose_language(name: str | None) -> None:
    """None means that a change of page dropped the widget before it was read."""
    if name not in (None, language()):
        st.session_state[_CHOSEN] = name


def language_in_address() -> dict[str, str]:
    """Return the address parameter of a language that was chosen here or by a link."""
    if _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = st.query_params.get("lang")
    chosen = st.session_state[_CHOSEN]
    return {"lang": chosen} if chosen in LANGUAGES else {}


def t(key: str, **values: object) -> str:
    """The text of `key` in the session's language."""
    return say(catalogue()[key].format(**values))


def say(text: Text) -> str:
    """A text in the session's language."""
    return text(language())


def say_problem(problem: Problem) -> str:
    """Return a problem's sentence with markdown escaped."""
    return as_markdown(say(problem.shown))


def as_markdown(text: str) -> str:
    """Escape a text so that markdown shows it literally, without links."""
    unlinked = re.sub(r"(?i)(?<=@)|(?<=://)|(?<=www)(?=\.)", "\N{WORD JOINER}", text)
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", unlinked)


def plain(markdown: str) -> str:
    """Markdown without its marks, to be read aloud: "**7 px** :gray[wide]" is "7 px wide"."""
    unmarked = re.sub(r":[a-z-]+\[(.*?)\]|\*\*", r"\1", markdown)
    return re.sub(r"\\(.)", r"\1", unmarked).replace("\N{WORD JOINER}", "")


def knob_mark(knob: Knob, value: Value) -> str:
    """A knob at a value, such as "growth rate k = 12"."""
    return say(knob.mark(value))


def glossary_link(term: str, words: str = "") -> str:
    """A link to the glossary's entry, in a tab of its own so that no knob is lost.

    Args:
        words: of the link, as Markdown; without them it says "More".
    """
    return f"[{words or t('glossary.more')}](glossary?lang={language()}&term={term})"

"""The field's terms as this product uses them, by theme, and those that a text finds."""

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cnnviz.text import Text

THEMES = ("structure", "convolution", "learning", "counting")  # a file each
_HERE = Path(__file__).parent


class Term(NamedTuple):
    """An entry of the glossary.

    Args:
        shows: what its picture shows.
        see: addresses of this product, without a page for Architecture, such as
            "preset=densenet-121&at=block1" and "training?preset=lenet-d2l". A lab that is named
            here has a link back.
    """

    name: Text
    symbol: str
    definition: Text
    theme: str
    shows: Text
    see: tuple[str, ...]

    @property
    def title(self) -> Text:
        """The name in the page's language, then in the other, and the symbol."""
        return Text(
            *(
                " · ".join(dict.fromkeys(filter(None, (name, *self.name, self.symbol))))
                for name in self.name
            )
        )


@cache
def glossary() -> dict[str, Term]:
    """Every term by its name, in the order of the page."""
    return {name: term for theme in THEMES for name, term in _read(theme).items()}


def of_lab(name: str) -> dict[str, Term]:
    """The terms that are seen in a lab."""
    return {key: term for key, term in glossary().items() if f"labs?lab={name}" in term.see}


def found(text: str, theme: str | None) -> dict[str, Term]:
    """The terms of a theme, or of all, in which every word of `text` occurs, in any language.

    Terms that have them in their name come first.
    """
    words = text.casefold().split()
    named: dict[str, Term] = {}
    told: dict[str, Term] = {}
    for name, term in glossary().items():
        title = " ".join((name.replace("_", " "), *term.name, term.symbol)).casefold()
        whole = " ".join((title, *term.definition)).casefold()
        if theme in (None, term.theme) and all(word in whole for word in words):
            group = named if all(word in title for word in words) else told
            group[name] = term
    return named | told


def _read(theme: str) -> dict[str, Term]:
    tables = tomllib.loads((_HERE / f"{theme}.toml").read_text(encoding="utf-8"))
    return {
        name: Term(
            name=Text(**entry["name"]),
            symbol=entry.get("symbol", ""),
            definition=Text(**entry["definition"]),
            theme=theme,
            shows=Text(**entry["shows"]),
            see=tuple(entry["see"]),
        )
        for name, entry in tables.items()
    }

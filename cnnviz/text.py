"""A string in the two languages of the product, side by side, and an error that says one."""

import difflib
import string
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

LANGUAGES = {"en": "English", "zh": "简体中文"}


_FORMULA = tuple("=+-@\t\r＝＋－＠")  # with which a spreadsheet begins to compute


class _Agreeing(string.Formatter):
    """Fills "{count} run{count:|s}": of the two endings after the colon, the first is for one."""

    def format_field(self, value: object, spec: str) -> str:
        one, bar, more = spec.partition("|")
        if bar:
            return one if str(value) == "1" else more
        return str(super().format_field(value, spec))


_agreeing = _Agreeing().format  # ten times as slow as str.format


class Text(NamedTuple):
    """One text in English and Simplified Chinese."""

    en: str
    zh: str

    def __call__(self, language: str) -> str:
        """The text in `language`, one of LANGUAGES."""
        text: str = getattr(self, language)
        return text

    def format(self, **values: object) -> "Text":
        """Fill the placeholders; a value that is a Text itself is filled in its own language.

        What agrees with a number names it once more, with the ending for one and for any other:
        "{count} run{count:|s} {count:was|were} deleted".
        """
        return Text(
            *(
                (_agreeing if "|" in template else str.format)(
                    template,
                    **{
                        name: value(language) if isinstance(value, Text) else value
                        for name, value in values.items()
                    },
                )
                for language, template in zip(self._fields, self, strict=True)
            )
        )


def joined(parts: Iterable[Text | str]) -> Text:
    """A list of texts as one: "a, b" and "a、b"; a string is the same in both languages."""
    pairs = [(part, part) if isinstance(part, str) else part for part in parts]
    return Text(", ".join(en for en, _ in pairs), "、".join(zh for _, zh in pairs))


def nearest(name: str, known: Iterable[str]) -> Text:
    """The known names most like a wrong one, else the first of them, as a list."""
    known = list(known)
    return joined(difflib.get_close_matches(name, known) or known[:3])


def as_cell(text: str) -> str:
    """A text for a table that a spreadsheet opens: what it would compute gets an apostrophe.

    Numbers stay as they are, and so does a sign alone.
    """
    if len(text) < 2 or not text.startswith(_FORMULA):
        return text
    with suppress(ValueError):
        float(text)
        return text
    return f"'{text}"


class ExplainedError(RuntimeError):
    """A failure with a sentence for the user; `message` says why, and the way out."""

    def __init__(self, message: Text):
        super().__init__(message.en)
        self.message = message

"""A string in the two languages of the product, side by side, and an error that says one."""

from collections.abc import Iterable
from typing import NamedTuple

LANGUAGES = {"en": "English", "zh": "简体中文"}


class Text(NamedTuple):
    """One text in English and Simplified Chinese."""

    en: str
    zh: str

    def __call__(self, language: str) -> str:
        """The text in `language`, one of LANGUAGES."""
        return getattr(self, language)

    def format(self, **values: object) -> "Text":
        """Fill the placeholders; a value that is a Text itself is filled in its own language."""
        return Text(
            *(
                template.format(
                    **{
                        name: value(language) if isinstance(value, Text) else value
                        for name, value in values.items()
                    }
                )
                for language, template in zip(self._fields, self, strict=True)
            )
        )


def joined(parts: Iterable[Text]) -> Text:
    """A list of texts as one: "a, b" and "a、b"."""
    parts = tuple(parts)
    return Text(", ".join(part.en for part in parts), "、".join(part.zh for part in parts))


class ExplainedError(RuntimeError):
    """Something that could not be done; `message` says why, and the way out."""

    def __init__(self, message: Text):
        super().__init__(message.en)
        self.message = message

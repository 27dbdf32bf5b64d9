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


def listed(items: Iterable[Text | str]) -> Text:
    """One after the other, with the comma of each language; a string is the same in both."""
    pairs = [(item, item) if isinstance(item, str) else item for item in items]
    english, chinese = zip(*pairs, strict=True)
    return Text(", ".join(english), "、".join(chinese))


class ExplainedError(RuntimeError):
    """Something that could not be done; `message` says why, and the way out."""

    def __init__(self, message: Text):
        super().__init__(message.en)
        self.message = message

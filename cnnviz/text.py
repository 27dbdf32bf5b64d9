"""A string in the two languages of the product, side by side."""

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

"""A small picture for each term of the glossary, by the term's name.

A picture is a function that draws on a Sketch; numbers in it are computed. What it shows is told in
words in the glossary, for those who cannot see it.
"""

from collections.abc import Callable

from cnnviz.render.terms import convolution, counting, learning, structure
from cnnviz.render.terms.sketch import Sketch

_MODULES = (structure, convolution, learning, counting)


def picture(term: str, words: str, language: str, ink: str) -> str:
    """The picture of a term as SVG.

    Args:
        words: what it shows.
        ink: colour of its text and lines.

    Raises:
        KeyError: no picture has that name.
    """
    sketch = Sketch(language, ink)
    _drawings()[term](sketch)
    return sketch.svg(words)


def names() -> frozenset[str]:
    """The terms that have a picture."""
    return frozenset(_drawings())


def _drawings() -> dict[str, Callable[[Sketch], None]]:
    return {
        name: function
        for module in _MODULES
        for name, function in vars(module).items()
        if list(getattr(function, "__annotations__", {})) == ["s", "return"]
        and not name.startswith("_")
    }

"""An extension of griffe for `make site`: lines of a docstring that begin with >>> are code."""

import re
from typing import Any

import griffe


class Doctests(griffe.Extension):
    """Puts the examples of every docstring into blocks of code, without their prompts."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            obj.docstring.value = re.sub(r"(?m)(^>>> .*\n?)+", _block, obj.docstring.value)


def _block(found: re.Match[str]) -> str:
    code = found[0].replace(">>> ", "").rstrip()
    return f"```python\n{code}\n```\n"

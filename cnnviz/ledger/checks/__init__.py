"""What the course's texts say beside their tables, done again from built layers or own numbers.

checks.toml has the sentences and numbers of the texts; COMPUTE has a function for each.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cnnviz.ledger.checks import batch_norm, convolution, inception, residual
from cnnviz.ledger.checks.parts import Number
from cnnviz.text import Text

__all__ = ["COMPUTE", "Check", "checks", "families_with_checks"]

_FILE = Path(__file__).with_name("checks.toml")

COMPUTE: dict[str, Callable[[], Number]] = {
    name: function
    for module in (convolution, batch_norm, inception, residual)
    for name, function in vars(module).items()
    if getattr(function, "__annotations__", {}).get("return") == Number
    and function.__module__ == module.__name__
}


@dataclass(frozen=True, kw_only=True)
class Check:
    """A number of a text of the course, or a sentence from which one follows.

    Args:
        source: the text.
        says: the sentence, where the text prints no number; None where it does.
        printed: the number that is printed, or that follows from the sentence.
        compute: name of the function in COMPUTE that does it again.
        reason: why the results differ, if they do.
        note: what is to be known although they agree.
    """

    source: Text
    name: Text
    says: Text | None
    printed: str
    compute: str
    kilo: int
    reason: Text | None
    note: Text | None


@cache
def checks(family: str) -> tuple[Check, ...]:
    """The checks that belong to a family, those of a text together."""
    found = [raw for raw in _read()["checks"] if family in raw["families"]]
    texts = list(_read()["texts"])
    return tuple(map(_check, sorted(found, key=lambda raw: texts.index(raw["text"]))))


def families_with_checks() -> list[str]:
    """Names of all families that a check belongs to."""
    return list(dict.fromkeys(name for raw in _read()["checks"] for name in raw["families"]))


def _check(raw: dict[str, Any]) -> Check:
    return Check(
        source=Text(**_read()["texts"][raw["text"]]),
        name=Text(**raw["name"]),
        says=_optional(raw, "says"),
        printed=raw["follows"] if "says" in raw else raw["printed"],
        compute=raw["compute"],
        kilo=raw.get("kilo", 1000),
        reason=_optional(raw, "reason"),
        note=_optional(raw, "note"),
    )


def _optional(raw: dict[str, Any], key: str) -> Text | None:
    return Text(**raw[key]) if key in raw else None


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))

"""The story of each family as its sources tell it: who, when, what was new, how well it did."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cnnviz.text import Text

_STORIES = Path(__file__).with_name("families.toml")


@dataclass(frozen=True)
class Milestone:
    """A step on the family's way; one with a preset has a place of its own in the line."""

    name: Text
    text: Text
    year: int | None
    arxiv: str
    preset: str


@dataclass(frozen=True)
class Contest:
    """The result of a family in an ILSVRC; `top5_error` in %."""

    year: int
    place: int
    top5_error: float
    remark: Text


@dataclass(frozen=True)
class Story:
    """The facts of a family.

    Args:
        year: of its first publication.
        arxiv: the paper's number there; empty where it has none.
        weights: top-1 and top-5 accuracy in % of torchvision's weights, by preset.
    """

    title: str
    year: int
    authors: str
    paper: str
    venue: Text
    arxiv: str
    introduced: tuple[Text, ...]
    takes: Text
    hands_on: Text
    milestones: tuple[Milestone, ...]
    ilsvrc: Contest | None
    accuracy_note: Text
    weights: dict[str, tuple[float, float]]


@cache
def stories() -> dict[str, Story]:
    """Every family's story by the family's name, in the order of the line."""
    tables = tomllib.loads(_STORIES.read_text(encoding="utf-8"))
    return {name: _story(table) for name, table in tables.items()}


def _story(table: dict[str, Any]) -> Story:
    contest = table.get("ilsvrc")
    return Story(
        title=table["title"],
        year=table["year"],
        authors=table["authors"],
        paper=table["paper"],
        venue=Text(**table["venue"]),
        arxiv=table.get("arxiv", ""),
        introduced=tuple(Text(**point) for point in table["introduced"]),
        takes=Text(**table["takes"]),
        hands_on=Text(**table["hands_on"]),
        milestones=tuple(map(_milestone, table.get("milestones", ()))),
        ilsvrc=contest
        and Contest(contest["year"], contest["place"], contest["top5_error"], _text(contest)),
        accuracy_note=_text(table.get("accuracy_note", {})),
        weights={name: tuple(pair) for name, pair in table.get("weights", {}).items()},
    )


def _milestone(table: dict[str, Any]) -> Milestone:
    return Milestone(
        name=Text(table["name"], table.get("name_zh", table["name"])),
        text=_text(table),
        year=table.get("year"),
        arxiv=table.get("arxiv", ""),
        preset=table.get("preset", ""),
    )


def _text(table: dict[str, Any]) -> Text:
    return Text(table.get("en", ""), table.get("zh", ""))

"""The story of each family as its sources tell it: who, when, what was new, how well it did."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cnnviz.families import Spec
from cnnviz.knobs import Value
from cnnviz.text import Text
from cnnviz.zoo import PRESETS

_HERE = Path(__file__).parent


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
class Weights:
    """Accuracies in % of torchvision's weights, and the knobs that make the preset their network.

    Weights fit the shapes of more networks than the one that they were trained in.
    """

    top1: float
    top5: float
    turned: Mapping[str, Value]


@dataclass(frozen=True)
class Fact:
    """What happened around a family; `years` is "1987", "2010–2017", or "–2012" for until then."""

    years: str
    text: Text
    source: Text


@dataclass(frozen=True)
class Story:
    """The facts of a family.

    Args:
        year: of its first publication.
        affiliation: where the authors worked, as the paper says.
        arxiv: the paper's number there; empty where it has none.
        weights: torchvision's, by preset.
        history: what came before it and what else was there, in order.
        references: further publications that the facts are from.
    """

    title: str
    year: int
    authors: str
    affiliation: Text
    paper: str
    venue: Text
    arxiv: str
    introduced: tuple[Text, ...]
    takes: Text
    hands_on: Text
    milestones: tuple[Milestone, ...]
    ilsvrc: Contest | None
    accuracy_note: Text
    weights: dict[str, Weights]
    history: tuple[Fact, ...]
    references: tuple[str, ...]

    def weights_of(self, spec: Spec) -> Weights | None:
        """The weights that were trained in exactly this network; None without any."""
        for preset, weights in self.weights.items():
            if PRESETS[preset].spec.turn(**weights.turned) == spec:
                return weights
        return None


@cache
def stories() -> dict[str, Story]:
    """Every family's story by the family's name, in the order of the line."""
    tables, history = (
        tomllib.loads((_HERE / name).read_text(encoding="utf-8"))
        for name in ("families.toml", "history.toml")
    )
    return {name: _story(table, history.get(name, {})) for name, table in tables.items()}


def _story(table: dict[str, Any], around: dict[str, Any]) -> Story:
    contest, turned = table.get("ilsvrc"), table.get("weights_turned", {})
    return Story(
        title=table["title"],
        year=table["year"],
        authors=table["authors"],
        affiliation=Text(**table["affiliation"]),
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
        weights={
            name: Weights(top1, top5, turned.get(name, {}))
            for name, (top1, top5) in table.get("weights", {}).items()
        },
        history=tuple(
            Fact(fact["years"], _text(fact), _bilingual(fact["source"]))
            for fact in around.get("facts", ())
        ),
        references=tuple(around.get("references", ())),
    )


def _milestone(table: dict[str, Any]) -> Milestone:
    return Milestone(
        name=Text(table["name"], table.get("name_zh", table["name"])),
        text=_text(table),
        year=table.get("year"),
        arxiv=table.get("arxiv", ""),
        preset=table.get("preset", ""),
    )


def _bilingual(raw: str | dict[str, str]) -> Text:
    """A title is the same in both languages."""
    return Text(raw, raw) if isinstance(raw, str) else Text(**raw)


def _text(table: dict[str, Any]) -> Text:
    return Text(table.get("en", ""), table.get("zh", ""))

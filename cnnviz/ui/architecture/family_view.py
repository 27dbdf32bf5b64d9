"""The story of a family: who, when, what was new, how well it did, and its place in the line."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from cnnviz.text import Text
from cnnviz.ui.kit.words import as_markdown, language_in_address, say, t
from cnnviz.zoo import FAMILIES, PRESETS

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
    """What a family reached in an ILSVRC; `top5_error` in %."""

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


def family_view(family: str) -> None:
    """Show the story of the family of that name."""
    story = stories()[family]
    paper = [f"*{as_markdown(story.paper)}*", as_markdown(say(story.venue))]
    if story.arxiv:
        paper.append(_arxiv(story.arxiv))
    st.markdown(
        f"### {as_markdown(_title(family))}\n"
        f"**{story.year}** · {as_markdown(story.authors)}  \n{' · '.join(paper)}"
    )
    news, record = st.columns([5, 3], gap="large")
    with news:
        _points("introduced", [as_markdown(say(point)) for point in story.introduced])
        if story.milestones:
            _points("steps", map(_step, story.milestones))
        for name, text in (("takes", story.takes), ("hands_on", story.hands_on)):
            st.markdown(f"**{t(f'family_view.{name}')}** · {as_markdown(say(text))}")
    with record:
        st.markdown(f"#### {t('family_view.accuracy')}")
        _accuracy(story)
    _line(family)


def _points(name: str, points: Iterable[str]) -> None:
    st.markdown("\n".join([f"#### {t(f'family_view.{name}')}", *(f"- {x}" for x in points)]))


def _accuracy(story: Story) -> None:
    contest, lines = story.ilsvrc, []
    if contest:
        place = {"year": contest.year, "place": contest.place, "error": contest.top5_error}
        lines = [t("family_view.ilsvrc", **place), as_markdown(say(contest.remark))]
    lines.append(as_markdown(say(story.accuracy_note)))
    if any(lines):
        st.markdown("  \n".join(filter(None, lines)))
    if story.weights:
        names = (t("family_view.preset"), "top-1 %", "top-5 %")
        rows = [
            f"| {as_markdown(name)} | {top1:.2f} | {top5:.2f} |"
            for name, (top1, top5) in story.weights.items()
        ]
        st.markdown("\n".join([f"| {' | '.join(names)} |", "|:--|--:|--:|", *rows]))
        st.caption(t("family_view.weights"))
    if not any(lines) and not story.weights:
        st.markdown(t("family_view.none"))


def _line(present: str) -> None:
    """All families in a row, year by year, the present one marked."""
    years: dict[int, list[str]] = {}
    for name, story in stories().items():
        entry = f":blue-badge[▶ {as_markdown(_title(name))}]"
        if name != present:
            start = FAMILIES[name].presets[0].name if name in FAMILIES else ""
            entry = _network_link(_title(name), start)
        years.setdefault(story.year, []).append(entry)
    for milestone in (step for story in stories().values() for step in story.milestones):
        if milestone.preset and milestone.year:
            link = _network_link(say(milestone.name), milestone.preset)
            years.setdefault(milestone.year, []).append(link)
    st.markdown(f"#### {t('family_view.line')}")
    order = sorted(years)
    for column, year in zip(st.columns(len(order), gap="small"), order, strict=True):
        arrow = "" if year == order[-1] else " →"
        column.markdown("  \n".join([f"**{year}**{arrow}", *years[year]]))
    st.caption(t("family_view.line_caption"))


def _title(family: str) -> str:
    return FAMILIES[family].title if family in FAMILIES else stories()[family].title


def _step(milestone: Milestone) -> str:
    head = [f"**{as_markdown(say(milestone.name))}**"]
    if milestone.year:
        head.append(str(milestone.year))
    paper = f" {_arxiv(milestone.arxiv)}" if milestone.arxiv else ""
    return " · ".join([*head, as_markdown(say(milestone.text))]) + paper


def _network_link(title: str, preset: str) -> str:
    """A link that opens a network; the title alone where there is none of that name."""
    if preset not in PRESETS:
        return as_markdown(title)
    return f"[{as_markdown(title)}](?{urlencode({'preset': preset, **language_in_address()})})"


def _arxiv(number: str) -> str:
    return f"[arXiv {number}](https://arxiv.org/abs/{number})"

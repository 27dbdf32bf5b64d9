"""The story of a family: authors, year, novelties, accuracy, and its place among the others."""

from collections.abc import Iterable
from urllib.parse import urlencode

import streamlit as st

from cnnviz.ledger.early_networks import early_networks
from cnnviz.ledger.stories import Fact, Milestone, Story, Weights, stories
from cnnviz.render import markdown
from cnnviz.ui.kit.words import as_markdown, knob_mark, language_in_address, say, t
from cnnviz.ui.session.address import write
from cnnviz.zoo import FAMILIES, PRESETS


def family_view(family: str) -> None:
    """Show the story of a family, given by name."""
    story = stories()[family]
    paper = [f"*{as_markdown(story.paper)}*", as_markdown(say(story.venue))]
    if story.arxiv:
        paper.append(_arxiv(story.arxiv))
    st.markdown(
        f"### {as_markdown(_title(family))}\n"
        f"**{story.year}** · {as_markdown(story.authors)}  \n{' · '.join(paper)}  \n"
        f"{as_markdown(say(story.affiliation))}"
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
    if story.history:
        _history(story)
    if family == "lenet":
        _early_networks()
    _line(family)


def in_short(family: str) -> None:
    """Show authors, year and novelties of a family, given by name."""
    story = stories()[family]
    points = [f"- {as_markdown(say(point))}" for point in story.introduced]
    title = f"### {as_markdown(_title(family))}"
    st.markdown("\n".join([title, f"**{story.year}** · {as_markdown(story.authors)}", "", *points]))


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
        rows = [
            [_preset_link(name, weights), f"{weights.top1:.2f}", f"{weights.top5:.2f}"]
            for name, weights in story.weights.items()
        ]
        names = [t("family_view.preset"), "top-1 %", "top-5 %"]
        st.markdown(markdown.table(names, rows, numbers=2))
        turned = any(weights.turned for weights in story.weights.values())
        notes = ["weights", "weights_turned"] if turned else ["weights"]
        st.caption(" ".join(t(f"family_view.{note}") for note in notes))
    if not any(lines) and not story.weights:
        st.markdown(t("family_view.none"))


def _preset_link(name: str, weights: Weights) -> str:
    """The preset, with a link to the network of the weights where that is another one."""
    if not weights.turned:
        return as_markdown(name)
    spec = PRESETS[name].spec.turn(**weights.turned)
    marks = (knob_mark(spec.knob(knob), value) for knob, value in weights.turned.items())
    query = urlencode({**write(name, spec), **language_in_address()})
    return f"{as_markdown(name)} · [{as_markdown(', '.join(marks))}](?{query})"


def _history(story: Story) -> None:
    """What happened around the family, each fact with its source."""
    _points("history", map(_fact, story.history))
    if story.references:
        _points("references", map(as_markdown, story.references))


def _fact(fact: Fact) -> str:
    text, source = as_markdown(say(fact.text)), as_markdown(say(fact.source))
    years = fact.years
    if years.startswith("–"):
        years = t("family_view.until", year=years[1:])
    return f"**{years}** · {text} *({source})*"


def _early_networks() -> None:
    """The networks on the way to LeNet-5, counted."""
    rows = [
        [
            as_markdown(say(network.name)),
            str(network.year),
            as_markdown(say(network.layout)),
            as_markdown(say(network.result)),
            f"{network.connections:,}",
            f"{network.params:,}",
        ]
        for network in early_networks()
    ]
    names = ("network", "year", "layout", "result", "connections", "params")
    st.markdown(f"#### {t('family_view.early')}")
    st.markdown(markdown.table([t(f"family_view.early_{name}") for name in names], rows, numbers=2))
    st.caption(t("family_view.early_caption"))


def _line(present: str) -> None:
    """Show all families by year, with the present one marked."""
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
    """A link that opens a preset; the plain title if there is no such preset."""
    if preset not in PRESETS:
        return as_markdown(title)
    return f"[{as_markdown(title)}](?{urlencode({'preset': preset, **language_in_address()})})"


def _arxiv(number: str) -> str:
    return f"[arXiv {number}](https://arxiv.org/abs/{number})"

"""A lab: a part of the course that is done by hand, on a page of its own.

A lab is declared like a network: its settings are knobs, and from their one declaration come the
widgets, the checks and their sentences, the address, the documentation and the test sweep. A
section is a pure function from the settings to what is shown.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from cnnviz.knobs import Knob, Value, knob
from cnnviz.labs.parts import Part, Picture
from cnnviz.settings import Settings
from cnnviz.text import Text

STEP = Text("step", "步骤")


@dataclass(frozen=True)
class Try:
    """Something to try: what to look at, and the settings that show it."""

    text: Text
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Section:
    """A part of a lab under a heading.

    Args:
        title: the heading, and the group of the knobs that stand beside it.
        show: gives what is shown for the lab's settings.
        tries: each a click away.
        reads: knobs of other sections on which it depends, too.
        idle: gives the knobs that change nothing at the lab's settings; they have no widget then.
    """

    title: Text
    show: Callable[[Any], Sequence[Part]]
    tries: tuple[Try, ...] = ()
    reads: tuple[str, ...] = ()
    idle: Callable[[Any], Collection[str]] = lambda settings: ()


@dataclass(frozen=True)
class Place:
    """Where a lab's idea stands in the networks of the zoo.

    Args:
        text: what is there.
        preset: a network's; its other parameters are as in the address of the page.
        page: "architecture" or "compare".
    """

    text: Text
    preset: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    page: str = "architecture"

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the page's address."""
        head = {"preset": self.preset} if self.preset else {}
        return {**head, **self.more}

    def link(self, more: Mapping[str, str]) -> str:
        """The address of the place, relative to a page.

        Args:
            more: parameters beside the network, such as the language.
        """
        return f"{self.page}?{urlencode({**self.query, **more}, safe=',:~')}"


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A lab's declaration.

    Args:
        name: in the address: /labs?lab=NAME.
        lead: what is learnt here, in a sentence or two.
        goals: what one can do afterwards, to be tried out by oneself.
        settings: its knobs; each one's group is the title of a section.
        sources: where its facts come from, for the documentation.
        experiments: their names, which try by training what the lab only computes.
    """

    name: str
    title: Text
    lead: Text
    goals: tuple[Text, ...]
    settings: type[Settings]
    sections: tuple[Section, ...]
    places: tuple[Place, ...]
    sources: str
    experiments: tuple[str, ...] = ()

    def knobs(self, section: Section) -> tuple[Knob, ...]:
        """The knobs that stand beside a section; a film holds its own step."""
        return tuple(
            declared
            for declared in self.settings.knobs()
            if declared.group == section.title and not is_step(declared)
        )

    def shown(self, settings: Settings) -> tuple[tuple[Part, ...], ...]:
        """What each section shows."""
        return tuple(tuple(section.show(settings)) for section in self.sections)


def step_knob(group: Text) -> Any:
    """Declare which frame of a section's picture is shown; one beyond the last shows the last."""
    return knob(
        1,
        STEP,
        Text("The step at which the picture stands.", "图示当前所在的步骤。"),
        group=group,
        term="trace",
        bounds=(1, 400),
    )


def is_step(declared: Knob) -> bool:
    """Whether the knob is a film's step, which has no widget of its own."""
    return declared.label == STEP


def films(parts: Sequence[Part]) -> list[Picture]:
    """The pictures that move."""
    return [part for part in parts if isinstance(part, Picture) and part.frames]

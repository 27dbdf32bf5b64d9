"""A lesson: steps that tell, lead to a page, ask for a prediction, or put a question.

A lesson is a file in `cnnviz/lessons/course`, in two languages. Its numbers are counted on the
networks when it is shown, so that none can be wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cnnviz.lessons.kinds import question
from cnnviz.lessons.kinds.kind import Asked
from cnnviz.lessons.network import Network
from cnnviz.lessons.question import Question
from cnnviz.numbers import pixels, short
from cnnviz.text import Text

SEEDS = (1, 9999)  # least and most
COUNTS = ("params", "macs", "depth", "field", "bytes")


@dataclass(frozen=True)
class Count:
    """A number of a network: one of `COUNTS` of it."""

    what: str
    network: Network

    @property
    def value(self) -> float:
        """The number; a field that is not square counts as its longer side."""
        report = self.network.report
        if self.what == "field":
            sides = report.receptive_field or 0
            return max(sides) if isinstance(sides, tuple) else sides
        counts = {
            "params": report.params,
            "macs": report.macs,
            "depth": report.depth,
            "bytes": report.weight_bytes,
        }
        return counts[self.what]

    @property
    def shown(self) -> str:
        """The number for the eye, unbroken: "7.98 M"."""
        unit = "B" if self.what == "bytes" else ""
        text = pixels(self.value) if self.what == "field" else short(self.value, unit)
        return text.replace(" ", "\N{NO-BREAK SPACE}")


@dataclass(frozen=True)
class Option:
    """One of the outcomes that can be predicted.

    Args:
        count: decides which outcome is right, where networks decide it.
    """

    text: Text
    count: Count | None = None


@dataclass(frozen=True)
class Prediction:
    """What is guessed before it is seen.

    Args:
        most: whether the option with the largest count is right, or that with the smallest; None
            where no count decides.
        then: what is told once a prediction was given.
    """

    ask: Text
    options: tuple[Option, ...]
    then: Text
    most: bool | None = None

    @property
    def right(self) -> int | None:
        """The position of the right option; None where what is seen decides."""
        counts = [option.count.value for option in self.options if option.count]
        if self.most is None:
            return None
        return counts.index((max if self.most else min)(counts))


@dataclass(frozen=True)
class Discussion:
    """An open question, and what may be answered to it."""

    ask: Text
    answer: Text


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a lesson, with at most one thing to answer.

    Args:
        name: short and stable, in the address and in answers.
        text: may have {placeholders}, each of them one of `counts`.
        stops: addresses in the product, relative to a page.
        experiment: the name of one that tries what the step says.
        asked: the question that a seed draws.
    """

    name: str
    title: Text
    text: Text
    counts: Mapping[str, Count]
    stops: tuple[str, ...] = ()
    experiment: str = ""
    prediction: Prediction | None = None
    asked: Asked | None = None
    discussion: Discussion | None = None

    def told(self, text: Text) -> Text:
        """A text of the step with its counts filled in."""
        return text.format(**{name: count.shown for name, count in self.counts.items()})

    def question(self, seed: int) -> Question | None:
        """The question that a seed draws, if the step has one."""
        return question(self.asked, seed) if self.asked else None


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A lesson's declaration.

    Args:
        name: in the address: /lessons?lesson=NAME.
        goals: what can be done after it.
    """

    name: str
    title: Text
    goals: tuple[Text, ...]
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)

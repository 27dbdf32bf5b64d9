"""A lesson's file, read and checked: every fault of it in one error, a sentence each."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

from cnnviz.experiments import EXPERIMENTS
from cnnviz.knobs import Problem, SpecError
from cnnviz.lessons.kinds import KINDS
from cnnviz.lessons.kinds.kind import MEASURES, Asked
from cnnviz.lessons.kinds.whole import PARTS
from cnnviz.lessons.lesson import COUNTS, Count, Discussion, Lesson, Option, Prediction, Step
from cnnviz.lessons.network import Network
from cnnviz.lessons.table_reader import (
    MISSING,
    NOT_ONE,
    TABLE,
    TABLES,
    UNKNOWN,
    WORDS,
    TableReader,
)
from cnnviz.text import Text, joined, nearest

_PAGES = (
    *("architecture", "compare", "sweeps", "training", "experiments", "labs", "line"),
    *("glossary", "lessons"),
)
_TASKS = ("prediction", "question", "discussion")
_STEP = ("name", "title", "text", "counts", "stops", "experiment", *_TASKS)
_QUESTION = ("kind", "networks", "layers", "knob", "values", "measure", "part")

_DRAWN = Text(
    "networks has {count}; this kind needs at least {least} to draw from.",
    "networks 有 {count} 个；这种问题至少需要 {least} 个可供抽取。",
)
_ONE_TASK = Text(
    "has {tasks}; a step has one of them at most. Make a step of each.",
    "同时有 {tasks}；一步至多有其中一个，请分成多步。",
)
_TWICE = Text("name {name!r} is that of an earlier step, too.", "name {name!r} 与前面某一步相同。")
_NO_COUNT = Text(
    "the text has {{{name}}}, and counts has no such number.",
    "文字中有 {{{name}}}，而 counts 中没有这个数。",
)
_ONLY_ONE = Text(
    "{{{name}}} is in one language alone; both must have the same numbers.",
    "{{{name}}} 只在一种语言中出现；两种语言的数应相同。",
)
_BRACES = Text("a text has a bracket too many: {why}.", "文字中有多余的花括号：{why}。")
_RIGHT = Text("most, least or left out", "most、least 或不写")
_COUNTED = Text(
    'right is {right}, so every option needs of, such as "params of vgg-d".',
    'right 为 {right}，因此每个选项都需要 of，如 "params of vgg-d"。',
)
_COUNT = Text(
    "NUMBER of NETWORK, with NUMBER one of {counts}", "“数 of 网络”的形式，其中数为 {counts} 之一"
)

Read = TypeVar("Read")


def read(name: str, text: str) -> Lesson:
    """The lesson of a file's text.

    Raises:
        SpecError: with every fault of the file, each with the step where it is.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = Text("{name} is not TOML: {why}.", "{name} 不是 TOML：{why}。")
        raise SpecError([Problem.of("lesson", message, name=name, why=error)]) from None
    reader = _Reader(name)
    lesson = reader.lesson(table)
    if reader.problems:
        raise SpecError(reader.problems)
    return lesson


def read_file(path: Path) -> Lesson:
    """The lesson of a file; see `read`."""
    return read(path.stem, path.read_text(encoding="utf-8"))


class _Reader(TableReader):
    """Reads what a lesson is made of."""

    def lesson(self, table: Mapping[str, Any]) -> Lesson:
        self.known(table, ("title", "goals", "steps"))
        steps: list[Step] = []
        title = self.text(table, "title")
        goals = tuple(self.both(goal, "goals") for goal in self.items(table, "goals", TABLES))
        for number, step in enumerate(self.items(table, "steps", TABLES), start=1):
            self.place = f"step {number}"
            if isinstance(step, dict):
                steps.append(self._step(step, {one.name for one in steps}))
            else:
                self.wrong("steps", step, TABLE)
        return Lesson(name=self.name, title=title, goals=goals, steps=tuple(steps))

    def _step(self, table: Mapping[str, Any], before: set[str]) -> Step:
        self.known(table, _STEP)
        name = self.word(table, "name")
        if name in before:
            self.refuse(_TWICE, name=name)
        tasks = [task for task in _TASKS if task in table]
        if len(tasks) > 1:
            self.refuse(_ONE_TASK, tasks=joined(tasks))
        counts = {
            key: self._count(value, f"counts.{key}")
            for key, value in self.table(table, "counts").items()
        }
        step = Step(
            name=name,
            title=self.text(table, "title"),
            text=self.text(table, "text"),
            counts={key: count for key, count in counts.items() if count},
            stops=tuple(self._stop(one) for one in self.words(table, "stops")),
            experiment=self.one_of(table, "experiment", EXPERIMENTS),
            prediction=self._task(table, "prediction", self._prediction),
            asked=self._task(table, "question", self._asked),
            discussion=self._task(table, "discussion", self._discussion),
        )
        self._placeholders(step, set(counts))
        return step

    def _task(
        self, table: Mapping[str, Any], key: str, made: Callable[[Mapping[str, Any]], Read]
    ) -> Read | None:
        return made(self.table(table, key)) if key in table else None

    def _prediction(self, table: Mapping[str, Any]) -> Prediction:
        self.known(table, ("ask", "options", "right", "then"))
        right = table.get("right")
        if right not in (None, "most", "least"):
            self.wrong("right", right, _RIGHT)
        options = []
        for option in self.items(table, "options", TABLES):
            if not isinstance(option, dict):
                self.wrong("options", option, TABLE)
                continue
            count = self._count(option["of"], "of") if "of" in option else None
            words = {key: value for key, value in option.items() if key != "of"}
            options.append(Option(self.both(words, "options"), count))
            if right and "of" not in option:
                self.refuse(_COUNTED, right=right)
        most = None if right is None else right == "most"
        then = self.text(table, "then")
        return Prediction(self.text(table, "ask"), tuple(options), then, most)

    def _discussion(self, table: Mapping[str, Any]) -> Discussion:
        self.known(table, ("ask", "answer"))
        return Discussion(self.text(table, "ask"), self.text(table, "answer"))

    def _asked(self, table: Mapping[str, Any]) -> Asked:
        self.known(table, _QUESTION)
        kind = KINDS.get(name := self.one_of(table, "kind", KINDS, needed=True))
        written = [self._network(one) for one in self.words(table, "networks", needed=True)]
        networks = tuple(network for network in written if network)
        if kind:
            used = {"kind", "networks", *kind.needs, *kind.takes}
            for key in table.keys() - used & set(_QUESTION):
                self.refuse(UNKNOWN, key=key, close=joined(sorted(used)))
            for key in sorted(kind.needs - table.keys()):
                self.refuse(MISSING, key=key)
            if len(written) < kind.networks:
                self.refuse(_DRAWN, count=len(written), least=kind.networks)
        fixed = kind.knob if kind else ""
        knob = fixed or self.word(table, "knob", needed=False)
        values = self._values(table, knob, networks)
        return Asked(
            kind=name,
            networks=networks,
            layers=tuple(self.words(table, "layers")),
            knob="" if fixed else knob,
            values=values,
            measure=self.one_of(table, "measure", MEASURES) or next(iter(MEASURES)),
            part=self.one_of(table, "part", PARTS),
        )

    def _values(
        self, table: Mapping[str, Any], knob: str, networks: Sequence[Network]
    ) -> tuple[Any, ...]:
        """The values of a knob that every network has and accepts."""
        if not knob:
            return ()
        values = self.items(table, "values", WORDS)
        for network in networks:
            names = [declared.name for declared in network.spec.knobs()]
            if knob not in names:
                self.refuse(NOT_ONE, key="knob", value=knob, close=nearest(knob, names))
                return ()
            accept = network.spec.knob(knob).accept
            values = [found for one in values if (found := self.attempt(accept, one)) is not None]
        return tuple(values)

    def _stop(self, address: str) -> str:
        page = address.partition("?")[0]
        if page not in _PAGES:
            self.refuse(NOT_ONE, key="stops", value=page, close=nearest(page, _PAGES))
        return address

    def _network(self, text: str) -> Network | None:
        return self.attempt(Network.read, text)

    def _count(self, text: Any, key: str) -> Count | None:
        what, of, network = text.partition(" of ") if isinstance(text, str) else ("", "", "")
        if what not in COUNTS or not of:
            self.wrong(key, text, _COUNT.format(counts=joined(COUNTS)))
            return None
        found = self._network(network)
        return Count(what, found) if found else None

    def _placeholders(self, step: Step, known: set[str]) -> None:
        """Refuse numbers that nothing counts, and those of one language alone."""
        texts = [step.text]
        if step.prediction:
            texts += [step.prediction.ask, step.prediction.then]
        if step.discussion:
            texts += [step.discussion.ask, step.discussion.answer]
        for text in texts:
            try:
                en, zh = (set(_named(part)) for part in text)
            except ValueError as error:
                self.refuse(_BRACES, why=error)
                continue
            for name in sorted((en | zh) - known):
                self.refuse(_NO_COUNT, name=name)
            for name in sorted(en ^ zh):
                self.refuse(_ONLY_ONE, name=name)


def _named(text: str) -> Iterator[str]:
    """The placeholders of a text."""
    return (name for _, name, _, _ in Formatter().parse(text) if name is not None)

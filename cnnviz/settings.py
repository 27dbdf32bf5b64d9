"""A full set of knobs: frozen, hashable, checked when it is made."""

import dataclasses
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

from cnnviz.knobs import Knob, Problem, Reference, SpecError, Value
from cnnviz.text import Text, nearest

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# The version of links, requests and weights. Raise it when a knob is renamed or accepts less than
# before; the knob's `earlier` then translates the old names and values.
VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A frozen dataclass whose fields are knobs.

    Raises:
        SpecError: with every problem of every knob, and then every conflict between knobs.
    """

    family: ClassVar[str]

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        for declared in self.knobs():
            try:
                value = declared.accept(getattr(self, declared.name))
                object.__setattr__(self, declared.name, value)
            except SpecError as error:
                problems += error.problems
        problems = problems or self.conflicts()
        if problems:
            raise SpecError(problems)

    @classmethod
    @cache
    def knobs(cls) -> tuple[Knob, ...]:
        """The knobs of this class, its own before those that it inherits."""
        base = cast("type[DataclassInstance]", cls.__base__)
        inherited = {field.name: field.metadata for field in dataclasses.fields(base)}
        fields = sorted(dataclasses.fields(cls), key=lambda field: field.name in inherited)
        return tuple(
            _declared(field.name, field.default, field.metadata or inherited[field.name])
            for field in fields
        )

    @classmethod
    def knob(cls, name: str) -> Knob:
        """The declaration of one knob."""
        return next(declared for declared in cls.knobs() if declared.name == name)

    @classmethod
    def from_values(cls, values: Mapping[str, object]) -> Self:
        """Make one from a mapping.

        Raises:
            SpecError: with every unknown name and every problem of the other knobs.
        """
        names = [declared.name for declared in cls.knobs()]
        problems = [_unknown_knob(cls.family, name, names) for name in values if name not in names]
        known = {name: value for name, value in values.items() if name in names}
        try:
            made = cls(**cast(dict[str, Any], known))
        except SpecError as error:
            problems += error.problems
        if problems:
            raise SpecError(problems)
        return made

    @classmethod
    def from_written(cls, values: Mapping[str, object], version: int) -> Self:
        """Make one from names and values written by an earlier version; see `from_values`."""
        now: dict[str, object] = {}
        for name, value in values.items():
            knob = cls.knob_written(name, version)
            now |= {knob.name: knob.now(value, version)} if knob else {name: value}
        return cls.from_values(now)

    @classmethod
    def knob_written(cls, name: str, version: int) -> Knob | None:
        """Return the knob that a version wrote under a name."""
        return next((knob for knob in cls.knobs() if knob.called(version) == name), None)

    def turn(self, **knobs: object) -> Self:
        """These settings with some knobs at other values."""
        return self.from_values({**self.values, **knobs})

    def turn_typed(self, settings: Iterable[str]) -> Self:
        """These settings with knobs turned as they are typed: "growth_rate=12", "depths=6-12".

        Raises:
            SpecError: every problem of the texts and of the values.
        """
        knobs = {knob.name: knob for knob in self.knobs()}
        values: dict[str, Value] = {}
        problems: list[Problem] = []
        for setting in settings:
            name, _, text = setting.partition("=")
            try:
                values[name] = knobs[name].parse(text) if name in knobs else text
            except SpecError as error:
                problems += error.problems
        try:
            turned = self.turn(**values)
        except SpecError as error:
            problems += error.problems
        if problems:
            raise SpecError(problems)
        return turned

    def settle(self, wanted: Mapping[str, object]) -> tuple[Self, dict[str, Problem]]:
        """Turn as many knobs to the wanted values as go together; and why each other one does not.

        Of growth_rate=12 and image_size=1, for example, the first is turned.
        """
        with suppress(SpecError):
            return self.turn(**wanted), {}
        settings, refused = self, dict(wanted)
        problems: dict[str, Problem] = {}
        settled = False
        while not settled:
            settled = True
            for name, value in list(refused.items()):
                try:
                    settings = settings.turn(**{name: value})
                except SpecError as error:
                    problems[name] = error.problems[0]
                else:
                    del refused[name]
                    settled = False
        return settings, {name: problems[name] for name in refused}

    def differences(self, start: Self) -> dict[str, Value]:
        """The knobs that are not as in `start`, with their values here."""
        before = start.values
        return {name: value for name, value in self.values.items() if value != before[name]}

    @property
    def values(self) -> dict[str, Value]:
        """Every knob's value by name."""
        return {declared.name: getattr(self, declared.name) for declared in self.knobs()}

    @classmethod
    def problem(cls, name: str, message: Text, **values: object) -> Problem:
        """The problem of knob `name`: {knob} in the message is that one, others go by their names.

        Args:
            values: what else the message has placeholders for.
        """

        def filled(language: str | None) -> Text:
            known = {knob.name: Reference(knob, language) for knob in cls.knobs()}
            return message.format(**{**known, "knob": known[name], **values})

        shown = Text(*(filled(language)(language) for language in Text._fields))
        return Problem(name, filled(None), shown)

    def conflicts(self) -> list[Problem]:
        """The problems of knobs that are fine alone and not together."""
        return []


def _declared(name: str, default: object, metadata: Mapping[str, Any]) -> Knob:
    """The knob of a field; "kind" is its class, where that is not `Knob` itself."""
    declaration = dict(metadata)
    kind = declaration.pop("kind", Knob)
    return cast(Knob, kind(name=name, default=default, **declaration))


def _unknown_knob(family: str, name: str, names: list[str]) -> Problem:
    message = Text(
        "{name} is not a knob of {family}; the nearest are {close}.",
        "{family} 没有名为 {name} 的超参数；最接近的有 {close}。",
    )
    return Problem.of(name, message, name=name, family=family, close=nearest(name, names))

"""A slot: one network that a session works on, with its history, its look and its address.

Each family has its own draft, so that going to another family and back changes no knob. A draft
holds the values of the widgets, some of which may be refused, and the last valid spec.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import partial

import streamlit as st

from cnnviz.families import Preset, Spec
from cnnviz.knobs import Knob, Problem, SpecError, Value, format_value
from cnnviz.ui.kit.drags import Drag
from cnnviz.ui.kit.knob_widget import Held, can_hold, is_on_screen, offered, value_of
from cnnviz.ui.kit.refused import take_over
from cnnviz.ui.kit.words import language
from cnnviz.ui.session import address, classroom, look_address
from cnnviz.ui.session.draft import Draft
from cnnviz.ui.session.history import History
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Member, Subject
from cnnviz.zoo import FAMILIES, PRESETS

State = tuple[Preset, Spec]
NETWORK = "network"  # what a teacher locks


@dataclass
class Slot:
    """One of the networks that a session works on.

    Where a teacher has locked the network, none of the ways to another one leads there.

    Callbacks take the key of their widget and act only if that widget is on screen, since a
    browser also reports the values of widgets that were replaced.

    Args:
        name: "main", or the prefix of widget keys and address parameters: "n1" for
            "n1.growth_rate". It has no dot, and no family has this name.
        notes: problems with the address.
        generation: goes up when the widgets are to show values that the user did not enter.
        history: the steps of undo and redo.
        look: look at the last valid spec.
        broken_look: a broken spec, and the look at it.
        asked: the look in the address, until the network's report is there.
    """

    name: str
    family: str
    drafts: dict[str, Draft]
    notes: list[Problem] = field(default_factory=list)
    generation: int = 0
    history: History[State] = field(default_factory=History)
    look: Look = field(default_factory=Look)
    broken_look: tuple[Spec, Look] | None = None
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def draft(self) -> Draft:
        return self.drafts[self.family]

    @property
    def preset(self) -> Preset:
        return self.draft.preset

    @property
    def spec(self) -> Spec:
        return self.draft.spec

    @property
    def _state(self) -> State:
        return self.preset, self.spec

    @property
    def turned(self) -> dict[str, Value]:
        """The knobs that differ from the preset, with their values."""
        return self.spec.differences(self.preset.spec)

    def key(self, part: str) -> str:
        """The key of a widget of this slot; keys of the main slot have no prefix."""
        return part if self.name == address.MAIN else f"{self.name}.{part}"

    def widget_key(self, knob: Knob) -> str:
        """The key of the knob's widget.

        A new generation or language makes a new widget: browsers name an option by its label.
        """
        return self.key(f"{self.family}.{knob.name}.{language()}.{self.generation}")

    def widget_value(self, knob: Knob) -> Held:
        """The value that the knob's widget shows, tuples as text; it may be a refused one."""
        if knob.name in self.draft.refused:
            return self.draft.refused[knob.name][0]
        value = self.spec.values[knob.name]
        return format_value(value) if isinstance(knob.default, tuple) else value

    @property
    def family_key(self) -> str:
        return self.key(f"family.{self.generation}")

    @property
    def preset_key(self) -> str:
        return self.key(f"preset.{self.family}.{self.generation}")

    def choose_family(self, key: str) -> None:
        """Show the family chosen in the widget `key`, as it was left."""
        chosen = offered(key, self.family_key, FAMILIES)
        if chosen is not None and chosen != self.family and not classroom.is_locked(NETWORK):
            self._remember()
            self.family = chosen

    def choose_preset(self, key: str) -> None:
        """Show the preset chosen in the widget `key`."""
        chosen = offered(key, self.preset_key, PRESETS)
        if chosen is not None and chosen != self.preset.name:
            self.show(PRESETS[chosen], PRESETS[chosen].spec)

    def turn(self, knob: Knob, key: str) -> None:
        """Turn a knob to the value of its widget; a value that cannot be built is refused."""
        if is_on_screen(key, self.widget_key(knob)) and can_hold(knob, st.session_state[key]):
            self.history.let_go(self._state, but=key)
            self._take_over(knob, st.session_state[key])
            self.history.let_go(self._state)

    def drag(self, knob: Knob, drag: Drag) -> None:
        """Turn a knob while its slider is dragged; the whole drag is one step of undo."""
        on_screen = is_on_screen(drag.slider, self.widget_key(knob))
        if on_screen and self.history.follow(drag, self._state):
            self._take_over(knob, drag.value)
            if drag.ended:
                self.history.let_go(self._state)

    def turn_elsewhere(self, knob: Knob, text: str) -> None:
        """Turn a knob from elsewhere than its widget, which then shows the new value."""
        self.history.let_go(self._state)
        self._take_over(knob, text)
        self.generation += 1

    def reset(self, knob: Knob | None = None) -> None:
        """Set one knob, or all of them, to the preset's value."""
        start = self.preset.spec
        wanted = start.values if knob is None else {knob.name: getattr(start, knob.name)}
        refused = {} if knob is None else self.draft.refused
        broken = self.draft.broken
        spec, problems = self.spec.settle(wanted)
        if spec != self.spec:
            self._remember()
        self._place(self.preset, spec)
        self.draft.refused |= {name: why for name, why in refused.items() if name not in wanted}
        for name, problem in problems.items():
            self.draft.refused[name] = (spec.values[name], problem)
        self._check_broken(broken)

    def show(self, preset: Preset, spec: Spec) -> None:
        """Show another network, as a step that can be undone."""
        self._remember()
        self._place(preset, spec)

    def pin(self, preset: Preset, spec: Spec) -> None:
        """Show the network that a teacher has locked."""
        if (preset, spec) != self._state:
            self._put(preset, spec)

    def undo(self) -> None:
        self._go(self.history.undo)

    def redo(self) -> None:
        self._go(self.history.redo)

    def too_small(self, name: str) -> tuple[Spec, int | None] | None:
        """The network with a refused knob, if only its image is too small; see `Spec.too_small`."""
        if name not in self.draft.refused:
            return None
        raw, _ = self.draft.refused[name]
        with suppress(SpecError):
            return self.spec.too_small(**{name: value_of(self.spec.knob(name), raw)})
        return None

    def show_broken(self, name: str = "") -> None:
        """Show the broken network of a refused knob; without a name, the last valid network."""
        self.draft.broken = name

    @property
    def broken(self) -> tuple[Spec, int | None] | None:
        """The broken network on screen, as `too_small` returns it; None if it is a valid one."""
        return self.too_small(self.draft.broken)

    def subject(self) -> Member:
        """The network on screen: the broken one that was asked for, else the last valid one."""
        if found := self.broken:
            return Subject.broken(self.preset, found[0])
        return Subject.of(self.preset, self.spec)

    def look_at(self, subject: Member) -> Look:
        """The look at the subject; at first, the failing layer of a broken one is selected."""
        if subject.breaks and (self.broken_look is None or self.broken_look[0] != subject.spec):
            start = Look(counting=self.look.counting, colour_by=self.look.colour_by)
            last = subject.report.layers[-1].name
            self.broken_look = subject.spec, start.reaching(subject.report, last)
        look = self.broken_look[1] if self.broken_look and subject.breaks else self.look
        if self.asked:
            asked, self.asked = self.asked, {}
            look, problems = look_address.read_look(asked, subject.report, look)
            self.notes = [*self.notes, *problems]
            self._keep(subject, look)
        return look

    def link(self) -> dict[str, str]:
        """The query parameters of the look at the network on screen."""
        subject = self.subject()
        parameters = look_address.write_look(self.look_at(subject), subject.report)
        if subject.breaks:
            raw, _ = self.draft.refused[self.draft.broken]
            parameters[look_address.BREAKS] = f"{self.draft.broken}:{raw}"
        return parameters

    def looking(self, subject: Member) -> tuple[Look, Callable[[Look], None]]:
        """The look at the subject, and a function that takes over another look."""
        look = self.look_at(subject)
        return look, partial(self.see, subject, look)

    def see(self, subject: Member, shown: Look, wanted: Look) -> None:
        """Take over the look that the user asked for.

        Two clicks may both refer to the same drawn page. So only the differences between `shown`,
        the look that was drawn, and `wanted` are taken over.
        """
        names = [part.name for part in fields(Look)]
        asked = {name: getattr(wanted, name) for name in names}
        changes = {name: part for name, part in asked.items() if part != getattr(shown, name)}
        self._keep(subject, replace(self.look_at(subject), **changes))

    def _keep(self, subject: Member, look: Look) -> None:
        if subject.breaks:
            self.broken_look = subject.spec, look
        else:
            self.look = look

    def arrive(self, asked: Mapping[str, str]) -> None:
        """Take over the look of the address, and show a broken network if it names one."""
        self.asked = {key: text for key, text in asked.items() if key in look_address.KEYS}
        self.look = replace(self.look, colour_by=look_address.read_colour(asked))
        breaks = asked.get(look_address.BREAKS)
        if breaks and not self._arrive_broken(*breaks.partition(":")[::2]):
            self.notes = [*self.notes, look_address.does_not_break(breaks)]

    def _arrive_broken(self, name: str, text: str) -> bool:
        """Turn a knob to where the network breaks and show that; False if it does not break."""
        knob = next((knob for knob in self.spec.knobs() if knob.name == name), None)
        value = knob.typed(text) if knob else None
        with suppress(SpecError):
            if knob and self.spec.too_small(**{name: value}):
                self._take_over(knob, text if isinstance(knob.default, tuple) else value)
                self.show_broken(name)
                return True
        return False

    def _take_over(self, knob: Knob, raw: Held) -> None:
        """Turn the knob, and with it refused knobs that have become possible."""
        if classroom.is_locked(NETWORK):
            return
        draft = self.draft
        spec, draft.refused = take_over(draft.spec, draft.refused, knob, raw)
        if spec != draft.spec:
            if self.history.drag is None:
                self._remember()
            draft.spec = spec
        self._check_broken(draft.broken)

    def _check_broken(self, name: str) -> None:
        """Keep showing the broken network of a refused knob, if there still is one."""
        self.draft.broken = name if self.too_small(name) else ""

    def _remember(self) -> None:
        self.history.let_go(self._state)
        self.history.remember(self._state)

    def _go(self, where: Callable[[State], State | None]) -> None:
        self.history.let_go(self._state)
        if state := where(self._state):
            self._place(*state)

    def _place(self, preset: Preset, spec: Spec) -> None:
        """Put a spec into the draft of its family, unless a teacher has locked the network."""
        if not classroom.is_locked(NETWORK):
            self._put(preset, spec)

    def _put(self, preset: Preset, spec: Spec) -> None:
        """Put a spec into the draft of its family, and show it in new widgets."""
        if preset != self.preset:
            self.look = self.look.at(None)
        self.family = spec.family
        self.drafts[spec.family] = Draft(preset, spec)
        self.generation += 1

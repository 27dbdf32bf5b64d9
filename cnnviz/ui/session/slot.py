"""A slot: one network that a session works on, with its past, its look and its address.

Each family has a draft of its own, so that going to another family and back changes no knob. A
draft holds what the widgets show, which may be refused, and the last spec that could be built.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import partial

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnnviz.families import Preset, Spec
from cnnviz.knobs import Knob, Problem, SpecError, Value, format_value
from cnnviz.ui.kit.drags import Drag
from cnnviz.ui.kit.knob_widget import can_hold, is_on_screen, offered, value_of
from cnnviz.ui.kit.words import language, language_in_address
from cnnviz.ui.session import address, look_address
from cnnviz.ui.session.draft import Draft
from cnnviz.ui.session.history import History, State
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Subject
from cnnviz.zoo import FAMILIES, PRESETS

DEFAULT = "densenet-121"


@dataclass
class Slot:
    """One network that a session works on; a session may have several, each by its name.

    A callback is given the key of its widget and acts only if that widget is on screen: a browser
    also reports what replaced widgets hold.

    Args:
        name: "main", or what begins the widgets' keys and the address's parameters: "n1" makes
            "n1.growth_rate". It has no dot, and is no family's name.
        notes: what the address asked for and did not get.
        generation: goes up when the widgets are to show other values than the user gave them.
        history: what undo and redo go through.
        look: of the last spec that could be built.
        broken_look: of a network that breaks, and which that is.
        asked: the look that the address asks for, which waits for the network's report.
    """

    name: str
    family: str
    drafts: dict[str, Draft]
    notes: list[Problem] = field(default_factory=list)
    generation: int = 0
    history: History = field(default_factory=History)
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
        """The knobs of the network on screen that differ from the preset."""
        return self.spec.differences(self.preset.spec)

    def key(self, part: str) -> str:
        """The key of a widget of this slot; those of the main one have plain names."""
        return part if self.name == address.MAIN else f"{self.name}.{part}"

    def widget_key(self, knob: Knob) -> str:
        """The key of the knob's widget; a new generation is a new widget, which starts anew.

        So is another language: a browser names an option by its label.
        """
        return self.key(f"{self.family}.{knob.name}.{language()}.{self.generation}")

    def widget_value(self, knob: Knob) -> object:
        """What the knob's widget shows: the value, tuples as text, or what was refused."""
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
        """Show the family that the widget `key` names, as it was left."""
        chosen = offered(key, self.family_key, FAMILIES)
        if chosen not in (None, self.family):
            self._remember()
            self.family = chosen

    def choose_preset(self, key: str) -> None:
        """Set every knob to the preset that the widget `key` names."""
        chosen = offered(key, self.preset_key, PRESETS)
        if chosen not in (None, self.preset.name):
            self.show(PRESETS[chosen], PRESETS[chosen].spec)

    def turn(self, knob: Knob, key: str) -> None:
        """Take over what the user did to the knob's widget; what cannot be built is refused."""
        if is_on_screen(key, self.widget_key(knob)) and can_hold(knob, st.session_state[key]):
            self.history.let_go(self._state, but=key)
            self._take_over(knob, st.session_state[key])
            self.history.let_go(self._state)

    def drag(self, knob: Knob, drag: Drag) -> None:
        """Turn a knob while its slider is dragged: one step of undo, however far it goes."""
        on_screen = is_on_screen(drag.slider, self.widget_key(knob))
        if on_screen and self.history.follow(drag, self._state):
            self._take_over(knob, drag.value)
            if drag.ended:
                self.history.let_go(self._state)

    def turn_elsewhere(self, knob: Knob, text: str) -> None:
        """Turn a knob by something else than its widget, which then shows the new value, too."""
        self.history.let_go(self._state)
        self._take_over(knob, text)
        self.generation += 1

    def reset(self, knob: Knob | None = None) -> None:
        """Put one knob, or all of them, back to the preset's value."""
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

    def undo(self) -> None:
        self._go(self.history.undo)

    def redo(self) -> None:
        self._go(self.history.redo)

    def dismiss_notes(self) -> None:
        self.notes = []

    def too_small(self, name: str) -> tuple[Spec, int | None] | None:
        """What the knob asks for, if nothing but the image refuses it; see `Spec.too_small`."""
        if name not in self.draft.refused:
            return None
        raw, _ = self.draft.refused[name]
        with suppress(SpecError):
            return self.spec.too_small(**{name: value_of(self.spec.knob(name), raw)})
        return None

    def show_broken(self, name: str = "") -> None:
        """Show the network that the refused knob asks for; without a name, the last valid one."""
        self.draft.broken = name

    @property
    def broken(self) -> tuple[Spec, int | None] | None:
        """The network that breaks and is shown, as `too_small` gives it; None for none."""
        return self.too_small(self.draft.broken)

    def subject(self) -> Subject:
        """What is shown: the network that breaks, if that was asked for, else the valid one."""
        if found := self.broken:
            return Subject.broken(self.preset, found[0])
        return Subject.of(self.preset, self.spec)

    def look_at(self, subject: Subject) -> Look:
        """How the slot looks at what it shows; what breaks at first at the layer that fails."""
        if subject.breaks and (self.broken_look is None or self.broken_look[0] != subject.spec):
            start = Look(counting=self.look.counting, colour_by=self.look.colour_by)
            last = subject.report.layers[-1].name
            self.broken_look = subject.spec, start.reaching(subject.report, last)
        look = self.broken_look[1] if subject.breaks else self.look
        if self.asked:
            asked, self.asked = self.asked, {}
            look, problems = look_address.read_look(asked, subject.report, look)
            self.notes = [*self.notes, *problems]
            self._keep(subject, look)
        return look

    def link(self) -> dict[str, str]:
        """The query parameters of how the slot looks at what it shows."""
        subject = self.subject()
        parameters = look_address.write_look(self.look_at(subject), subject.report)
        if subject.breaks:
            raw, _ = self.draft.refused[self.draft.broken]
            parameters[look_address.BREAKS] = f"{self.draft.broken}:{raw}"
        return parameters

    def looking(self, subject: Subject) -> tuple[Look, Callable[[Look], None]]:
        """How the slot looks at what it shows, and what takes over another look at it."""
        look = self.look_at(subject)
        return look, partial(self.see, subject, look)

    def see(self, subject: Subject, shown: Look, wanted: Look) -> None:
        """Look at the subject as the user wants to.

        Two clicks may come from one drawing of the page, so that only what they change in `shown`,
        the look that was drawn, is taken over.
        """
        names = [part.name for part in fields(Look)]
        asked = {name: getattr(wanted, name) for name in names}
        changes = {name: part for name, part in asked.items() if part != getattr(shown, name)}
        self._keep(subject, replace(self.look_at(subject), **changes))

    def _keep(self, subject: Subject, look: Look) -> None:
        if subject.breaks:
            self.broken_look = subject.spec, look
        else:
            self.look = look

    def arrive(self, asked: Mapping[str, str]) -> None:
        """Look at the network as the address asks, also at one that breaks."""
        self.asked = {key: text for key, text in asked.items() if key in look_address.KEYS}
        self.look = replace(self.look, colour_by=look_address.read_colour(asked))
        name, _, text = asked.get(look_address.BREAKS, "").partition(":")
        knob = next((knob for knob in self.spec.knobs() if knob.name == name), None)
        if knob is None:
            return
        value = knob.typed(text)
        with suppress(SpecError):
            if self.spec.too_small(**{name: value}):
                self._take_over(knob, text if isinstance(knob.default, tuple) else value)
                self.show_broken(name)

    def _take_over(self, knob: Knob, raw: object) -> None:
        """Turn the knob, and with it those that were refused before and go together with it now."""
        draft = self.draft
        held = {name: before for name, (before, _) in draft.refused.items()} | {knob.name: raw}
        values, problems = {}, {}
        for name, value in held.items():
            try:
                values[name] = value_of(draft.spec.knob(name), value)
            except SpecError as error:
                problems[name] = error.problems[0]
        spec, apart = draft.spec.settle(values)
        problems |= apart
        draft.refused = {name: (held[name], problem) for name, problem in problems.items()}
        if spec != draft.spec:
            if self.history.drag is None:
                self._remember()
            draft.spec = spec
        self._check_broken(draft.broken)

    def _check_broken(self, name: str) -> None:
        """Go on showing what the refused knob asks for, if there is still something to show."""
        self.draft.broken = name if self.too_small(name) else ""

    def _remember(self) -> None:
        self.history.let_go(self._state)
        self.history.remember(self._state)

    def _go(self, where: Callable[[State], State | None]) -> None:
        self.history.let_go(self._state)
        if state := where(self._state):
            self._place(*state)

    def _place(self, preset: Preset, spec: Spec) -> None:
        """Show a spec: in the draft of its family and in new widgets."""
        if preset != self.preset:
            self.look = self.look.at(None)
        self.family = spec.family
        self.drafts[spec.family] = Draft(preset, spec)
        self.generation += 1


def current(
    name: str = address.MAIN, *, own: Collection[str] = (), with_look: bool = False
) -> Slot:
    """The session's slot of a name; a new one, or one led elsewhere by Back, reads the address.

    Args:
        own: the page's own parameters of the address, which are not the network's.
        with_look: whether the page's address says how the network is looked at.
    """
    key = f"slot.{name}"
    asked = st.query_params.to_dict()
    slot, arrived = st.session_state.get(key), False
    if slot is None:
        preset, spec, notes = address.read_slot(name, asked, DEFAULT, own)
        starts = {family: declared.presets[0] for family, declared in FAMILIES.items()}
        drafts = {family: Draft(start, start.spec) for family, start in starts.items()}
        drafts[spec.family] = Draft(preset, spec)
        look = Look(counting=address.read_counting(asked))
        slot = Slot(name, spec.family, drafts, notes, look=look)
        st.session_state[key] = slot
        arrived = True
    elif get_script_run_ctx().is_history_navigation and address.speaks_of(name, asked, own):
        preset, spec, slot.notes = address.read_slot(name, asked, slot.preset.name, own)
        slot.look = replace(slot.look, counting=address.read_counting(asked))
        slot.show(preset, spec)
        arrived = True
    if arrived and with_look:
        slot.arrive(asked)
    return slot


def show_address(*slots: Slot, look: Mapping[str, str] | None = None, **own: str) -> None:
    """Put networks into the browser's address, and what else the page keeps there.

    Another network is an entry of the browser's history, another look is none: see `look_address`.
    While a slider is dragged the address stays, so that a drag is one entry.

    Args:
        look: parameters that go with a new entry.
    """
    if any(slot.history.drag for slot in slots):
        return
    networks: dict[str, str] = {}
    for slot in slots:
        networks |= address.write_slot(slot.name, slot.preset.name, slot.spec)
    parameters = {**networks, **own, **language_in_address()}
    there = st.query_params.to_dict()
    if {key: text for key, text in there.items() if key not in look_address.KEYS} != parameters:
        st.query_params.from_dict({**parameters, **(look or {})})

"""What a session sweeps: the knobs with their values, the measure, and the address of it all."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from cnnviz.knobs import Problem, SpecError
from cnnviz.sweeps.proposal import proposed_knob, proposed_values
from cnnviz.sweeps.sweep import Sweep, typed_sweep
from cnnviz.text import Text, nearest
from cnnviz.ui.kit.run_context import is_led
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.sweeps.measures import ALL, MEASURES
from cnnviz.zoo import FAMILIES

AXES = ("x", "y")  # parameters of the address: x=growth_rate:12:48:12
VIEWS = ("sweep", "front")
OWN = (*AXES, "show", "view")
_STATE = "sweeps.grid"
Typed = tuple[str, str]  # a knob's name, and its values as they are typed


@dataclass
class Grid:
    """The sweep of a session.

    Args:
        over: by family, one or two knobs.
        measure: one of `ALL`.
        view: one of `VIEWS`.
        stopped: a sweep that the user has stopped.
    """

    over: dict[str, list[Typed]] = field(default_factory=dict)
    measure: str = next(iter(MEASURES))
    view: str = VIEWS[0]
    stopped: Sweep | None = None

    def typed(self, slot: Slot) -> list[Typed]:
        """The knobs that are swept, with their values as they were typed."""
        if slot.family not in self.over:
            knob = proposed_knob(slot.spec)
            self.over[slot.family] = [(knob.name, _proposed(slot, knob.name))]
        return self.over[slot.family]

    def sweep(self, slot: Slot) -> Sweep:
        """The sweep of the network in the slot.

        Raises:
            SpecError: with every problem of the values.
        """
        return typed_sweep(slot.spec, [f"{name}={text}" for name, text in self.typed(slot)])

    def choose(self, slot: Slot, place: int, name: str | None) -> None:
        """Sweep another knob at a place; None takes the second one away."""
        over = self.typed(slot)
        kept = over[:place] if name is None else [*over[:place], (name, _proposed(slot, name))]
        self.over[slot.family] = kept if name is None else [*kept, *over[place + 1 :]]

    def write(self, slot: Slot, place: int, text: str) -> None:
        """Take over the values that were typed for the knob at a place."""
        over = self.typed(slot)
        self.over[slot.family] = [
            (name, text if number == place else before)
            for number, (name, before) in enumerate(over)
        ]

    def query(self, slot: Slot) -> dict[str, str]:
        """The page as parameters of the address."""
        over = {
            key: f"{name}:{text}" for key, (name, text) in zip(AXES, self.typed(slot), strict=False)
        }
        measure = {} if self.measure == next(iter(MEASURES)) else {"show": self.measure}
        view = {} if self.view == VIEWS[0] else {"view": self.view}
        return {**over, **measure, **view}


def _proposed(slot: Slot, name: str) -> str:
    presets = FAMILIES[slot.family].presets
    return proposed_values(slot.spec, slot.spec.knob(name), [one.spec for one in presets])


def current(slot: Slot) -> Grid:
    """The session's grid; a new session, or Back, reads the address."""
    asked = st.query_params.to_dict()
    grid: Grid | None = st.session_state.get(_STATE)
    if grid is None or (is_led() and AXES[0] in asked):
        grid = st.session_state[_STATE] = _read(slot, asked, grid or Grid())
    return grid


def _read(slot: Slot, asked: Mapping[str, str], grid: Grid) -> Grid:
    """Take over what an address asks for; what cannot be is said and left out."""
    notes: list[Problem] = []
    grid.measure = _one_of("show", asked, tuple(ALL), notes)
    grid.view = _one_of("view", asked, VIEWS, notes)
    typed: list[Typed] = []
    for key in AXES:
        name, _, text = asked.get(key, "").partition(":")
        if not name:
            continue
        try:
            typed_sweep(slot.spec, [f"{name}={text}"])
            typed.append((name, text))
        except SpecError as error:
            notes += error.problems
    if typed:
        grid.over[slot.family] = typed
    slot.notes = [*slot.notes, *notes]
    return grid


def _one_of(
    key: str, asked: Mapping[str, str], known: tuple[str, ...], notes: list[Problem]
) -> str:
    wanted = asked.get(key, known[0])
    if wanted in known:
        return wanted
    message = Text(
        "{key} {wanted!r} does not exist; the nearest are {close}. {default} is shown.",
        "{key} {wanted!r} 不存在；最接近的有 {close}。现在显示 {default}。",
    )
    values = {"wanted": wanted[:60], "close": nearest(wanted, known), "default": known[0]}
    notes.append(Problem.of(key, message, key=key, **values))
    return known[0]

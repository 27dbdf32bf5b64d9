"""A race: the network on screen against variants of it, with one recipe, one seed, one data set."""

from functools import lru_cache

import streamlit as st

from cnnviz.families import Spec
from cnnviz.knobs import SpecError, Value, format_value
from cnnviz.ui.kit.words import knob_mark, t
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.training import form as state
from cnnviz.ui.training import runs
from cnnviz.ui.training.form import Form
from cnnviz.zoo import FAMILIES, PRESETS

_MOST = runs.MOST_COMPARED - 1  # rivals: all are to fit on one chart


@lru_cache(maxsize=64)
def rivals(preset: str, spec: Spec) -> dict[str, tuple[str, Spec]]:
    """Return a network's possible rivals by a stable name: one knob turned, or a preset.

    Those of its own family come first.

    A knob is turned to each of its other choices, a slider with fractions to its ends.
    """
    found: dict[str, tuple[str, Spec]] = {}
    for knob in spec.knobs():
        values: tuple[Value, ...] = knob.choices
        if knob.slider and isinstance(knob.default, float):
            values = knob.extremes
        for value in values:
            try:
                variant = spec.turn(**{knob.name: value})
            except SpecError:
                continue  # this choice does not go with the other knobs
            if variant != spec:
                found[f"{knob.name}={format_value(value)}"] = (preset, variant)
    for other in (*FAMILIES[spec.family].presets, *PRESETS.values()):
        if other.spec != spec:
            found[other.name] = (other.name, other.spec)
    return found


def race(slot: Slot, form: Form) -> None:
    """Draw the choice of rivals and the button that starts them all."""
    known = rivals(slot.preset.name, slot.spec)
    keys = [f"rival{n}.{slot.preset.name}.{hash(slot.spec)}" for n in range(_MOST)]

    def begin() -> None:
        names = dict.fromkeys(filter(None, map(st.session_state.get, keys)))
        rivals = [known[name] for name in names]
        jobs = state.begin([(slot.preset.name, slot.spec), *rivals])
        if jobs:
            runs.compare(tuple(job.id for job in jobs))

    with st.expander(t("race.title")):
        st.caption(t("race.intro"))
        # a choice of several at once stays open, and swallows the click on the button below it
        chosen: list[str | None] = []
        for number, key in enumerate(keys, start=1):
            if number > 2 and chosen[-1] is None:
                break  # one more box as soon as those that are there are filled
            chosen.append(
                st.selectbox(
                    t("race.rival", number=number),
                    list(known),
                    index=None,
                    key=key,
                    format_func=lambda name: _label(slot, name, known),
                    placeholder=t("race.placeholder"),
                )
            )
        st.button(
            t("race.start"),
            key="race",
            width="stretch",
            disabled=not any(chosen) or bool(form.refused),
            on_click=begin,
        )


def _label(slot: Slot, name: str, known: dict[str, tuple[str, Spec]]) -> str:
    """A rival as the knob that is turned, else as its preset."""
    if name in PRESETS:
        return name
    knob = slot.spec.knob(name.partition("=")[0])
    return knob_mark(knob, getattr(known[name][1], knob.name))

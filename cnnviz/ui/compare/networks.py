"""Which networks are compared: a slot each, named n1 to n6 in the session and in the address."""

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnnviz.families import Preset, Spec
from cnnviz.ui.session import slot
from cnnviz.ui.session.slot import Slot
from cnnviz.zoo import FAMILIES, PRESETS

NAMES = tuple(f"n{number}" for number in range(1, 7))
LEAST = 2
_KEY = "compared"
_FIRST = ("resnet-18", "densenet-121")  # of a session that brings none


def current() -> list[Slot]:
    """The session's slots in their order; a new session, or Back, has those of the address."""
    led = get_script_run_ctx().is_history_navigation
    named = [name for name in NAMES if name in st.query_params]
    if _KEY not in st.session_state or (led and named):
        if named:
            st.session_state[_KEY] = named
        else:
            replace([(PRESETS[name], PRESETS[name].spec) for name in _FIRST])
    slots = [slot.current(name) for name in st.session_state[_KEY]]
    while len(slots) < LEAST:
        slots.append(_add(*_relative(slots[-1])))
    return slots


def replace(networks: list[tuple[Preset, Spec]]) -> None:
    """Compare these networks and no others."""
    st.session_state[_KEY] = list(NAMES[: len(networks)])
    for name, (preset, spec) in zip(NAMES, networks, strict=False):
        slot.current(name).show(preset, spec)


def bring(network: Slot) -> None:
    """Compare a network of another page with its preset or, if it is that, the family's next."""
    replace([(network.preset, network.spec), _relative(network)])


def add() -> None:
    """Compare with one network more: a relative of the last, to begin with."""
    last = slot.current(st.session_state[_KEY][-1])
    _add(*_relative(last))


def remove(name: str) -> None:
    """Compare without one of the networks."""
    names = st.session_state[_KEY]
    if name in names and len(names) > LEAST:
        names.remove(name)


def _add(preset: Preset, spec: Spec) -> Slot:
    names = st.session_state[_KEY]
    free = next(name for name in NAMES if name not in names)
    added = slot.current(free)
    added.show(preset, spec)
    names.append(free)
    return added


def _relative(of: Slot) -> tuple[Preset, Spec]:
    """The preset that a turned network started from, else the next one, of its family if it can."""
    if of.turned:
        return of.preset, of.preset.spec
    presets = FAMILIES[of.family].presets
    among = presets if len(presets) > 1 else tuple(PRESETS.values())
    following = among[(among.index(of.preset) + 1) % len(among)]
    return following, following.spec


def titles(slots: list[Slot]) -> tuple[str, ...]:
    """What the networks are called: by their presets, with a number where two have the same."""
    names = [slot.preset.name + ("*" if slot.turned else "") for slot in slots]
    return tuple(
        name if names.count(name) == 1 else f"{number} · {name}"
        for number, name in enumerate(names, start=1)
    )

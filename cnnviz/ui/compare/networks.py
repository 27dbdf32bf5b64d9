"""The compared networks: slots named n1 to n6 in the session and in the address."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from cnnviz.families import Preset, Spec
from cnnviz.ui.kit.run_context import is_led
from cnnviz.ui.session import address, slots
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.parameters import left_out
from cnnviz.ui.session.slot import Slot
from cnnviz.zoo import FAMILIES, PRESETS

NAMES = tuple(f"n{number}" for number in range(1, 7))
LEAST = 2
_KEY = "compared"
_FIRST = ("resnet-18", "densenet-121")  # of a new session without any in its address


def current() -> list[Slot]:
    """The session's slots in order; a new session, and Back, read them from the address."""
    asked = st.query_params.to_dict()
    named = [name for name in NAMES if name in asked]
    arrives = _KEY not in st.session_state or is_led()
    if _KEY not in st.session_state or (arrives and named):
        if named:
            st.session_state[_KEY] = named
        else:
            put([(PRESETS[name], PRESETS[name].spec) for name in _FIRST])
    found = _slots()
    if arrives:
        others = {key: text for key, text in asked.items() if key.partition(".")[0] not in named}
        found[0].notes += address.counting_problems(asked)
        found[0].notes += left_out(others, "/compare", (*NAMES, "count", "v"))
    while len(found) < LEAST:
        found.append(_add(*_relative(found[-1])))
    _count_alike(found, found[0].look)
    return found


def _slots() -> list[Slot]:
    return [slots.current(name) for name in st.session_state[_KEY]]


def count_alike(look: Look) -> None:
    """Count operations of all networks as in this look."""
    _count_alike(_slots(), look)


def _count_alike(found: list[Slot], look: Look) -> None:
    for one in found:
        one.look = replace(one.look, counting=look.counting)


def put(networks: list[tuple[Preset, Spec]]) -> None:
    """Compare these networks and no others."""
    st.session_state[_KEY] = list(NAMES[: len(networks)])
    for name, (preset, spec) in zip(NAMES, networks, strict=False):
        slots.current(name).show(preset, spec)


def bring(network: Slot, other: tuple[Preset, Spec]) -> None:
    """Compare a network of another page with `other`; operations are counted as on that page."""
    put([(network.preset, network.spec), other])
    count_alike(network.look)


def offered(network: Slot) -> dict[str, tuple[Preset, Spec]]:
    """One-click choices to compare a network with: "preset", "before" and "next".

    A network with turned knobs has its preset, one with a history its previous state, and each the
    next preset of its family.
    """
    found: dict[str, tuple[Preset, Spec]] = {}
    if network.turned:
        found["preset"] = network.preset, network.preset.spec
    past = network.history.past
    before = past[-1] if past else None
    if before and before[1] not in (network.spec, *(spec for _, spec in found.values())):
        found["before"] = before
    found["next"] = _next(network.preset)
    return found


def add() -> None:
    """Add a network: at first a relative of the last one."""
    last = slots.current(st.session_state[_KEY][-1])
    _add(*_relative(last))


def remove(name: str) -> None:
    """Remove a network, unless only two are left."""
    names = st.session_state[_KEY]
    if name in names and len(names) > LEAST:
        names.remove(name)


def _add(preset: Preset, spec: Spec) -> Slot:
    names = st.session_state[_KEY]
    free = next(name for name in NAMES if name not in names)
    added = slots.current(free)
    added.show(preset, spec)
    names.append(free)
    return added


def _relative(of: Slot) -> tuple[Preset, Spec]:
    """The preset of a network with turned knobs, else the next preset."""
    return (of.preset, of.preset.spec) if of.turned else _next(of.preset)


def _next(preset: Preset) -> tuple[Preset, Spec]:
    """The next preset of the family; of all presets, if the family has only one."""
    presets = FAMILIES[preset.spec.family].presets
    among = presets if len(presets) > 1 else tuple(PRESETS.values())
    following = among[(among.index(preset) + 1) % len(among)]
    return following, following.spec


def titles(found: Sequence[Slot]) -> tuple[str, ...]:
    """Names of the networks: their presets, numbered where two share one, starred if turned."""
    names = [slot.preset.name + ("*" if slot.turned else "") for slot in found]
    return tuple(
        name if names.count(name) == 1 else f"{number} · {name}"
        for number, name in enumerate(names, start=1)
    )

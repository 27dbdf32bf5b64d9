"""The slots of a session: in its state, and in the browser's address."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

import streamlit as st

from cnnviz.ui.kit.run_context import is_led
from cnnviz.ui.kit.words import language_in_address
from cnnviz.ui.session import address, classroom, look_address
from cnnviz.ui.session.draft import Draft
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.slot import Slot
from cnnviz.zoo import FAMILIES

DEFAULT = "densenet-121"
_NOTHING: Mapping[str, str] = MappingProxyType({})


def current(
    name: str = address.MAIN, *, own: Collection[str] = (), with_look: bool = False
) -> Slot:
    """The session's slot of a name; a new slot reads the address, as does any slot after Back.

    Where a teacher has locked the network, it is the teacher's, whatever the address says.

    Args:
        own: parameters of the address that belong to the page, not to a network.
        with_look: whether the page's address holds a look.
    """
    key = f"slot.{name}"
    if with_look:
        own = (*own, *look_address.KEYS)
    pinned = classroom.pinned()
    asked = st.query_params.to_dict() if pinned is None else pinned
    slot: Slot | None = st.session_state.get(key)
    arrived = False
    if slot is None:
        preset, spec, notes = address.read_slot(name, asked, DEFAULT, own)
        starts = {family: declared.presets[0] for family, declared in FAMILIES.items()}
        drafts = {family: Draft(start, start.spec) for family, start in starts.items()}
        drafts[spec.family] = Draft(preset, spec)
        look = Look(counting=address.read_counting(asked))
        slot = Slot(name, spec.family, drafts, [] if pinned else notes, look=look)
        st.session_state[key] = slot
        arrived = True
    elif is_led() and address.speaks_of(name, asked, own):
        preset, spec, slot.notes = address.read_slot(name, asked, slot.preset.name, own)
        slot.look = replace(slot.look, counting=address.read_counting(asked))
        if pinned is None:
            slot.show(preset, spec)
        else:
            slot.pin(preset, spec)
        arrived = True
    elif pinned and address.speaks_of(name, pinned, own):
        slot.pin(*address.read_slot(name, pinned, DEFAULT, own)[:2])
    if arrived and with_look:
        slot.arrive(asked)
    return slot


def show_address(
    *slots: Slot, own: Mapping[str, str] = _NOTHING, look: Mapping[str, str] | None = None
) -> None:
    """Put networks and the page's own parameters into the browser's address.

    Another network makes an entry in the browser's history, another look does not (see
    `look_address`). The address stays while a slider is dragged, so that a drag makes one entry.

    Args:
        own: the page's own parameters.
        look: parameters that are added to a new entry; None on a page that has none.
    """
    if any(slot.history.drag for slot in slots):
        return
    networks: dict[str, str] = {}
    for slot in slots:
        networks |= address.write_slot(slot.name, slot.preset.name, slot.spec)
    parameters = {**networks, **own, **language_in_address()}
    there = st.query_params.to_dict()
    looks = () if look is None else look_address.KEYS
    if {key: text for key, text in there.items() if key not in looks} != parameters:
        st.query_params.from_dict({**parameters, **(look or {})})

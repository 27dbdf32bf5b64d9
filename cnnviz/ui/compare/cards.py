"""The row of networks at the top of the page, with buttons to add, remove and replace them."""

import streamlit as st

from cnnviz.ui.architecture.headline import counting_choice
from cnnviz.ui.compare import networks
from cnnviz.ui.compare.measured import device_choice
from cnnviz.ui.compare.sets import SETS
from cnnviz.ui.compare.sets import networks as networks_of
from cnnviz.ui.kit.words import as_markdown, knob_mark, language, say, t
from cnnviz.ui.session.slot import Slot

_MARKS = 3  # knobs named on a card
_NARROW = 4  # from so many cards on, each has room for a name only


def choice(slots: list[Slot]) -> Slot:
    """Let the user choose whose knobs the sidebar shows."""
    by_name = {slot.name: slot for slot in slots}
    name = st.segmented_control(
        t("beside.turn"),
        list(by_name),
        default=slots[0].name,
        required=True,
        key="beside.turn",
        format_func=lambda name: f"{list(by_name).index(name) + 1} · {by_name[name].preset.name}",
        help=t("beside.turn_help"),
    )
    return by_name.get(name, slots[0])


def cards(slots: list[Slot]) -> str | None:
    """Show the networks with their turned knobs, and let the user add, remove and replace them.

    The boxes beside choose how the page counts operations and on which device it measures.

    Returns:
        The device; None until the live worker has looked for devices.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", key="beside-actions"):
        st.button(
            t("beside.add"),
            key="beside.add",
            on_click=networks.add,
            disabled=len(slots) == len(networks.NAMES),
            help=t("beside.add_help", most=len(networks.NAMES)),
        )
        with st.popover(t("beside.sets")):
            for number, (title, names) in enumerate(SETS.items()):
                st.button(
                    say(title),
                    key=f"beside.set.{number}",
                    on_click=networks.put,
                    args=(networks_of(names),),
                    help=", ".join(names),
                    width="stretch",
                )
        with st.container(width=240):
            counting_choice(slots[0].look, networks.count_alike, f"beside.counting.{language()}")
        device = device_choice()
    for number, (column, slot) in enumerate(
        zip(st.columns(len(slots), gap="small"), slots, strict=True), start=1
    ):
        with column, st.container(border=True, key=f"beside-card-{slot.name}"):
            _card(slot, number, of=len(slots))
    return device


def _card(slot: Slot, number: int, *, of: int) -> None:
    marks = [knob_mark(slot.spec.knob(name), value) for name, value in slot.turned.items()]
    more = [f"+ {len(marks) - _MARKS}"] if marks[_MARKS:] else []
    badges = [f":orange-badge[✎ {mark}]" for mark in [*marks[:_MARKS], *more]]
    said = " ".join(badges) or (f":gray[{t('beside.as_published')}]" if of < _NARROW else "")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        title = f"**{number} · {as_markdown(slot.preset.name)}**"
        st.markdown(f"{title} {said}", width="stretch")
        st.button(
            t("beside.remove", name=slot.preset.name),
            key=slot.key("remove"),
            type="tertiary",
            on_click=networks.remove,
            args=(slot.name,),
            disabled=of == networks.LEAST,
            help=t("beside.remove", name=slot.preset.name),
        )
    if slot.draft.refused:
        st.markdown(f":orange[▲ {t('beside.refused')}]")

"""Messages above the network: first steps, and wishes that could not be fulfilled."""

import streamlit as st

from cnnviz.ui.kit.assets import asset
from cnnviz.ui.kit.words import say, say_problem, t
from cnnviz.ui.session.slot import Slot

_NOTES = 10  # most notes that are listed one by one

_hint = st.components.v2.component(
    "cnnviz_hint", html=asset("hint.html"), css=asset("hint.css"), js=asset("hint.js")
)


def first_visit() -> None:
    """Show a newcomer three first steps until they are dismissed in this browser."""
    steps = [t(f"hint.step{number}") for number in (1, 2, 3)]
    _hint(key="hint", data={"steps": steps, "dismiss": t("hint.dismiss")})


def address_notes(slot: Slot) -> None:
    """List the parts of the address that were left out, until the list is dismissed."""
    if not slot.notes:
        return
    lines = [f"- {say_problem(note)}" for note in slot.notes[:_NOTES]]
    if slot.notes[_NOTES:]:
        lines.append(f"- {t('address.more', count=len(slot.notes) - _NOTES)}")
    with st.container(horizontal=True, vertical_alignment="top"):
        st.warning("\n".join([t("address.notes"), *lines]))
        st.button(
            t("address.dismiss"),
            key=slot.key("dismiss"),
            on_click=slot.dismiss_notes,
            help=t("address.dismiss"),
        )


def refusal_notice(slot: Slot) -> None:
    """Warn that the network on screen differs from what some knobs show."""
    labels = [say(slot.spec.knob(name).label) for name in slot.draft.refused]
    st.markdown(f":orange[▲ {t('refused.notice', knobs=t('refused.and').join(labels))}]")

"""Messages above the network: first steps, and a knob that could not be taken over."""

import streamlit as st

from cnnviz.ui.kit.assets import asset
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.session.slot import Slot

_hint = st.components.v2.component(
    "cnnviz_hint", html=asset("hint.html"), css=asset("hint.css"), js=asset("hint.js")
)


def first_visit() -> None:
    """Show a newcomer three first steps until they are dismissed in this browser."""
    steps = [t(f"hint.step{number}") for number in (1, 2, 3)]
    _hint(key="hint", data={"steps": steps, "dismiss": t("hint.dismiss")})


def refusal_notice(slot: Slot) -> None:
    """Warn that the network on screen differs from what some knobs show."""
    labels = [say(slot.spec.knob(name).label) for name in slot.draft.refused]
    st.markdown(f":orange[▲ {t('refused.notice', knobs=t('refused.and').join(labels))}]")

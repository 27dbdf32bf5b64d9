"""The message above a network whose image is too small; the graph ends at the failing layer."""

import streamlit as st

from cnnviz.ui.kit.words import as_markdown, say, t
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.session.subject import failure


def broken_view(slot: Slot) -> None:
    """Name the failing layer of a broken network and the reason, and offer the way back."""
    if slot.broken is None:
        return
    spec, smallest = slot.broken
    message, _ = failure(spec)
    remedy = t("broken.smallest", size=smallest)
    if smallest is None:
        remedy = t("broken.too_large", size=spec.knob("image_size").bounds[1])
    sentence, back = st.columns([7, 3], vertical_alignment="center")
    sentence.error(f"**✕ {as_markdown(say(message))}** {remedy}")
    back.button(
        t("broken.back"),
        key=slot.key("broken.back"),
        on_click=slot.show_broken,
        width="stretch",
    )
    st.caption(t("broken.scope"))

"""What the address asked for and did not get, above the page."""

from typing import Protocol

import streamlit as st

from cnnviz.knobs import Problem
from cnnviz.ui.kit.words import say_problem, t

_MOST = 10  # notes that are listed one by one


class Noted(Protocol):
    """What holds the problems of the address by which the visitor has come."""

    notes: list[Problem]


def address_notes(noted: Noted, key: str) -> None:
    """List the parts of the address that were left out, until the list is dismissed.

    Args:
        key: of the button that dismisses it.
    """
    if not noted.notes:
        return

    def dismiss() -> None:
        noted.notes = []

    lines = [f"- {say_problem(note)}" for note in noted.notes[:_MOST]]
    if noted.notes[_MOST:]:
        lines.append(f"- {t('address.more', count=len(noted.notes) - _MOST)}")
    with st.container(horizontal=True, vertical_alignment="top"):
        st.warning("\n".join([t("address.notes"), *lines]))
        st.button(
            t("address.dismiss"),
            key=key,
            on_click=dismiss,
            help=t("address.dismiss"),
        )

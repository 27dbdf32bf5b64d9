"""The device that networks are built, run and trained on: one choice for the whole session."""

from dataclasses import dataclass

import streamlit as st

from cnnviz.ui import live_client
from cnnviz.ui.words import as_markdown, t

_KEY = "device_choice"
_CPU = {"cpu": "CPU"}  # what there is in any case


@dataclass
class _Choice:
    """A session's device.

    Args:
        widget: the key of the widget that it was chosen with; other devices are another widget.
        gone: the device that was chosen before, if it was there and is not any more.
    """

    device: str
    widget: str
    gone: str = ""


def select_device(place, **options: object) -> str:
    """Draw the selector and return the device; `options` are Streamlit's for a selectbox.

    Until the live worker has looked for devices there is only the CPU, and no choice.
    """
    names = live_client.devices().names()
    shown = names or _CPU
    before = st.session_state.get(_KEY)
    known = list(shown).index(before.device) if before and before.device in shown else 0
    key = f"device.{'.'.join(names or ['unknown'])}"
    device = place.selectbox(
        t("live.device"),
        list(shown),
        index=known,
        format_func=lambda name: name if name == "cpu" else f"{shown[name]} ({name})",
        key=key,
        disabled=names is None,
        **options,
    )
    if names is None:
        _draw_again_when_known()
        return device
    gone = _gone(before, device, shown)
    st.session_state[_KEY] = _Choice(device, key, gone)
    if gone:
        st.warning(t("live.gone", device=gone, now=as_markdown(shown[device])))
    return device


def _gone(before: _Choice | None, device: str, shown: dict[str, str]) -> str:
    """The device that the session lost, until it chooses another one or that one is back."""
    if before is None:
        return ""
    if before.device not in shown:
        return before.device
    return before.gone if before.device == device and before.gone not in shown else ""


@st.fragment(run_every=live_client.POLL)
def _draw_again_when_known() -> None:
    if is_known():
        st.rerun()


def is_known() -> bool:
    """Whether the live worker has looked for devices yet."""
    return live_client.devices().names() is not None


def chosen_device() -> str:
    """The device of the selector, also in a callback that comes before the page is drawn."""
    choice = st.session_state.get(_KEY)
    return st.session_state.get(choice.widget, choice.device) if choice else "cpu"


def device_name(device: str) -> str:
    """What the maker calls it."""
    return (live_client.devices().names() or _CPU).get(device, device)

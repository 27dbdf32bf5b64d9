"""The device that networks are built, run and trained on: one choice for the whole session."""

from dataclasses import dataclass

import streamlit as st

from cnnviz.ui import live_client
from cnnviz.ui.polling import every
from cnnviz.ui.words import as_markdown, t

_KEY = "device_choice"
_CPU = {"cpu": "CPU"}  # what there is in any case


@dataclass
class _Choice:
    """A session's device.

    Args:
        offered: the devices that there were.
        generation: goes up when others are offered, which is another widget.
        gone: the device that was chosen before, if it was there and is not any more.
    """

    device: str
    offered: tuple[str, ...]
    generation: int = 0
    gone: str = ""

    @property
    def key(self) -> str:
        return f"device.{self.generation}"


def select_device(place, **options: object) -> str:
    """Draw the selector and return the device; `options` are Streamlit's for a selectbox.

    Until the live worker has looked for devices there is only the CPU, and no choice.
    """
    names = live_client.devices().names()
    shown = names or _CPU
    choice = _offered(tuple(shown)) if names else _Choice("cpu", ("cpu",), generation=-1)
    device = place.selectbox(
        t("live.device"),
        choice.offered,
        index=choice.offered.index(choice.device),
        format_func=lambda name: shown[name] if name == "cpu" else f"{shown[name]} ({name})",
        key=choice.key,
        disabled=names is None,
        **options,
    )
    if names is None:
        _draw_again_when_known()
        return device
    if device != choice.device:
        choice.device, choice.gone = device, ""
    if choice.gone:
        st.warning(t("live.gone", device=choice.gone, now=as_markdown(shown[device])))
    return device


def _offered(devices: tuple[str, ...]) -> _Choice:
    """The session's choice among the devices that there are."""
    before = st.session_state.get(_KEY)
    if before is None:
        st.session_state[_KEY] = _Choice(devices[0], devices)
    elif before.offered != devices:
        lost = before.device if before.device not in devices else before.gone
        st.session_state[_KEY] = _Choice(
            before.device if before.device in devices else devices[0],
            devices,
            before.generation + 1,
            "" if lost in devices else lost,
        )
    return st.session_state[_KEY]


def _draw_again_when_known() -> None:
    @every(live_client.POLL)
    def look() -> None:
        if is_known():
            st.rerun()

    look()


def is_known() -> bool:
    """Whether the live worker has looked for devices yet."""
    return live_client.devices().names() is not None


def chosen_device() -> str:
    """The device of the selector, also in a callback that comes before the page is drawn."""
    choice = st.session_state.get(_KEY)
    return st.session_state.get(choice.key, choice.device) if choice else "cpu"


def device_name(device: str) -> str:
    """What the maker calls it."""
    return (live_client.devices().names() or _CPU).get(device, device)

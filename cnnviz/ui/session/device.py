"""The device that networks are built, run and trained on: one choice for the whole session.

Where jobs run on a cluster, the device to train on is a choice of its own: the live worker is here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import streamlit as st

from cnnviz.training.cluster import Cluster
from cnnviz.ui.kit import live_client
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.words import as_markdown, t

_CPU = {"cpu": "CPU"}  # always present


class Devices(Protocol):
    """The devices on offer: this machine's, or a cluster's."""

    def names(self) -> dict[str, str] | None:
        """The name of each device, GPUs first; None while nobody knows."""

    def free_bytes(self, device: str) -> int:
        """Return the bytes free on the device.

        Raises:
            NoDeviceError: there is no such device.
        """


@dataclass(frozen=True)
class Offer:
    """One of the session's choices.

    Args:
        key: begins those of its widgets, and of the session's state.
    """

    key: str
    devices: Callable[[], Devices]


LIVE = Offer("device", lambda: live_client.devices())  # noqa: PLW0108 (found anew each time)


def for_training() -> Offer:
    """The devices that jobs are run on."""
    cluster = Cluster.read()
    return LIVE if cluster is None else Offer("cluster_device", lambda: cluster)


@dataclass
class _Choice:
    """A session's device.

    Args:
        offer: the key of what it is a choice of.
        offered: the devices that there were.
        generation: goes up when others are offered, which is another widget.
        gone: the device chosen before, if it has vanished.
    """

    offer: str
    device: str
    offered: tuple[str, ...]
    generation: int = 0
    gone: str = ""

    @property
    def key(self) -> str:
        return f"{self.offer}.{self.generation}"


def select_device(place, offer: Offer = LIVE, **options: object) -> str:
    """Draw the selector and return the device; `options` are Streamlit's for a selectbox.

    Until the live worker has looked for devices there is only the CPU, and no choice.
    """
    names = offer.devices().names()
    shown = names or _CPU
    if names:
        choice = _chosen(offer, tuple(shown))
    else:
        choice = _Choice(offer.key, "cpu", ("cpu",), generation=-1)
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


def _state(offer: Offer) -> str:
    return f"{offer.key}_choice"


def _chosen(offer: Offer, devices: tuple[str, ...]) -> _Choice:
    """The session's choice among the devices that there are."""
    key = _state(offer)
    before = st.session_state.get(key)
    if before is None:
        st.session_state[key] = _Choice(offer.key, devices[0], devices)
    elif before.offered != devices:
        lost = before.device if before.device not in devices else before.gone
        st.session_state[key] = _Choice(
            offer.key,
            before.device if before.device in devices else devices[0],
            devices,
            before.generation + 1,
            "" if lost in devices else lost,
        )
    return st.session_state[key]


def _draw_again_when_known() -> None:
    @every(live_client.POLL)
    def look() -> None:
        if is_known():
            st.rerun()

    look()


def is_known() -> bool:
    """Whether the live worker has looked for devices yet."""
    return live_client.devices().names() is not None


def chosen_device(offer: Offer = LIVE) -> str:
    """The device of the selector, also in a callback that comes before the page is drawn."""
    choice = st.session_state.get(_state(offer))
    return st.session_state.get(choice.key, choice.device) if choice else "cpu"


def device_name(device: str) -> str:
    """Return the maker's name of the device."""
    return (live_client.devices().names() or _CPU).get(device, device)

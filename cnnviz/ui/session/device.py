"""The session's device, on which networks are built, run and trained.

With a cluster, training has a device of its own, since the live worker runs on this machine.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal, Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz.training.cluster import Cluster
from cnnviz.ui.kit import live_client
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.words import as_markdown, t

_CPU = {"cpu": "CPU"}  # always present


class Devices(Protocol):
    """The devices on offer: this machine's, or a cluster's."""

    def names(self) -> dict[str, str] | None:
        """The name of each device, GPUs first; None until they are known."""

    def free_bytes(self, device: str) -> int:
        """The free bytes of a device.

        Raises:
            NoDeviceError: there is no such device.
        """


@dataclass(frozen=True)
class Offer:
    """One choice of a device.

    Args:
        key: prefix of its keys in widgets and session state.
    """

    key: str
    devices: Callable[[], Devices]


LIVE = Offer("device", lambda: live_client.devices())  # noqa: PLW0108 (found anew each time)


def for_training() -> Offer:
    """The choice of a device for training."""
    cluster = Cluster.read()
    return LIVE if cluster is None else Offer("cluster_device", lambda: cluster)


@dataclass
class _Choice:
    """A session's device.

    Args:
        offer: key of the offer.
        offered: devices to choose from.
        generation: goes up when other devices are offered, which makes a new widget.
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


def select_device(
    offer: Offer = LIVE,
    *,
    place: DeltaGenerator | None = None,
    help: str,
    label_visibility: Literal["visible", "collapsed"] = "visible",
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """Draw the selector and return the device.

    Until the live worker has looked for devices there is only the CPU, and no choice.

    Args:
        place: column of the selector; None for the current place on the page.
    """
    names = offer.devices().names()
    shown = names or _CPU
    if names:
        choice = _chosen(offer, tuple(shown))
    else:
        choice = _Choice(offer.key, "cpu", ("cpu",), generation=-1)
    with place or nullcontext():
        device = st.selectbox(
            t("live.device"),
            choice.offered,
            index=choice.offered.index(choice.device),
            format_func=lambda name: shown[name] if name == "cpu" else f"{shown[name]} ({name})",
            key=choice.key,
            disabled=names is None,
            help=help,
            label_visibility=label_visibility,
            width=width,
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
    """The session's choice among these devices."""
    key = _state(offer)
    choice: _Choice | None = st.session_state.get(key)
    if choice is None:
        choice = _Choice(offer.key, devices[0], devices)
    elif choice.offered != devices:
        lost = choice.device if choice.device not in devices else choice.gone
        choice = _Choice(
            offer.key,
            choice.device if choice.device in devices else devices[0],
            devices,
            choice.generation + 1,
            "" if lost in devices else lost,
        )
    st.session_state[key] = choice
    return choice


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
    """The device in the selector; callbacks may ask for it before the page is drawn."""
    choice: _Choice | None = st.session_state.get(_state(offer))
    if choice is None:
        return next(iter(offer.devices().names() or _CPU))
    device: str = st.session_state.get(choice.key, choice.device)
    return device


def device_name(device: str) -> str:
    """Return the product name of the device."""
    return (live_client.devices().names() or _CPU).get(device, device)

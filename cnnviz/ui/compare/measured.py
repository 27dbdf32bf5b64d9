"""Measured times, which the live worker takes one network after the other."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import count
from typing import TypeGuard

import streamlit as st

from cnnviz.analysis.real_run import Live, LiveError
from cnnviz.families import Spec
from cnnviz.live.tasks import LiveRun
from cnnviz.ui.kit.live_client import ask, pause
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.session.device import device_name, is_known, select_device


def device_choice() -> str | None:
    """Let the user choose the device; None until the live worker has looked for devices."""
    device = select_device(help=t("live.device_help"), width=260)
    return device if is_known() else None


class Times:
    """Forward time of each network for one image on a device.

    A page has one request at a time in the queue, so that six networks do not delay other sessions.

    Args:
        specs: the networks.
        device: name of the device; None if not known yet.
    """

    def __init__(self, specs: Sequence[Spec], device: str | None):
        self._specs, self._device = specs, device
        self._runs: list[Future[Live] | None] = [None] * len(specs)
        self.look()

    def look(self) -> None:
        """Collect the answers, and ask for the first that is missing."""
        if self._device is None:
            return
        for place, spec in enumerate(self._specs):
            self._runs[place] = run = ask(LiveRun(self._device, spec), f".{place}")
            if not run.done():
                return

    @property
    def are_coming(self) -> bool:
        """Whether answers are still expected; without a device, none are."""
        return self._device is not None and any(not _is_done(run) for run in self._runs)

    @property
    def seconds(self) -> list[float | None]:
        """One a network; None if it is not measured yet or could not be run."""
        return [
            run.result().seconds if _is_done(run) and not run.exception() else None
            for run in self._runs
        ]

    @property
    def cells(self) -> list[str]:
        """Texts in place of missing times; "" where a time is there."""
        return [
            "" if seconds is not None else "▲" if _is_done(run) else f"◌ {t('beside.measuring')}"
            for run, seconds in zip(self._runs, self.seconds, strict=True)
        ]

    def notes(self, names: Sequence[str]) -> list[str]:
        """A sentence for each network that could not be run; `names` are Markdown."""
        return [
            f":orange[▲ {name}: {t('live.refused')}] {say(error.message)}"
            for name, run in zip(names, self._runs, strict=True)
            if _is_done(run) and isinstance(error := run.exception(), LiveError)
        ]

    @property
    def place(self) -> str:
        """The name of the device for the eye."""
        return device_name(self._device) if self._device else "…"


def _is_done(run: Future[Live] | None) -> TypeGuard[Future[Live]]:
    return run is not None and run.done() and not run.cancelled()


def drawn_as_they_come(times: Times, draw: Callable[[], None]) -> None:
    """Draw now, and again until all times are there; a last run of the page stops the timer."""
    if not times.are_coming:
        draw()
        return
    passes = count()

    @every(pause())
    def look() -> None:
        if next(passes):
            times.look()
            if not times.are_coming:
                st.rerun()
        draw()

    look()

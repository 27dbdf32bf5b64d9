"""The live network's line: one worker thread, one run at a time, results shared by all sessions."""

import threading
from collections import OrderedDict
from concurrent.futures import Future
from itertools import count
from queue import Empty, SimpleQueue

import streamlit as st

from cnnviz.analysis.live import LiveError, run_live
from cnnviz.families import Spec
from cnnviz.render.kinds import shape_text
from cnnviz.render.numbers import duration, short
from cnnviz.ui.device import device_name, select_device
from cnnviz.ui.words import say, t

_KEPT = 256
_POLL = 0.3  # seconds
_LOOK_UP = 1.0  # seconds, after which the worker sees whether the server has stopped
_REQUEST = "live_request"


class _Runner:
    """A queue with one worker; equal requests share one run.

    When the server stops, the worker ends the run that it is at and leaves the queue, which an
    executor of the standard library would work through.
    """

    def __init__(self):
        self._queue: SimpleQueue[tuple[Future, Spec, str]] = SimpleQueue()
        self._runs: OrderedDict[tuple[Spec, str], Future] = OrderedDict()
        self._lock = threading.Lock()
        # not a daemon, as the thread that asks may be: torch must not run while Python ends
        threading.Thread(target=self._work, name="live", daemon=False).start()

    def ask(self, spec: Spec, device: str) -> Future:
        with self._lock:
            run = self._runs.get((spec, device))
            if run is None or run.cancelled():
                run = self._runs[spec, device] = Future()
                self._queue.put((run, spec, device))
                if len(self._runs) > _KEPT:
                    self._runs.popitem(last=False)
            return run

    def _work(self) -> None:
        while threading.main_thread().is_alive():
            try:
                run, spec, device = self._queue.get(timeout=_LOOK_UP)
            except Empty:
                continue
            if run.set_running_or_notify_cancel():
                try:
                    run.set_result(run_live(spec, device))
                except Exception as error:  # whatever it is, the page says it
                    run.set_exception(error)


@st.cache_resource(show_spinner=False)
def _runner() -> _Runner:
    return _Runner()


def live_line(spec: Spec) -> None:
    """Show the device selector and, as soon as it is there, what the live network did."""
    line, choice = st.columns([6, 1], vertical_alignment="center")
    device = select_device(choice, label_visibility="collapsed", help=t("live.device_help"))
    run = _runner().ask(spec, device)
    before = st.session_state.get(_REQUEST)
    if before is not None and before is not run:
        before.cancel()  # the newest request of a session wins; a run that has begun goes on
    st.session_state[_REQUEST] = run
    with line:
        if run.done():
            _status(run, device_name(device))
        else:
            _poll(run, device_name(device))


def _poll(run: Future, name: str) -> None:
    """Look after the run until it is done; then one run of the whole page ends the looking."""
    passes = count()

    @st.fragment(run_every=_POLL)
    def status() -> None:
        if next(passes) and run.done():
            st.rerun()
        _status(run, name)

    status()


def _status(run: Future, name: str) -> None:
    if not run.done() or run.cancelled():
        st.markdown(f":gray[◌ {t('live.waiting', device=name)}]")
        return
    error = run.exception()
    if isinstance(error, LiveError):
        st.markdown(f":orange[▲ {t('live.refused')}] {say(error.message)}")
    elif error is not None:
        st.markdown(f":red[✕ {t('live.failed', kind=type(error).__name__)}]")
    else:
        _result(run.result())


def _result(live) -> None:
    text = t(
        "live.result",
        device=live.device_name,
        time=duration(live.seconds),
        shape=shape_text((1, *live.output_shape)),
        memory=short(live.peak_bytes, "B"),
    )
    if live.differences:
        verdict = f":red[✕ {t('live.differs', names=', '.join(live.differences[:3]))}]"
    else:
        verdict = f":green[✓ {t('live.agrees', params=f'{live.params:,}')}]"
    st.markdown(f":green[●] {text} · {verdict}", help=t("live.help"))

"""Client of the live worker, shared by all sessions of this process."""

from concurrent.futures import Future, wait
from typing import Any

import streamlit as st

from cnnviz.config import config
from cnnviz.live.client import Client
from cnnviz.live.devices import Devices
from cnnviz.live.tasks import Task
from cnnviz.ui.kit.run_context import run_context
from cnnviz.ui.kit.words import t

POLL = 0.3  # seconds
_OWN = "own_answers"  # the last of each kind on the session's own pictures


@st.cache_resource(show_spinner=False)
def client() -> Client:
    return Client(config().live_deadline, int(config().live_memory * 1e9))


@st.cache_resource(show_spinner=False)
def devices() -> Devices:
    return Devices(client())


def ask(task: Task, part: str = "") -> Future[Any]:
    """The answer to a task of this session, see `Client.ask`.

    Args:
        part: of the page; each may wait for a task of its own.
    """
    return client().ask(task, run_context().session_id + part)


def pause() -> float:
    """Return the seconds between two polls; more sessions poll less often."""
    return POLL * (1 + client().status().queue)


def answer(task: Task) -> Any:
    """Wait for the answer; the user's next action interrupts the wait.

    What is not kept for all, since a picture of the user's own is in it, is kept in the session.

    Returns:
        The result of the task's `run`.

    Raises:
        LiveError: there is none.
    """
    held = st.session_state.setdefault(_OWN, {})
    if type(task) in held and held[type(task)][0] == task:
        return held[type(task)][1]
    run = ask(task)
    place = st.empty()
    while not run.done():
        place.markdown(f":gray[◌ {t('live.busy')}]")  # Streamlit breaks off here
        wait([run], POLL)
    place.empty()
    if not task.is_kept:  # a rerun of the page asks once more
        held[type(task)] = task, run.result()
    return run.result()

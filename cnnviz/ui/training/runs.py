"""The session's runs: ownership, the ones on screen, their events and their address."""

import re
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import streamlit as st

from cnnviz.training import service
from cnnviz.training.history import History, extend
from cnnviz.training.job import Job
from cnnviz.training.state import ACTIVE
from cnnviz.training.store import Store
from cnnviz.ui.kit.run_context import is_led
from cnnviz.ui.session import slots
from cnnviz.ui.session.owner import owner
from cnnviz.ui.session.slot import Slot

PARAMETERS = ("run", "compare")  # of the address, beside those of the network
MOST_COMPARED = 6
_KEY = "runs_on_screen"
_KEPT = 64
_ID = re.compile("[0-9a-f]{12}", re.ASCII)


@dataclass
class OnScreen:
    """Runs that the session looks at.

    Args:
        run: the id of the run that is shown; empty for none.
        compared: the ids of the runs on one chart.
        generation: goes up when the widgets are to show other runs than the user gave them.
        left_out: how many runs the address asked for and did not get.
    """

    run: str
    compared: tuple[str, ...]
    generation: int = 0
    left_out: int = 0


@st.cache_resource(show_spinner=False)
def store() -> Store:
    return service.open_store()


def on_screen() -> OnScreen:
    """Return the session's runs on screen; a new session, or one moved by Back, reads the address.

    Back to an address without a run, as Streamlit leaves on the way between two pages, changes
    nothing. A new session whose address names no run sees its own active run.
    """
    led = is_led()
    found: OnScreen | None = st.session_state.get(_KEY)
    run, compare = (st.query_params.get(name, "") for name in PARAMETERS)
    if found is None or (led and (run or compare)):
        named = compare.split("-") if compare else []
        there = (name for name in named if _ID.fullmatch(name) and store().job(name))
        compared = tuple(islice(there, MOST_COMPARED))
        generation = found.generation + 1 if found else 0
        left_out = len(named) - len(compared)
        found = st.session_state[_KEY] = OnScreen(run, compared, generation, left_out)
        if not run and not compare:
            found.run = next((job.id for job in store().jobs(owner=owner(), states=ACTIVE)), "")
    return found


def show(job_id: str) -> None:
    """Put a run on the screen, or none."""
    shown = on_screen()
    shown.run = job_id
    shown.generation += 1


def compare(job_ids: tuple[str, ...]) -> None:
    """Put runs on one chart."""
    shown = on_screen()
    shown.compared, shown.left_out = job_ids, 0
    shown.generation += 1


def network_on_screen() -> Slot:
    """The network that the next run is to train: the one of the Architecture page."""
    return slots.current(own=PARAMETERS)


def show_address(slot: Slot) -> None:
    """Put the network and the runs into the browser's address."""
    shown = on_screen()
    own = {"run": shown.run, "compare": "-".join(shown.compared)}
    slots.show_address(slot, own={name: value for name, value in own.items() if value})


def is_mine(job: Job) -> bool:
    return job.owner == owner()


def newest_group(name: str) -> str:
    """The visitor's newest group of jobs that is called "name.…"; "" if there is none."""
    mine = (job.group for job in store().jobs(owner=owner()))
    return next((one for one in mine if name_of(one) == name), "")


def name_of(group: str) -> str:
    """What a group is called: the name of "name.…"."""
    return group.rpartition(".")[0]


def stop(jobs: Iterable[Job]) -> None:
    """Stop those of the visitor's own runs that wait or run."""
    for job in jobs:
        if job.is_active and is_mine(job):
            store().cancel(job.id, owner=owner())


def delete(job: Job) -> None:
    """Forget a run and its files.

    Raises:
        Refused: it is somebody else's, or has not ended.
    """
    store().delete(job.id, owner=owner())
    shutil.rmtree(service.folder(job.id), ignore_errors=True)
    shown = on_screen()
    if shown.run == job.id:
        show("")
    if job.id in shown.compared:
        compare(tuple(name for name in shown.compared if name != job.id))


class _Histories:
    """The histories of the runs that were looked at last, shared by all sessions."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._histories: OrderedDict[str, History] = OrderedDict()

    def read(self, job_id: str) -> History:
        with self._lock:
            before = self._histories.pop(job_id, History())
            history = extend(before, store().events(job_id, after=before.number))
            self._histories[job_id] = history
            if len(self._histories) > _KEPT:
                self._histories.popitem(last=False)
            return history


@st.cache_resource(show_spinner=False)
def _histories() -> _Histories:
    return _Histories()


def history(job_id: str) -> History:
    """What a run has reported until now."""
    return _histories().read(job_id)

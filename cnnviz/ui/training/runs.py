"""The runs: whose they are, which is on screen, what they have reported, and their address."""

import re
import shutil
import threading
from collections import OrderedDict
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cnnviz.families import Spec
from cnnviz.render.course import Course, extend
from cnnviz.training import service
from cnnviz.training.job import Job
from cnnviz.training.store import Store
from cnnviz.ui import address
from cnnviz.ui.network import Network
from cnnviz.ui.owner import owner
from cnnviz.ui.words import knob_mark, language_in_address
from cnnviz.zoo import PRESETS

PARAMETERS = ("run", "compare")  # of the address, beside those of the network
MOST_COMPARED = 6
_KEY = "runs_on_screen"
_KEPT = 64
_ID = re.compile("[0-9a-f]{12}", re.ASCII)


@dataclass
class OnScreen:
    """What the session looks at.

    Args:
        run: the id of the run that is shown; empty for none.
        compared: the ids of the runs on one chart.
        generation: goes up when the widgets are to show other runs than the user gave them.
    """

    run: str
    compared: tuple[str, ...]
    generation: int = 0


@st.cache_resource(show_spinner=False)
def store() -> Store:
    return service.open_store()


def on_screen() -> OnScreen:
    """What a session looks at; a new one, or one led elsewhere by Back, reads the address."""
    led = get_script_run_ctx().is_history_navigation
    found = st.session_state.get(_KEY)
    if found is None or led:
        asked = [st.query_params.get(name, "") for name in PARAMETERS]
        generation = found.generation + 1 if found else 0
        run = asked[0] if _ID.fullmatch(asked[0]) else ""
        compared = tuple(filter(_ID.fullmatch, asked[1].split("-")[:MOST_COMPARED]))
        found = st.session_state[_KEY] = OnScreen(run, compared, generation)
    return found


def show(job_id: str) -> None:
    """Put a run on the screen, or none."""
    shown = on_screen()
    shown.run = job_id
    shown.generation += 1


def compare(job_ids: tuple[str, ...]) -> None:
    """Put runs on one chart."""
    shown = on_screen()
    shown.compared = job_ids
    shown.generation += 1


def show_address(network: Network) -> None:
    """Put the network and the runs into the browser's address."""
    shown = on_screen()
    own = {"run": shown.run, "compare": "-".join(shown.compared)}
    parameters = {
        **address.write(network.preset.name, network.spec),
        **{name: value for name, value in own.items() if value},
        **language_in_address(),
    }
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)


def is_mine(job: Job) -> bool:
    return job.owner == owner()


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


def title(job: Job) -> str:
    """A run's name, else its network with the turned knobs; the number tells two alike apart."""
    return f"#{job.sequence} {job.name or network_name(job.request.preset, job.request.spec)}"


def network_name(preset: str, spec: Spec) -> str:
    """A preset with the knobs that are turned, but for the classes, which the data decide."""
    return " · ".join([preset, *turned_marks(preset, spec)])


def turned_marks(preset: str, spec: Spec) -> list[str]:
    """What differs from the preset, such as "k = 12"."""
    turned = spec.differences(PRESETS[preset].spec) if preset in PRESETS else {}
    return [
        knob_mark(knob, turned[knob.name])
        for knob in spec.knobs()
        if knob.name in turned and knob.name != "num_classes"
    ]


class _Courses:
    """The courses of the runs that were looked at last, shared by all sessions."""

    def __init__(self):
        self._lock = threading.Lock()
        self._courses: OrderedDict[str, Course] = OrderedDict()

    def read(self, job_id: str) -> Course:
        with self._lock:
            before = self._courses.pop(job_id, Course())
            course = extend(before, store().events(job_id, after=before.number))
            self._courses[job_id] = course
            if len(self._courses) > _KEPT:
                self._courses.popitem(last=False)
            return course


@st.cache_resource(show_spinner=False)
def _courses() -> _Courses:
    return _Courses()


def course(job_id: str) -> Course:
    """What a run has reported until now."""
    return _courses().read(job_id)

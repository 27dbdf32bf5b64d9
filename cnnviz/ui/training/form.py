"""What the next run will be: data, recipe and device, as the session has set them."""

import uuid
from dataclasses import dataclass, field

import streamlit as st

from cnnviz.families import Spec
from cnnviz.knobs import Knob, Problem, SpecError, Value
from cnnviz.text import Text
from cnnviz.training import service
from cnnviz.training.admission import check, training_spec
from cnnviz.training.data import sources
from cnnviz.training.errors import TrainingError
from cnnviz.training.job import Job
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.sources import DataError
from cnnviz.ui import network as networks
from cnnviz.ui.device import chosen_device, for_training
from cnnviz.ui.knob_widget import as_meant, is_on_screen
from cnnviz.ui.owner import owner
from cnnviz.ui.training import runs
from cnnviz.ui.words import language

_KEY = "training_form"


@dataclass
class Refusal:
    """Why nothing was started, and a recipe that would do, if there is one."""

    message: Text
    largest: Recipe | None = None


@dataclass
class Form:
    """A session's next run.

    Args:
        refused: what a knob's widget holds and could not be taken over, and why.
        generation: goes up when the widgets are to show other values than the user gave them.
        submitted: the id of the last job of each request.
        refusal: of the last attempt to start.
    """

    data: str
    recipe: Recipe = field(default_factory=Recipe)
    refused: dict[str, tuple[object, Problem]] = field(default_factory=dict)
    generation: int = 0
    submitted: dict[Request, str] = field(default_factory=dict)
    refusal: Refusal | None = None

    @property
    def turned(self) -> dict[str, Value]:
        return self.recipe.differences(Recipe())


def current() -> Form:
    """The session's form; a new one is that of the run in the address, if there is one."""
    known = sources()
    form = st.session_state.get(_KEY)
    if form is None:
        job = runs.store().job(runs.on_screen().run)
        form = st.session_state[_KEY] = (
            Form(job.request.data, job.request.recipe) if job else Form("")
        )
    if form.data not in known:
        form.data = next(iter(known))
    return form


def request(form: Form, preset: str, spec: Spec) -> Request:
    """The job that the form asks for, on some network.

    Raises:
        SpecError: the network does not take the data's classes.
    """
    spec = training_spec(spec, sources()[form.data])
    return Request(preset, spec, form.recipe, form.data, chosen_device(for_training()))


def active_job(form: Form, wanted: Request) -> Job | None:
    """The job of this very request, while it waits or runs."""
    job = runs.store().job(form.submitted.get(wanted, ""))
    return job if job and job.is_active else None


# A callback is given the key of its widget and acts only if that widget is on screen; see
# cnnviz.ui.network.


def choose_data(key: str) -> None:
    form = current()
    if is_on_screen(key, data_key(form)):
        form.data, form.refusal = st.session_state[key], None


def turn(knob: Knob, key: str) -> None:
    """Take over what the user did to the knob's widget; what is no value of it is refused."""
    form = current()
    if not is_on_screen(key, knob_key(form, knob)):
        return
    raw = st.session_state[key]
    form.refused.pop(knob.name, None)
    form.refusal = None
    try:
        form.recipe = form.recipe.turn(**{knob.name: as_meant(knob, raw)})
    except SpecError as error:
        form.refused[knob.name] = (raw, error.problems[0])


def take(recipe: Recipe, data: str | None = None) -> None:
    """Set all knobs, and the data if they are given and there."""
    form = current()
    form.recipe, form.refused, form.refusal = recipe, {}, None
    if data in sources():
        form.data = data
    form.generation += 1


def start() -> None:
    """Submit the network on screen, and show its run."""
    network = networks.current()
    jobs = submit([(network.preset.name, network.spec)])
    if jobs:
        runs.show(jobs[0].id)


def submit(wanted: list[tuple[str, Spec]]) -> list[Job]:
    """Put networks into the queue with the form's recipe, all of them or none.

    Until a job has ended, submitting the same again, as a double click does, gives that job.
    """
    form = current()
    form.refusal, jobs, new = None, [], []
    if form.refused:
        return []
    try:
        requests = [request(form, preset, spec) for preset, spec in wanted]
        for one in requests:
            check(one, for_training().devices().free_bytes)
        service.check_disk()
        service.ensure_dispatcher()
        for one in requests:
            job = active_job(form, one)
            if job is None:
                job = runs.store().submit(one, key=uuid.uuid4().hex, owner=owner())
                form.submitted[one] = job.id
                new.append(job)
            jobs.append(job)
    except SpecError as error:
        form.refusal = Refusal(error.problems[0].message)
    except (TrainingError, DataError) as error:
        form.refusal = Refusal(error.message, getattr(error, "largest", None))
    if form.refusal:
        for job in new:
            runs.store().cancel(job.id, owner=owner())
        return []
    return jobs


def data_key(form: Form) -> str:
    return f"training.data.{language()}.{form.generation}"


def knob_key(form: Form, knob: Knob) -> str:
    return f"recipe.{knob.name}.{language()}.{form.generation}"


def widget_value(form: Form, knob: Knob) -> object:
    """What the knob's widget shows: the value, or what was refused."""
    if knob.name in form.refused:
        return form.refused[knob.name][0]
    return form.recipe.values[knob.name]

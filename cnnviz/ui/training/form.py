"""The session's next run: data, recipe and device."""

import uuid
from dataclasses import dataclass, field

import streamlit as st

from cnnviz.data.dataset import sources
from cnnviz.data.readers import DataError
from cnnviz.families import Spec
from cnnviz.knobs import Knob, Problem, SpecError, Value
from cnnviz.numbers import clock
from cnnviz.text import Text
from cnnviz.training.admission import check, training_spec
from cnnviz.training.errors import TrainingError
from cnnviz.training.forecast import Forecast
from cnnviz.training.job import Job
from cnnviz.training.plan import Plan, plan
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.store import Submission
from cnnviz.ui.kit.knob_widget import Held, as_meant, is_on_screen
from cnnviz.ui.kit.words import language
from cnnviz.ui.session.device import chosen_device, for_training
from cnnviz.ui.training import prospect, runs, submission

_KEY = "training_form"


@dataclass(frozen=True)
class Wanted:
    """A network to train, its recipe, and the seconds it would take."""

    preset: str
    spec: Spec
    recipe: Recipe
    predicted: float | None = None


@dataclass
class Refusal:
    """Reason why nothing was started, with the way out.

    Args:
        largest: the largest recipe that would be admitted, if any.
        is_too_long: the run may still be started on request, or as a demo.
    """

    message: Text
    largest: Recipe | None = None
    is_too_long: bool = False


@dataclass
class Form:
    """A session's next run.

    Args:
        refused: what a knob's widget holds and could not be taken over, and why.
        generation: goes up when the widgets are to show other values than the user gave them.
        submitted: the id of the last job of each request.
        refusal: of the last attempt to start.
        keep: knobs that the demo is to leave as they are.
    """

    data: str
    recipe: Recipe = field(default_factory=Recipe)
    refused: dict[str, tuple[Held, Problem]] = field(default_factory=dict)
    generation: int = 0
    submitted: dict[Request, str] = field(default_factory=dict)
    refusal: Refusal | None = None
    keep: frozenset[str] = frozenset()

    @property
    def turned(self) -> dict[str, Value]:
        return self.recipe.differences(Recipe())


def current() -> Form:
    """Return the session's form; a new one copies the run in the address, if any."""
    known = sources()
    form: Form | None = st.session_state.get(_KEY)
    if form is None:
        job = runs.store().job(runs.on_screen().run)
        form = st.session_state[_KEY] = (
            Form(job.request.data, job.request.recipe) if job and job.request else Form("")
        )
    if form.data not in known:
        form.data = next(iter(known))
    return form


def request(form: Form, wanted: Wanted) -> Request:
    """Return the job that trains a network.

    Raises:
        SpecError: the network does not take the data's classes.
    """
    spec = training_spec(wanted.spec, sources()[form.data])
    return Request(wanted.preset, spec, wanted.recipe, form.data, chosen_device(for_training()))


def demo(form: Form, spec: Spec, known: Forecast) -> Plan:
    """Plan a network's demo.

    Raises:
        SpecError: the network does not take the data's classes.
    """
    return plan(training_spec(spec, sources()[form.data]), form.recipe, known, keep=form.keep)


def demos(form: Form, networks: list[tuple[str, Spec]]) -> list[Wanted]:
    """Return networks as demos with the recipe of the slowest; unchanged without a forecast.

    Raises:
        SpecError: a network does not take the data's classes.
    """
    known = prospect.forecast(form.data)
    if known is None:
        return [Wanted(preset, spec, form.recipe) for preset, spec in networks]
    plans = [demo(form, spec, known) for _, spec in networks]
    recipe = max(plans, key=lambda made: made.unchanged).recipe
    return [
        Wanted(preset, made.spec, recipe, known.alone(made.spec, recipe))
        for (preset, _), made in zip(networks, plans, strict=True)
    ]


def active_job(form: Form, wanted: Request) -> Job | None:
    """Return this request's job while it waits or runs."""
    job = runs.store().job(form.submitted.get(wanted, ""))
    return job if job and job.is_active else None


# A callback is given the key of its widget and acts only if that widget is on screen; see
# cnnviz.ui.session.slot.


def choose_data(key: str) -> None:
    form = current()
    if is_on_screen(key, data_key(form)):
        form.data, form.refusal = st.session_state[key], None


def turn(knob: Knob, key: str) -> None:
    """Take over the widget's value; refuse one that is outside the knob."""
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
    """Set all knobs, and the data if given and present."""
    form = current()
    form.recipe, form.refused, form.refusal = recipe, {}, None
    if data is not None and data in sources():
        form.data = data
    form.generation += 1


def decline(name: str, key: str) -> None:
    """Leave a knob as it is, or let the demo turn it again."""
    form = current()
    form.keep = form.keep - {name} if st.session_state[key] else form.keep | {name}
    form.generation += 1


def start() -> None:
    """Submit the demo of the network on screen, and show its run."""
    begin([_on_screen()])


def start_as_it_is(*, agreed: bool = False) -> None:
    """Submit the network on screen with nothing changed, if that is not too long, or agreed."""
    form = current()
    preset, spec = _on_screen()
    known, recipe = prospect.forecast(form.data), form.recipe
    trained = training_spec(spec, sources()[form.data])
    form.refusal = (
        None if agreed or known is None else _too_long(known.run(trained, recipe), recipe)
    )
    if form.refusal is None:
        predicted = known.alone(trained, recipe) if known else None
        _show(submit([Wanted(preset, spec, recipe, predicted)]))


def begin(networks: list[tuple[str, Spec]]) -> list[Job]:
    """Submit the demos of some networks, and show the first."""
    form = current()
    try:
        jobs = submit(demos(form, networks))
    except SpecError as error:
        form.refusal, jobs = Refusal(error.problems[0].shown), []
    _show(jobs)
    return jobs


def _on_screen() -> tuple[str, Spec]:
    slot = runs.network_on_screen()
    return slot.preset.name, slot.spec


def _show(jobs: list[Job]) -> None:
    if jobs:
        runs.show(jobs[0].id)


def _too_long(seconds: float, recipe: Recipe) -> Refusal | None:
    if seconds <= recipe.time_limit:
        return None
    message = Text(
        "As it is, this would take about {time}; its time limit of {limit} ends it before. Train "
        "the demo, take fewer epochs, or let the limit end it.",
        "按原样训练约需 {time}，会被 {limit} 的时间上限提前结束。请训练演示版本、减少轮数，"
        "或任由上限结束它。",
    )
    filled = message.format(time=clock(seconds), limit=clock(recipe.time_limit))
    return Refusal(filled, is_too_long=True)


def submit(wanted: list[Wanted]) -> list[Job]:
    """Queue all of the networks or none.

    Submitting the same request again before its job ends, as a double click does, returns
    that job.
    """
    form = current()
    form.refusal = None
    if form.refused:
        return []
    try:
        requests = [request(form, one) for one in wanted]
        for one in requests:
            check(one, for_training().devices().free_bytes)
        return _submitted(form, dict(zip(requests, wanted, strict=True)))
    except SpecError as error:
        form.refusal = Refusal(error.problems[0].shown)
    except (TrainingError, DataError) as error:
        form.refusal = Refusal(error.message, getattr(error, "largest", None))
    return []


def _submitted(form: Form, wanted: dict[Request, Wanted]) -> list[Job]:
    """The jobs of some requests; those that do not wait or run already are one group.

    Raises:
        Refused: there is too much already.
    """
    jobs = {one: active_job(form, one) for one in wanted}
    new = [one for one, job in jobs.items() if job is None]
    if new:
        members = [
            Submission(f"{number}", one, predicted=wanted[one].predicted)
            for number, one in enumerate(new)
        ]
        found = submission.submit(uuid.uuid4().hex, members)
        jobs |= dict(zip(new, found, strict=True))
        form.submitted |= {one: job.id for one, job in zip(new, found, strict=True)}
    return [job for job in jobs.values() if job]


def data_key(form: Form) -> str:
    return f"training.data.{language()}.{form.generation}"


def knob_key(form: Form, knob: Knob) -> str:
    return f"recipe.{knob.name}.{language()}.{form.generation}"


def widget_value(form: Form, knob: Knob) -> Held:
    """Return the value that the knob's widget shows, which may be a refused one."""
    if knob.name in form.refused:
        return form.refused[knob.name][0]
    return form.recipe.values[knob.name]

"""The accuracy of every network of a sweep after a short training, where asked.

The trainings are one group of jobs in the queue, on a cluster where the server has one. A page that
is opened again finds the newest group of its owner that is of the same sweep.
"""

import hashlib
import uuid
from collections.abc import Callable
from itertools import count

import streamlit as st

from cnnviz.experiments.experiment import DATA
from cnnviz.experiments.outcome import Outcome, end_of
from cnnviz.knobs import SpecError
from cnnviz.numbers import clock
from cnnviz.sweeps.figures import Figures
from cnnviz.sweeps.sweep import Sweep
from cnnviz.sweeps.training import Trainings, told, trainings
from cnnviz.text import Text
from cnnviz.training.admission import check
from cnnviz.training.errors import TrainingError
from cnnviz.training.job import Job
from cnnviz.training.store import Submission
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.words import as_markdown, say, say_problem, t
from cnnviz.ui.session.device import chosen_device, for_training, select_device
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.sweeps.tables import Outcomes, Values
from cnnviz.ui.training import prospect, runs, submission
from cnnviz.ui.training.run_view import POLL
from cnnviz.ui.training.start_controls import until_measured

_REFUSAL = "sweeps.train.refusal"  # why the last attempt was refused
_NEVER = Text("This training came to no result.", "该训练没有结果。")


def trained(slot: Slot, sweep: Sweep, outcomes: Outcomes, draw: Callable[[Values], None]) -> None:
    """Let the user have the networks trained for a short time, and draw what comes of it."""
    st.caption(t("sweeps.train_what"))
    jobs = _jobs(sweep)
    if any(job.is_active for job in jobs):
        if any(runs.is_mine(job) for job in jobs):
            st.button(t("experiments.stop"), key="sweeps.train.stop", on_click=_stop, args=(sweep,))
    else:
        _offer(slot, sweep, outcomes)
    if jobs:
        _follow(sweep, jobs, draw)


def _offer(slot: Slot, sweep: Sweep, outcomes: Outcomes) -> None:
    """Say what is trained and for how long at most, with a button that begins."""
    select_device(for_training(), help=t("live.device_help"), width=260)
    known = prospect.forecast(DATA) or prospect.forecast(DATA, "cpu")
    if known is None:
        until_measured()
        return
    macs = {place: one.macs for place, one in outcomes.items() if isinstance(one, Figures)}
    try:
        made = trainings(slot.preset.name, sweep, macs, known)
    except SpecError as error:
        for problem in error.problems:
            st.error(say_problem(problem))
        return
    for why in dict.fromkeys(made.refused.values()):
        st.markdown(f":orange[▲] {as_markdown(say(why))}")
    if not made.arms:
        return
    place, arm = next(iter(made.arms.items()))
    how = as_markdown(say(told(arm, sweep.points[place])))
    most = say(clock(len(made.arms) * made.seconds))
    st.markdown(t("sweeps.train_how", how=how, count=len(made.arms), time=most))
    label = t("experiments.start", count=len(made.arms))
    begin = (sweep, made)
    st.button(label, on_click=_begin, args=begin, key="sweeps.train.begin", type="primary")
    if refusal := st.session_state.get(_REFUSAL):
        st.error(as_markdown(say(refusal)))


def _begin(sweep: Sweep, made: Trainings) -> None:
    """Submit all trainings as one group; while one is under way, nothing happens."""
    if any(job.is_active for job in _jobs(sweep)):  # the second half of a double click
        return
    device = chosen_device(for_training())
    members = [
        Submission(f"{place}", arm.request(0, device), say(arm.title), made.seconds)
        for place, arm in made.arms.items()
    ]
    st.session_state[_REFUSAL] = None
    try:
        for member in members:
            check(member.request, for_training().devices().free_bytes)
        submission.submit(f"{_name(sweep)}.{uuid.uuid4().hex[:12]}", members)
    except TrainingError as error:
        st.session_state[_REFUSAL] = error.message


def _stop(sweep: Sweep) -> None:
    runs.stop(_jobs(sweep))


def _name(sweep: Sweep) -> str:
    """The name of all groups of a sweep."""
    values = [(axis.knob.name, axis.values) for axis in sweep.axes]
    whole = f"{sweep.start.family} {sweep.start.values} {values}"
    return f"sweep-{hashlib.sha256(whole.encode()).hexdigest()[:16]}"


def _jobs(sweep: Sweep) -> list[Job]:
    """The jobs of the newest group of this sweep that the owner has."""
    group = runs.newest_group(_name(sweep))
    return runs.store().jobs_of_group(group) if group else []


def _follow(sweep: Sweep, jobs: list[Job], draw: Callable[[Values], None]) -> None:
    """Draw the accuracies, again and again; a last run of the page then shows all."""
    passes = count()
    is_going = any(job.is_active for job in jobs)

    @every(POLL if is_going else None)
    def follow() -> None:
        now = _jobs(sweep) if next(passes) else jobs
        if is_going and not any(job.is_active for job in now):
            st.rerun()
        over = sum(not job.is_active for job in now)
        if over < len(now):
            said = t("experiments.progress", done=over, total=len(now))
            st.progress(over / len(now), text=said)
        found = {_place(job): _found(job) for job in now}
        draw({place: value for place, value in found.items() if value is not None})

    follow()


def _place(job: Job) -> int:
    """The position of the point whose network a job trains."""
    return int(job.key.rpartition(":")[2])


def _found(job: Job) -> float | Text | None:
    """The accuracy of a job; a sentence if it has none, None while it is awaited."""
    if job.is_active:
        return None
    if end := end_of(job):
        return Outcome(runs.history(job.id), end).test_accuracy
    return job.message if job.message.en else _NEVER

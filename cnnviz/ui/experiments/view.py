"""An experiment on the page: its claim, the prediction, the run, and what came out."""

from itertools import count

import streamlit as st

from cnnviz.experiments import EXPERIMENTS
from cnnviz.numbers import clock
from cnnviz.training.job import Job
from cnnviz.training.state import JobState
from cnnviz.ui.experiments import trial as state
from cnnviz.ui.experiments.result import result
from cnnviz.ui.experiments.seen import controls, seen
from cnnviz.ui.experiments.trial import Trial
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.training import runs
from cnnviz.ui.training.place import place
from cnnviz.ui.training.run_view import POLL


def choice(trial: Trial) -> None:
    """Let the user go to another experiment."""
    key = f"experiments.which.{language()}"
    st.selectbox(
        t("experiments.which"),
        list(EXPERIMENTS),
        key=steer(key, trial.experiment.name),
        format_func=lambda name: say(EXPERIMENTS[name].title),
        on_change=lambda: state.choose(st.session_state[key]),
        label_visibility="collapsed",
    )
    address_notes(trial, "experiments.dismiss")


def claim(trial: Trial) -> None:
    """Draw what the course says."""
    experiment = trial.experiment
    with st.container(border=True, key="experiment-claim"):
        st.markdown(f"### {t('experiments.claim')}")
        st.markdown(as_markdown(say(experiment.claim)))
        st.caption(as_markdown(say(experiment.source)))


def prediction(trial: Trial) -> None:
    """Ask for a prediction; the run opens with it."""
    experiment = trial.experiment
    key = f"experiments.predict.{experiment.name}.{language()}"

    def predicted() -> None:
        if st.session_state[key] is not None:
            state.predict(st.session_state[key])

    st.markdown(f"### {t('experiments.predict')}")
    options = [as_markdown(say(option)) for option in experiment.options]
    if trial.prediction is not None and trial.jobs:
        yours = t("experiments.yours", option=options[trial.prediction])
        st.markdown(f"{as_markdown(say(experiment.question))}\n\n{yours}")
        return
    st.radio(
        as_markdown(say(experiment.question)),
        range(len(options)),
        index=None,
        key=steer(key, trial.prediction),
        format_func=lambda number: options[number],
        on_change=predicted,
    )
    if trial.prediction is None:
        st.caption(t("experiments.predict_first"))


def run(trial: Trial) -> None:
    """Draw what will be trained, and then how far it is, its curves and its result."""
    jobs = trial.jobs
    st.markdown(f"### {t('experiments.run')}")
    _arms(trial)
    if any(job.is_active for job in jobs):
        if any(runs.is_mine(job) for job in jobs):
            st.button(
                t("experiments.stop"),
                key="experiment-stop",
                on_click=state.stop,
                help=t("experiments.stop_help"),
            )
    else:
        _start(trial, again=bool(jobs))
    if trial.refusal:
        st.error(as_markdown(say(trial.refusal)))
    if trial.is_outdated:
        st.warning(t("experiments.outdated"))
    if jobs:
        _follow(trial)


def _arms(trial: Trial) -> None:
    """The networks and the recipe that all have in common."""
    arms = trial.experiment.arms
    recipes = [arm.recipe.values for arm in arms]
    shared = [
        say(knob.mark(recipes[0][knob.name]))
        for knob in arms[0].recipe.knobs()
        if knob.name in _TOLD and len({recipe[knob.name] for recipe in recipes}) == 1
    ]
    titles = " · ".join(as_markdown(say(arm.title)) for arm in arms)
    st.markdown(t("experiments.arms", count=len(arms), titles=titles))
    st.caption(t("experiments.shared", recipe=as_markdown(" · ".join(shared))))


_TOLD = ("epochs", "images", "batch_size", "optimiser", "learning_rate", "schedule")


def _start(trial: Trial, *, again: bool) -> None:
    known = state.forecast()
    arms = trial.experiment.arms
    with st.container(horizontal=True, vertical_alignment="bottom", key="experiment-start"):
        seeds = st.segmented_control(
            t("experiments.seeds"),
            state.SEEDS,
            default=state.SEEDS[0],
            required=True,
            key=f"experiments.seeds.{language()}",
            help=t("experiments.seeds_help"),
        )
        st.button(
            t("experiments.again" if again else "experiments.start", count=seeds * len(arms)),
            key="experiment-run",
            type="secondary" if again else "primary",
            on_click=state.start,
            args=(seeds,),
        )
    if known:
        seconds = seeds * sum(known.alone(arm.spec, arm.recipe) for arm in arms)
        st.caption(t("experiments.takes", time=say(clock(seconds))))


def _follow(trial: Trial) -> None:
    """Follow the group; each change of a state draws the whole page once more."""
    jobs = trial.jobs
    states = [job.state for job in jobs]
    passes = count()
    shown = controls(trial)  # outside the fragment: a part that redraws is hard to click

    @every(POLL if any(job.is_active for job in jobs) else None)
    def follow() -> None:
        now = trial.jobs if next(passes) else jobs
        if [job.state for job in now] != states:
            st.rerun()
        _progress(now)
        seen(trial, now, shown)
        result(trial, now)

    follow()


def _progress(jobs: list[Job]) -> None:
    """Show how far the group is, in one bar and a sentence."""
    shares = [_share(job) for job in jobs]
    over = sum(not job.is_active for job in jobs)
    if over == len(jobs):
        return
    waiting = [job for job in jobs if job.state == JobState.QUEUED]
    text = t("experiments.progress", done=over, total=len(jobs))
    if len(waiting) == len(jobs):
        text = f"{t('experiments.waits')} {_first(waiting)}"
    st.progress(sum(shares) / len(shares), text=text)


def _share(job: Job) -> float:
    if not job.is_active:
        return 1.0
    return min(1.0, runs.history(job.id).epoch / job.asked.recipe.epochs)


def _first(waiting: list[Job]) -> str:
    """The place in the queue of the job of the group that begins first."""
    ids = {job.id: job for job in waiting}
    first = next((job for job in runs.store().queue() if job.id in ids), None)
    return place(first) if first else ""

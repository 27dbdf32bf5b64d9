"""A session's trial of an experiment: its prediction, and the group of trainings on screen."""

import uuid
from dataclasses import dataclass, field

import streamlit as st

from cnnviz.experiments import EXPERIMENTS, find
from cnnviz.experiments.experiment import Arm, Experiment, Outcomes
from cnnviz.experiments.outcome import Outcome, end_of
from cnnviz.knobs import Problem, SpecError
from cnnviz.text import Text
from cnnviz.training.admission import check
from cnnviz.training.errors import TrainingError
from cnnviz.training.forecast import Forecast
from cnnviz.training.job import Job
from cnnviz.training.store import Submission
from cnnviz.ui.kit.run_context import is_led
from cnnviz.ui.kit.words import language_in_address, say
from cnnviz.ui.session import classroom
from cnnviz.ui.session.device import chosen_device, for_training
from cnnviz.ui.session.parameters import left_out
from cnnviz.ui.training import prospect, runs, submission

SEEDS = (1, 3)  # to choose from
_KEY = "trial"
_EXPERIMENT, _GROUP = "experiment", "group"  # parameters of the address
_LONGEST = 80  # characters of a group in the address
_NO_GROUP = Text(
    "group {name!r} has no trainings of this experiment; they may have been deleted. Run it again, "
    "or open another link.",
    "group {name!r} 没有这个实验的训练，可能已被删除。请重新运行，或打开其他链接。",
)


@dataclass
class Trial:
    """What the session does with its experiments.

    Args:
        predictions: the number of the option that was taken, by the experiment's name.
        groups: the group of jobs that is shown, by the experiment's name; "" for none.
        notes: what the address asked for and did not get.
        refusal: why the last attempt to run was refused.
    """

    experiment: Experiment
    predictions: dict[str, int] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    notes: list[Problem] = field(default_factory=list)
    refusal: Text | None = None

    @property
    def prediction(self) -> int | None:
        return self.predictions.get(self.experiment.name)

    @property
    def group(self) -> str:
        """The group on screen; at first the newest that this owner has of the experiment."""
        name = self.experiment.name
        if name not in self.groups:
            self.groups[name] = runs.newest_group(name)
        return self.groups[name]

    @property
    def jobs(self) -> list[Job]:
        """The jobs on screen that are of this experiment as it is declared now."""
        return [job for job in self._all_jobs() if _place(self.experiment, job)]

    @property
    def is_outdated(self) -> bool:
        """Whether jobs of the group are of an experiment that was declared in another way."""
        return any(not _place(self.experiment, job) for job in self._all_jobs())

    def _all_jobs(self) -> list[Job]:
        return runs.store().jobs_of_group(self.group) if self.group else []


def current() -> Trial:
    """The session's trial; a new session, or one moved by Back, reads the address."""
    found: Trial | None = st.session_state.get(_KEY)
    if found is None or (is_led() and _EXPERIMENT in st.query_params):
        found = found or Trial(next(iter(EXPERIMENTS.values())))
        asked = st.query_params.to_dict()
        found.notes = left_out(asked, "/experiments", (_EXPERIMENT, _GROUP))
        try:
            name = asked.get(_EXPERIMENT, found.experiment.name)
            found.experiment = find(name)
        except SpecError as error:
            found.notes += error.problems
        group = asked.get(_GROUP, "")[:_LONGEST]
        if group and runs.name_of(group) == found.experiment.name and _has_jobs(group):
            found.groups[found.experiment.name] = group
        elif group:
            found.notes.append(Problem.of(_GROUP, _NO_GROUP, name=group))
        st.session_state[_KEY] = found
    return found


def _has_jobs(group: str) -> bool:
    return bool(runs.store().jobs_of_group(group))


def show_address(trial: Trial) -> None:
    """Put the experiment and its group into the browser's address."""
    own = {_EXPERIMENT: trial.experiment.name}
    if trial.group:
        own[_GROUP] = trial.group
    parameters = {**own, **language_in_address()}
    if st.query_params.to_dict() != parameters:
        st.query_params.from_dict(parameters)


def choose(name: str) -> None:
    trial = current()
    trial.experiment, trial.notes, trial.refusal = find(name), [], None


def predict(option: int) -> None:
    trial = current()
    trial.predictions[trial.experiment.name] = option
    classroom.predicted(f"experiment:{trial.experiment.name}", option)


def start(seeds: int) -> None:
    """Submit all trainings as one group; while one is under way, nothing happens."""
    trial = current()
    trial.refusal = None
    if any(job.is_active for job in trial.jobs):  # the second half of a double click
        return
    group = f"{trial.experiment.name}.{uuid.uuid4().hex[:12]}"
    device = chosen_device(for_training())
    known = forecast()
    members = [
        Submission(
            key=f"{arm.name}.{seed}",
            request=arm.request(seed, device),
            name=f"{say(arm.title)} · {seed}",
            predicted=known.alone(arm.spec, arm.recipe) if known else None,
        )
        for seed in range(seeds)
        for arm in trial.experiment.arms
    ]
    try:
        for arm in trial.experiment.arms:
            check(arm.request(0, device), for_training().devices().free_bytes)
        submission.submit(group, members)
    except TrainingError as error:
        trial.refusal = error.message
    else:
        trial.groups[trial.experiment.name] = group


def stop() -> None:
    """Stop every training of the group that waits or runs."""
    runs.stop(current().jobs)


def forecast() -> Forecast | None:
    """Predict on the data of the experiments; None before the device has been measured."""
    return prospect.forecast(current().experiment.arms[0].data)


def outcomes(experiment: Experiment, jobs: list[Job]) -> Outcomes:
    """The outcomes of the jobs that are over, by arm and seed."""
    found: dict[str, dict[int, Outcome]] = {}
    for job in jobs:
        place, end = _place(experiment, job), end_of(job)
        if place and end:
            arm, seed = place
            found.setdefault(arm.name, {})[seed] = Outcome(runs.history(job.id), end)
    return found


def by_arm(experiment: Experiment, jobs: list[Job]) -> dict[str, list[Job]]:
    """The jobs of each arm, in the order of the arms."""
    found: dict[str, list[Job]] = {arm.name: [] for arm in experiment.arms}
    for job in jobs:
        if place := _place(experiment, job):
            found[place[0].name].append(job)
    return found


def _place(experiment: Experiment, job: Job) -> tuple[Arm, int] | None:
    """The arm and the seed of a job; None where the experiment has no such arm now."""
    if job.request is None:
        return None
    seed = job.request.recipe.seed
    for arm in experiment.arms:
        if arm.request(seed, job.request.device) == job.request:
            return arm, seed
    return None

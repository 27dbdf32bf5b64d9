"""What is seen of an experiment's trainings: curves, gradients, figures."""

from dataclasses import dataclass
from math import isfinite

import streamlit as st

from cnnviz.experiments.experiment import TEST_ACCURACY, TRAIN_ACCURACY, TRAIN_LOSS, mean
from cnnviz.experiments.outcome import Outcome
from cnnviz.render.experiment_charts import PARTS, depth_chart, learning_chart
from cnnviz.text import Text
from cnnviz.training.history import History
from cnnviz.training.job import Job
from cnnviz.ui.experiments.probed import averaged, probed
from cnnviz.ui.experiments.trial import Trial, by_arm, outcomes
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.steady_chart import steady_chart
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.training import runs
from cnnviz.ui.training.run_view import percent

_TABS = ("experiments.first", "experiments.last")
_CROWD = 4  # arms, above which one part of the images is shown at first
_FIRST = Text("Gradient norm by depth, first step", "各层梯度范数，第一步")
_LAST = Text("Gradient norm by depth, newest step", "各层梯度范数，最近一步")
# Columns of the table by name; one that is the compared figure itself is left out.
_COLUMNS = {
    "train_loss": "train_loss",
    "train_accuracy": "train_accuracy",
    "top1": "test_accuracy",
    "top5": "top5_accuracy",
}
_SAME = {"train_loss": TRAIN_LOSS, "train_accuracy": TRAIN_ACCURACY, "top1": TEST_ACCURACY}


@dataclass(frozen=True)
class Shown:
    """What the user wants to see."""

    measure: str
    parts: tuple[str, ...]
    accuracy: float


def controls(trial: Trial) -> Shown:
    """Draw the switches of the charts."""
    experiment = trial.experiment
    crowded = len(experiment.arms) > _CROWD
    with st.container(horizontal=True, vertical_alignment="bottom", key="experiment-switches"):
        measure = st.segmented_control(
            t("experiments.measure"),
            ("accuracy", "loss"),
            default="loss" if "loss" in experiment.measure.title.en else "accuracy",
            required=True,
            key=f"experiments.measure.{experiment.name}.{language()}",
            format_func=lambda name: t(f"experiments.{name}"),
        )
        part = st.segmented_control(
            t("compare.part"),
            ("both", *PARTS),
            default=experiment.part if crowded else "both",
            required=True,
            key=f"experiments.part.{experiment.name}.{language()}",
            format_func=lambda name: t(f"experiments.{name}"),
            help=t("experiments.lines"),
        )
        accuracy = st.number_input(
            t("experiments.reach"),
            min_value=10,
            max_value=99,
            value=round(100 * experiment.accuracy),
            step=5,
            key=f"experiments.reach.{experiment.name}.{language()}",
            help=t("experiments.reach_help"),
            width=220,
        )
    return Shown(measure, PARTS if part == "both" else (part,), accuracy / 100)


def seen(trial: Trial, jobs: list[Job], shown: Shown) -> None:
    """Draw the charts and the figures of the trainings as they are now."""
    experiment = trial.experiment
    histories = {
        say(experiment.arm(name).title): [runs.history(job.id) for job in own]
        for name, own in by_arm(experiment, jobs).items()
    }
    revision = "-".join([trial.group, shown.measure, *shown.parts])
    figure = learning_chart(
        {name: [one.epochs for one in found] for name, found in histories.items()},
        shown.measure,
        shown.parts,
        language(),
        epochs=max(arm.recipe.epochs for arm in experiment.arms),
        ink=ink(),
        revision=revision,
    )
    if probe := experiment.arms[0].probe:  # what decides has the whole width
        probed(probe, histories, f"{revision}-{trial.group}")
    learning, gradients = st.columns([7, 5])
    with learning:
        steady_chart(
            figure, key=f"experiment-{revision}", label=t(f"experiments.{shown.measure}_alt")
        )
        st.caption(t("experiments.lines"))
    with gradients:
        _by_depth(trial, histories, revision)
    st.markdown(_table(trial, jobs, shown))


def _by_depth(trial: Trial, histories: dict[str, list[History]], revision: str) -> None:
    """The gradients of the first and the newest step."""
    tabs = {"first": _FIRST, "last": _LAST}
    for tab, name in zip(st.tabs(list(map(t, _TABS))), tabs, strict=True):
        with tab:
            lines = {title: _norms(found, name) for title, found in histories.items()}
            figure = depth_chart(tabs[name], lines, language(), ink=ink(), revision=revision)
            key = f"experiment-{name}-{trial.group}"
            steady_chart(figure, key=key, label=t("experiments.depth_alt"))


def _norms(found: list[History], when: str) -> list[float]:
    """The geometric mean over the seeds of each weight's gradient norm."""
    at = 0 if when == "first" else -1
    norms = [history.steps[at].gradient_norms for history in found if history.steps]
    return averaged(norms, is_log=True)


def _table(trial: Trial, jobs: list[Job], shown: Shown) -> str:
    """The figures of each arm: means over the seeds that are over."""
    measure, goal = trial.experiment.measure, f"{100 * shown.accuracy:.0f}\u00a0%"
    found = outcomes(trial.experiment, jobs)
    columns = {name: key for name, key in _COLUMNS.items() if measure is not _SAME.get(name)}
    heads = [t("experiments.col_arm"), f"**{say(measure.title)}**"]
    heads += [t(f"experiments.col_{name}") for name in columns]
    heads += [t("experiments.to_epochs", goal=goal), t("experiments.to_seconds", goal=goal)]
    lines = [f"| {' | '.join(heads)} |", f"|:--|{'--:|' * (len(heads) - 1)}"]
    for arm in trial.experiment.arms:
        over = list(found.get(arm.name, {}).values())
        cells = [as_markdown(say(arm.title)), *["–"] * (len(heads) - 1)]
        if over:
            figures = ", ".join(map(measure.written, map(measure.of, over))).replace(
                " %", "\u00a0%"
            )
            final = {key: mean(one.final[key] for one in over) for key in over[0].final}
            cells[1] = f"**{figures}**{' ⚡' * any(one.is_diverged for one in over)}"
            cells[2:-2] = [_written(key, final[key]) for key in columns.values()]
            cells[-2:] = _reached(over, shown.accuracy)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _written(key: str, value: float) -> str:
    """A loss with three decimals, an accuracy in percent."""
    if not isfinite(value):
        return "∞" if value > 0 else "–"
    return f"{value:.3f}" if key.endswith("loss") else percent(value)


def _reached(over: list[Outcome], accuracy: float) -> list[str]:
    """Epochs and seconds to an accuracy, the mean over the seeds, if all reach it."""
    reached = [found for one in over if (found := one.reaches(accuracy))]
    if len(reached) < len(over):
        return ["–", "–"]
    return [f"{mean(pair[at] for pair in reached):.1f}" for at in (0, 1)]

"""The result of an experiment against its claim and the prediction, and why."""

import streamlit as st

from cnnviz.experiments.experiment import verdict
from cnnviz.training.job import Job
from cnnviz.training.state import JobState
from cnnviz.ui.experiments.trial import Trial, outcomes
from cnnviz.ui.kit.announcement import announce
from cnnviz.ui.kit.words import as_markdown, plain, say, t


def result(trial: Trial, jobs: list[Job]) -> None:
    """Say what came out, once all trainings are over."""
    if any(job.is_active for job in jobs):
        return
    experiment = trial.experiment
    found = verdict(experiment, outcomes(experiment, jobs))
    st.markdown(f"### {t('experiments.result')}")
    if not found.by_seed:
        failed = [job for job in jobs if job.state == JobState.FAILED and say(job.message)]
        st.warning(t("experiments.incomplete"))
        if failed:
            st.error(as_markdown(say(failed[0].message)))
        return
    held = sum(found.by_seed.values())
    values = {"held": held, "seeds": len(found.by_seed)}
    word = {True: "holds", False: "fails", None: "undecided"}[found.holds]
    said = t(f"experiments.{word}", **values)
    {True: st.success, False: st.warning, None: st.info}[found.holds](said)
    announce([plain(said)], key="experiment")
    rule = as_markdown(say(experiment.rule))
    st.markdown(t("experiments.rule", rule=rule))
    if trial.prediction is not None:
        _prediction(trial, holds=found.holds)
    st.markdown(f"### {t('experiments.why')}")
    st.markdown(as_markdown(say(experiment.why)))
    st.markdown(f"**{t('experiments.limits')}** {as_markdown(say(experiment.limits))}")


def _prediction(trial: Trial, *, holds: bool | None) -> None:
    """Set the prediction beside the claim and, where the claim held, beside what came out."""
    experiment = trial.experiment
    assert trial.prediction is not None, "asked for by the caller"
    yours = as_markdown(say(experiment.options[trial.prediction]))
    claimed = as_markdown(say(experiment.options[experiment.claimed]))
    name = "right" if trial.prediction == experiment.claimed else "wrong"
    if not holds:
        name = "open"
    st.markdown(t(f"experiments.predicted_{name}", yours=yours, claimed=claimed))

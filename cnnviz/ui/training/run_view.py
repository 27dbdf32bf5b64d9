"""One run: its state while it waits and runs, and its curves afterwards."""

from itertools import count
from math import ceil
from typing import TypedDict

import streamlit as st

from cnnviz.machine import device_text
from cnnviz.numbers import clock, short
from cnnviz.render.training_charts import gradient_chart, progress_chart, rate_chart
from cnnviz.training.diagnosis import diagnosis, is_at_chance
from cnnviz.training.events import Evaluating, Phase
from cnnviz.training.history import History
from cnnviz.training.job import Job
from cnnviz.training.state import JobState
from cnnviz.ui.kit.announcement import announce
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.steady_chart import steady_chart
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session.owner import owner
from cnnviz.ui.training import labels, runs
from cnnviz.ui.training.place import place

POLL = 1.0  # seconds
_QUARTERS = 4
_SIGNS = {
    JobState.QUEUED: "◌",
    JobState.RUNNING: "●",
    JobState.DONE: "✓",
    JobState.CANCELLED: "■",
    JobState.FAILED: "✕",
    JobState.UNREADABLE: "?",
}
_TINTS = {
    JobState.QUEUED: "gray",
    JobState.RUNNING: "blue",
    JobState.DONE: "green",
    JobState.CANCELLED: "orange",
    JobState.FAILED: "red",
    JobState.UNREADABLE: "gray",
}


class _Look(TypedDict):
    """Arguments of every chart."""

    epochs: int
    ink: str
    revision: str


def run_view(job: Job) -> None:
    """Show a run and follow it; each change of its state draws the whole page once more."""
    passes = count()

    @every(POLL if job.is_active else None)
    def follow() -> None:
        now = runs.store().job(job.id) if next(passes) else job
        if now is None or (now.state, now.cancel) != (job.state, job.cancel):
            st.rerun()
        history = runs.history(now.id)
        announce(_spoken(now, history), key="run")
        _state(now)
        _lesson(now, history)
        _figures(now, history)
        _charts(now, history)

    # outside the fragment: a part that redraws each second is hard to click
    _heading(job)
    follow()


def _spoken(job: Job, history: History) -> list[str]:
    """A run's state and, once a quarter of the way, how far it is; its result at the end."""
    parts = [f"{labels.title(job)}: {t(f'runs.{job.state}')}"]
    quarters = int(_QUARTERS * history.epoch / job.asked.recipe.epochs)
    if job.is_active and quarters:
        parts.append(t("runs.part_done", share=100 // _QUARTERS * quarters))
    elif "test_accuracy" in job.result:
        parts.append(f"{t('runs.accuracy')} {percent(job.result['test_accuracy'])}")
    return parts


def state_mark(job: Job) -> str:
    """A run's state as a sign and a word, and whether its time limit ended it."""
    limit = f" · {t('runs.time_limit')}" if job.hit_time_limit else ""
    return f"{_SIGNS[job.state]} {t(f'runs.{job.state}')}{limit}"


def epochs(history: History) -> str:
    """Format the epochs done; small numbers get a decimal."""
    done = history.epoch
    return f"{done:.1f}" if done >= 1 else f"{done:.2g}"


def epochs_shown(job: Job, history: History) -> int:
    """Return the axis length: the whole recipe while active, so that the axis stands still."""
    whole = job.asked.recipe.epochs
    return whole if job.is_active else min(whole, max(1, ceil(history.epoch)))


def seconds(job: Job) -> str:
    """Format an ended run's duration; a dash if the run never began."""
    if job.started is None or job.ended is None:
        return "–"
    return f"{job.result.get('seconds', job.ended - job.started):.1f} s"


def _heading(job: Job) -> None:
    title, buttons = st.columns([6, 1], vertical_alignment="center")
    title.markdown(f"### {as_markdown(labels.title(job))}", help=_recipe(job))
    place_of_stop = buttons.empty()  # else the button stays until the page is drawn to its end
    if job.is_active and runs.is_mine(job):
        name = "stop_again" if job.cancel else "stop"
        place_of_stop.button(
            t(f"runs.{name}"),
            key=name,
            width="stretch",
            on_click=_stop,
            args=(job,),
            help=t(f"runs.{name}_help"),
        )


def _stop(job: Job) -> None:
    """Cancel as the button promised when drawn: a double click cancels once."""
    now = runs.store().job(job.id)
    if now and now.cancel == job.cancel:
        runs.store().cancel(job.id, owner=owner())


def _recipe(job: Job) -> str:
    """The whole recipe, for the help of the heading."""
    recipe = job.asked.recipe
    return "  \n".join(
        f"{say(knob.label)}: **{say(knob.show(recipe.values[knob.name]))}**"
        for knob in recipe.knobs()
    )


def _state(job: Job) -> None:
    """Show the run's current activity as a sentence and a bar."""
    history = runs.history(job.id)
    if job.state == JobState.FAILED:
        st.error(f"**{state_mark(job)}** · {say(job.message)}")
    else:
        _sentence(job, history)
    phase = _phase_shown(history) if job.is_active else None
    done = history.epoch / job.asked.recipe.epochs
    st.progress(phase.done / phase.total if phase else min(1.0, done))
    if history.start.skipped:
        st.caption(t("runs.skipped", count=history.start.skipped))


def _sentence(job: Job, history: History) -> None:
    text = {
        JobState.QUEUED: lambda: place(job),
        JobState.RUNNING: lambda: _progress(job, history),
        JobState.DONE: lambda: _done(job, history),
        JobState.CANCELLED: lambda: _stopped(job, history),
    }[job.state]()
    theirs = "" if runs.is_mine(job) else f" · :gray[{t('runs.theirs')}]"
    tint = "orange" if job.hit_time_limit else _TINTS[job.state]
    st.markdown(f":{tint}[**{_SIGNS[job.state]} {t(f'runs.{job.state}')}**] · {text}{theirs}")


def _done(job: Job, history: History) -> str:
    if not job.hit_time_limit:
        return t("runs.done_on", data=labels.data_title(job))
    return t(
        "runs.ended_by_limit",
        seconds=job.asked.recipe.time_limit,
        epoch=epochs(history),
        epochs=job.asked.recipe.epochs,
    )


def _progress(job: Job, history: History) -> str:
    now = history.now
    phase = _phase(job, history)
    if job.cancel:
        return " · ".join(filter(None, (t("runs.stopping"), phase)))
    if isinstance(history.last, Evaluating):
        return t("runs.evaluating")
    if not now:
        return phase or t("runs.starting")
    expected = ""
    if job.predicted:
        whole = clock(job.seconds_running + now.seconds_left)
        expected = t("runs.predicted", predicted=say(clock(job.predicted)), whole=say(whole))
    epoch = t(
        "runs.progress",
        epoch=min(int(now.epoch) + 1, job.asked.recipe.epochs),
        epochs=job.asked.recipe.epochs,
        data=labels.data_title(job),
        device=device_text(history.start.device or job.asked.device),
    )
    return " · ".join(filter(None, (epoch, phase, expected)))


def _phase(job: Job, history: History) -> str:
    """Describe the current phase; running seconds show progress within a long one."""
    phase = _phase_shown(history)
    if not phase:
        return ""
    name = f"runs.phase_{phase.phase.replace(' ', '_')}"
    if phase.total > 1:
        return t(f"{name}_of", done=f"{phase.done:,}", total=f"{phase.total:,}")
    return t(name, seconds=f"{job.seconds_running:.0f}")


def _phase_shown(history: History) -> Phase | None:
    """Return the newest event if it is a phase; skip an evaluation that has only begun."""
    phase = history.phase
    return None if phase and phase.phase == "evaluation" and not phase.done else phase


def _stopped(job: Job, history: History) -> str:
    if not history.steps:
        return t("runs.cancelled_first")
    name = "cancelled_at" if job.result else "cancelled_untested"
    return t(f"runs.{name}", epoch=epochs(history))


def _figures(job: Job, history: History) -> None:
    """Show the current or final figures, always at the same places."""
    now, result = history.now, job.result
    test = history.epochs[-1].test_accuracy if history.epochs else None
    speed = result.get("images_per_second", now.images_per_second if now else None)
    figures = {
        "accuracy": percent(result.get("test_accuracy", test)),
        "train_accuracy": percent(now.accuracy if now else None),
        "epoch": f"{epochs(history)} / {job.asked.recipe.epochs}",
        "speed": short(speed) if speed else "–",
    }
    if job.is_active:
        figures["left"] = f"{now.seconds_left:.0f} s" if now else "–"
    else:
        figures["seconds"] = seconds(job)
    if now and now.memory_bytes:
        figures["memory"] = short(now.memory_bytes, "B")
    for column, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(t(f"runs.{name}"), value, help=t(f"runs.{name}_help"))


def percent(value: float | None) -> str:
    """A share from 0 to 1 for the eye."""
    return "–" if value is None else f"{100 * value:.1f} %"


def _lesson(job: Job, history: History) -> None:
    """Call a result at chance level so, with the likely cause."""
    accuracy, classes = job.result.get("test_accuracy"), len(history.start.classes)
    if accuracy is None or not classes or not is_at_chance(accuracy, classes):
        return
    norms = [step.gradient_norms for step in history.steps]
    request = job.asked
    steps = history.now.step if history.now else 0
    cause = diagnosis(norms, steps, request.spec, request.recipe)
    guess = f"{100 / classes:.0f} %"
    st.warning(f"{t('runs.chance', accuracy=percent(accuracy), guess=guess)} {say(cause)}")


def _charts(job: Job, history: History) -> None:
    """The four charts; they keep the user's zoom while the run goes on."""
    if not history.steps:
        return
    look = _Look(epochs=epochs_shown(job, history), ink=ink(), revision=job.id)
    pictures = {
        "loss": progress_chart(history, "loss", language(), **look),
        "accuracy": progress_chart(history, "accuracy", language(), **look),
        "rate": rate_chart(history, language(), **look),
        "gradients": gradient_chart(history, language(), **look),
    }
    columns = (*st.columns(2), *st.columns(2))
    for column, (name, figure) in zip(columns, pictures.items(), strict=True):
        with column:
            steady_chart(figure, key=f"{name}-{job.id}", label=t(f"charts.{name}_alt"))

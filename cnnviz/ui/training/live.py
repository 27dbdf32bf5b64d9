"""One run while it waits and runs, and what its curves were afterwards."""

import time
from itertools import count

import streamlit as st

from cnnviz.render.course import Course, Event
from cnnviz.render.numbers import short
from cnnviz.render.training_charts import gradient_chart, progress_chart, rate_chart
from cnnviz.training.data import sources
from cnnviz.training.job import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Job
from cnnviz.ui.look import ink
from cnnviz.ui.owner import owner
from cnnviz.ui.polling import every
from cnnviz.ui.training import runs
from cnnviz.ui.training.steady_chart import steady_chart
from cnnviz.ui.words import as_markdown, language, say, t

POLL = 1.0  # seconds
_SIGNS = {QUEUED: "◌", RUNNING: "●", DONE: "✓", CANCELLED: "■", FAILED: "✕"}
_TINTS = {QUEUED: "gray", RUNNING: "blue", DONE: "green", CANCELLED: "orange", FAILED: "red"}


def run_view(job: Job) -> None:
    """Show a run and follow it; each change of its state draws the whole page once more."""
    passes = count()

    @every(POLL if job.is_active else None)
    def follow() -> None:
        now = runs.store().job(job.id) if next(passes) else job
        if now is None or (now.state, now.cancel) != (job.state, job.cancel):
            st.rerun()
        _state(now)
        _figures(now, runs.course(now.id))
        _charts(now, runs.course(now.id))

    # outside: what is drawn anew each second is hard to click
    _heading(job)
    follow()


def state_mark(job: Job) -> str:
    """A run's state as a sign and a word."""
    return f"{_SIGNS[job.state]} {t(f'runs.{job.state}')}"


def data_title(job: Job) -> str:
    known = sources().get(job.request.data)
    return say(known.title) if known else job.request.data


def _heading(job: Job) -> None:
    title, buttons = st.columns([6, 1], vertical_alignment="center")
    title.markdown(f"### {as_markdown(runs.title(job))}", help=_recipe(job))
    if job.is_active and runs.is_mine(job):
        name = "stop_again" if job.cancel else "stop"
        buttons.button(
            t(f"runs.{name}"),
            key=name,
            width="stretch",
            on_click=_stop,
            args=(job,),
            help=t(f"runs.{name}_help"),
        )


def _stop(job: Job) -> None:
    """Ask what the button said when it was drawn: a double click is one wish."""
    now = runs.store().job(job.id)
    if now and now.cancel == job.cancel:
        runs.store().cancel(job.id, owner=owner())


def _recipe(job: Job) -> str:
    """The whole recipe, for the help of the heading."""
    recipe = job.request.recipe
    return "  \n".join(
        f"{say(knob.label)}: **{say(knob.show(recipe.values[knob.name]))}**"
        for knob in recipe.knobs()
    )


def _state(job: Job) -> None:
    """What the run does now, in a sentence and as a bar."""
    course = runs.course(job.id)
    if job.state == FAILED:
        st.error(f"**{state_mark(job)}** · {say(job.message)}")
    else:
        _sentence(job, course)
    phase = _phase_shown(course) if job.is_active else {}
    done = course.now.get("epoch", 0) / job.request.recipe.epochs
    st.progress(phase["done"] / phase["total"] if phase else min(1.0, done))


def _sentence(job: Job, course: Course) -> None:
    text = {
        QUEUED: lambda: _place(job),
        RUNNING: lambda: _progress(job, course),
        DONE: lambda: t("runs.done_on", data=data_title(job)),
        CANCELLED: lambda: _stopped(job, course),
    }[job.state]()
    theirs = "" if runs.is_mine(job) else f" · :gray[{t('runs.theirs')}]"
    st.markdown(f":{_TINTS[job.state]}[**{state_mark(job)}**] · {text}{theirs}")


def _place(job: Job) -> str:
    queue = [waiting.id for waiting in runs.store().queue()]
    place = queue.index(job.id) + 1 if job.id in queue else 1
    if runs.store().paused_by() is not None:
        return t("runs.place_paused", place=place)
    running = len(runs.store().jobs(states=[RUNNING]))
    ahead = place - 1 + running
    each = runs.store().seconds_a_job()
    if each is None or not ahead:
        return t("runs.place", place=place, ahead=ahead)
    seconds = f"{each * ahead / max(1, running):.0f}"
    return t("runs.place_and_wait", place=place, ahead=ahead, seconds=seconds)


def _progress(job: Job, course: Course) -> str:
    now = course.now
    phase = _phase(job, course)
    if job.cancel:
        return " · ".join(filter(None, (t("runs.stopping"), phase)))
    if course.last == "evaluating":
        return t("runs.evaluating")
    if not now:
        return phase or t("runs.starting")
    epoch = t(
        "runs.progress",
        epoch=min(int(now["epoch"]) + 1, job.request.recipe.epochs),
        epochs=job.request.recipe.epochs,
        data=data_title(job),
        device=course.start.get("device", job.request.device),
    )
    return " · ".join(filter(None, (epoch, phase)))


def _phase(job: Job, course: Course) -> str:
    """What the run does while it does not train; the seconds move where nothing else does."""
    phase = _phase_shown(course)
    if not phase:
        return ""
    name = f"runs.phase_{phase['phase'].replace(' ', '_')}"
    if phase["total"] > 1:
        return t(f"{name}_of", done=f"{phase['done']:,}", total=f"{phase['total']:,}")
    return t(name, seconds=f"{time.time() - job.started:.0f}")


def _phase_shown(course: Course) -> Event:
    """The newest event if it tells a phase; an evaluation that only begins may be over at once."""
    begins = course.phase.get("phase") == "evaluation" and not course.phase["done"]
    return {} if begins else course.phase


def _stopped(job: Job, course: Course) -> str:
    if not course.steps:
        return t("runs.cancelled_first")
    name = "cancelled_at" if job.result else "cancelled_untested"
    return t(f"runs.{name}", epoch=_epoch(course))


def _epoch(course: Course) -> str:
    """With its first digits, however small it is: 0.03."""
    epoch = course.now.get("epoch", 0)
    return f"{epoch:.1f}" if epoch >= 1 or not epoch else f"{epoch:.2g}"


def _figures(job: Job, course: Course) -> None:
    """The numbers of the moment, or of the end, always at the same places."""
    now, result = course.now, job.result
    test = course.epochs[-1]["test_accuracy"] if course.epochs else None
    speed = result.get("images_per_second", now.get("images_per_second"))
    figures = {
        "accuracy": _percent(result.get("test_accuracy", test)),
        "train_accuracy": _percent(now.get("accuracy")),
        "epoch": f"{_epoch(course)} / {job.request.recipe.epochs}",
        "speed": short(speed) if speed else "–",
    }
    if job.is_active:
        figures["left"] = f"{now['seconds_left']:.0f} s" if now else "–"
    else:
        seconds = (job.ended or job.created) - (job.started or job.ended or job.created)
        figures["seconds"] = f"{result.get('seconds', seconds):.1f} s"
    if now.get("memory_bytes"):
        figures["memory"] = short(now["memory_bytes"], "B")
    for column, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
        column.metric(t(f"runs.{name}"), value, help=t(f"runs.{name}_help"))


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _charts(job: Job, course: Course) -> None:
    """The four charts; they keep the user's zoom while the run goes on."""
    if not course.steps:
        return
    look = {
        "epochs": job.request.recipe.epochs,
        "ink": ink(),
        "revision": job.id,
    }
    pictures = {
        "loss": progress_chart(course, "loss", language(), **look),
        "accuracy": progress_chart(course, "accuracy", language(), **look),
        "rate": rate_chart(course, language(), **look),
        "gradients": gradient_chart(course, language(), **look),
    }
    columns = (*st.columns(2), *st.columns(2))
    for column, (name, figure) in zip(columns, pictures.items(), strict=True):
        with column:
            steady_chart(figure, key=f"{name}-{job.id}", label=t(f"charts.{name}_alt"))

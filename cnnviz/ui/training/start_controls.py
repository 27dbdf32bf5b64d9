"""The plan of the next run in two sentences, and the buttons that start it."""

import streamlit as st

from cnnviz.knobs import SpecError
from cnnviz.machine import device_text
from cnnviz.numbers import clock
from cnnviz.training.job import Job
from cnnviz.training.plan import Plan
from cnnviz.training.plan_words import knob_of, sentences, why, words
from cnnviz.training.speed import kept_speed
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session.device import LIVE, chosen_device, for_training
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.training import form as state
from cnnviz.ui.training import prospect
from cnnviz.ui.training.form import Form, Wanted

_LOOK = 1.0  # seconds


def start_controls(slot: Slot, form: Form) -> None:
    """State a demo's changes and time, and offer it, a part of it, or the run as it is."""
    known = prospect.forecast(form.data)
    try:
        made = state.demo(form, slot.spec, known) if known else None
        busy = _busy(slot, form, made)
    except SpecError:  # said beside the data
        made = busy = None
    if made is None:
        until_measured()
    else:
        _plan(made, form)
    label = t("training.start_demo", time=say(clock(made.seconds))) if made else t("training.start")
    st.button(
        t("training.under_way", number=busy.sequence) if busy else label,
        type="primary",
        width="stretch",
        key="start",
        disabled=bool(busy) or bool(form.refused),
        on_click=state.start,
        help=t("training.under_way_help") if busy else t("training.start_help"),
    )
    if made and made.changes:
        st.button(
            t("training.start_as_it_is", time=say(clock(made.unchanged))),
            key="start-as-it-is",
            width="stretch",
            disabled=bool(form.refused),
            on_click=state.start_as_it_is,
            help=t("training.start_as_it_is_help"),
        )
    _refusal(form)


def _busy(slot: Slot, form: Form, made: Plan | None) -> Job | None:
    """Return the active run of the same request, if any."""
    spec, recipe = (made.spec, made.recipe) if made else (slot.spec, form.recipe)
    wanted = Wanted(slot.preset.name, spec, recipe)
    return state.active_job(form, state.request(form, wanted))


def _plan(made: Plan, form: Form) -> None:
    said = sentences(made, device_text(chosen_device(for_training())))
    st.markdown(as_markdown(say(said)))
    kept = sorted(form.keep)
    if not made.changes and not kept:
        return
    with st.expander(t("training.demo_changes", count=len(made.changes))):
        st.caption(say(why(made)))
        for change in made.changes:
            _choice(form, change.what, as_markdown(say(words(made, change))), taken=True)
        for name in kept:
            _choice(form, name, as_markdown(say(knob_of(made.spec, name).label)), taken=False)


def _choice(form: Form, name: str, label: str, *, taken: bool) -> None:
    key = f"demo.{name}.{language()}.{form.generation}"
    st.checkbox(label, value=taken, key=key, on_change=state.decline, args=(name, key))


def until_measured() -> None:
    """Draw the page again when the device has been measured; a cluster's GPUs never are."""
    device = chosen_device(for_training())
    if device != "cpu" and for_training() is not LIVE:
        st.caption(t("training.unmeasured"))
        return

    @every(_LOOK)
    def look() -> None:
        if kept_speed(device):
            st.rerun()
        st.caption(t("training.measuring"))

    look()


def _refusal(form: Form) -> None:
    """Show why nothing was started, with the ways out as buttons."""
    if not form.refusal:
        return
    st.error(say(form.refusal.message))
    largest = form.refusal.largest
    if largest:
        st.button(
            t("training.take_largest", batch=largest.batch_size),
            key="largest",
            width="stretch",
            on_click=state.take,
            args=(largest,),
        )
    if form.refusal.is_too_long:
        st.button(t("training.demo_instead"), key="instead", width="stretch", on_click=state.start)
        st.button(
            t("training.until_limit"),
            key="until-limit",
            width="stretch",
            on_click=state.start_as_it_is,
            kwargs={"agreed": True},
        )

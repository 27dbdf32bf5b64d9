"""The sidebar: data, device, recipe, and the buttons that start a run or a race."""

from itertools import groupby

import streamlit as st

from cnnviz.data.dataset import sources
from cnnviz.data.images import describe
from cnnviz.data.known_sets import Source
from cnnviz.knobs import Knob, SpecError
from cnnviz.training.admission import training_spec
from cnnviz.training.recipe import Recipe
from cnnviz.ui.kit.knob_widget import folded_group, knob_widget
from cnnviz.ui.kit.words import say, say_problem, t
from cnnviz.ui.session.device import for_training, select_device
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.training import form as state
from cnnviz.ui.training.form import Form
from cnnviz.ui.training.more_data import more_data
from cnnviz.ui.training.paper_recipe import paper_recipe
from cnnviz.ui.training.race import race
from cnnviz.ui.training.rate_hint import rate_hint
from cnnviz.ui.training.start_controls import start_controls

_ALWAYS = (("epochs", "batch_size"), ("optimiser", "learning_rate"))  # two a row


def sidebar(slot: Slot, form: Form) -> None:
    """Draw the controls of the next run, in the order in which a run is thought of."""
    st.page_link("pages/architecture.py", label=t("training.change_network"))
    _data(slot, form)
    for names in _ALWAYS:
        for name, column in zip(names, st.columns(2, gap="small"), strict=True):
            with column:
                _widget(form, Recipe.knob(name))
        for name in names:
            _why_refused(form, Recipe.knob(name))
    rate_hint(form)
    select_device(for_training(), help=t("training.device_help"))
    start_controls(slot, form)
    race(slot, form)
    _more(form)
    paper_recipe(slot.preset.name, slot.spec)
    more_data()


def _data(slot: Slot, form: Form) -> None:
    known = sources()
    names = list(known)
    key = state.data_key(form)
    st.selectbox(
        t("training.data"),
        names,
        index=names.index(form.data),
        key=key,
        format_func=lambda name: say(known[name].title),
        on_change=state.choose_data,
        args=(key,),
        help=say(known[form.data].help),
    )
    st.caption(_what_happens(slot, known[form.data]))


def _what_happens(slot: Slot, source: Source) -> str:
    """State how image size and head are adapted to the data."""
    spec = slot.spec
    image = describe((source.channels, source.size, source.size), spec.input_shape[1:])
    try:
        trained = training_spec(spec, source)
    except SpecError as error:
        return f"{say(image)} {say_problem(error.problems[0])}"
    if trained == spec:
        return say(image)
    head = t("training.head", classes=trained.num_classes, before=spec.num_classes)
    return f"{say(image)} {head}"


def _more(form: Form) -> None:
    """The other knobs in groups, and the way back to the start."""
    shown = {name for names in _ALWAYS for name in names}
    for group, members in groupby(Recipe.knobs(), key=lambda knob: knob.group):
        knobs = [knob for knob in members if knob.name not in shown]
        with folded_group(
            say(group),
            is_turned=any(_is_turned(form, knob) for knob in knobs),
            is_refused=any(knob.name in form.refused for knob in knobs),
        ):
            for knob in knobs:
                _widget(form, knob)
                _why_refused(form, knob)
    st.button(
        t("controls.reset_all"),
        key="recipe-reset",
        width="stretch",
        disabled=not (form.turned or form.refused),
        on_click=state.take,
        args=(Recipe(),),
        help=t("training.reset_help"),
    )


def _is_turned(form: Form, knob: Knob) -> bool:
    return knob.name in form.refused or knob.name in form.turned


def _why_refused(form: Form, knob: Knob) -> None:
    if knob.name in form.refused:
        st.error(say_problem(form.refused[knob.name][1]))


def _widget(form: Form, knob: Knob) -> None:
    low, high = knob.bounds
    limits = "" if knob.choices else t("controls.range", low=f"{low:g}", high=f"{high:,}")
    start = t("training.default", value=say(knob.show(knob.default)))
    knob_widget(
        knob,
        state.widget_value(form, knob),
        key=state.knob_key(form, knob),
        turned=_is_turned(form, knob),
        notes=f"{limits} {start}",
        on_change=state.turn,
        segmented=False,
    )

"""The sidebar: family, preset, history, and one widget for each knob."""

from itertools import groupby

import streamlit as st

from cnnviz.knobs import Knob
from cnnviz.ui.kit.drags import hear_drags
from cnnviz.ui.kit.knob_widget import folded_group, knob_widget
from cnnviz.ui.kit.words import say, say_problem, t
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.session.subject import with_other_names
from cnnviz.zoo import FAMILIES, PRESETS

_VISIBLE = 7


def sidebar(slot: Slot) -> None:
    """Draw the controls of a slot; later groups of knobs are folded."""
    _family_and_preset(slot)
    _history(slot)
    shown = 0
    for group, members in groupby(slot.spec.knobs(), key=lambda knob: knob.group):
        knobs = list(members)
        shown += len(knobs)
        if shown <= _VISIBLE:
            st.markdown(f"**{say(group)}**")
            holder = st.container(gap="small")
        else:
            holder = folded_group(
                say(group),
                is_turned=any(_is_turned(slot, knob) for knob in knobs),
                is_refused=any(knob.name in slot.draft.refused for knob in knobs),
            )
        with holder:
            for knob in knobs:
                _knob(slot, knob)


def follow_drags(slot: Slot) -> None:
    """Turn a slot's knobs while their sliders are dragged; call it at the end of the page."""
    sliders = {slot.widget_key(knob): knob for knob in slot.spec.knobs() if knob.slider}
    hear_drags(list(sliders), lambda drag: slot.drag(sliders[drag.slider], drag))


def _family_and_preset(slot: Slot) -> None:
    families = list(FAMILIES)
    key = slot.family_key
    st.selectbox(
        t("controls.family"),
        families,
        index=families.index(slot.family),
        key=key,
        format_func=lambda name: with_other_names(FAMILIES[name].title, FAMILIES[name].known_as),
        on_change=slot.choose_family,
        args=(key,),
        help=t("controls.family_help"),
    )
    presets = [preset.name for preset in FAMILIES[slot.family].presets]
    key = slot.preset_key
    st.selectbox(
        t("controls.preset"),
        presets,
        index=presets.index(slot.preset.name),
        key=key,
        format_func=lambda name: with_other_names(name, PRESETS[name].known_as),
        on_change=slot.choose_preset,
        args=(key,),
        help=t("controls.preset_help"),
    )


def _history(slot: Slot) -> None:
    turned = bool(slot.turned or slot.draft.refused)
    row = st.container(horizontal=True, gap="small")  # of several lines where letters are large
    row.button(
        t("controls.undo"),
        on_click=slot.undo,
        disabled=not slot.history.past,
        help=t("controls.undo"),
        width="stretch",
        key=slot.key("undo"),
    )
    row.button(
        t("controls.redo"),
        on_click=slot.redo,
        disabled=not slot.history.future,
        help=t("controls.redo"),
        width="stretch",
        key=slot.key("redo"),
    )
    row.button(
        t("controls.reset_all"),
        on_click=slot.reset,
        disabled=not turned,
        help=t("controls.reset_all_help"),
        width="stretch",
        key=slot.key("reset"),
    )


def _is_turned(slot: Slot, knob: Knob) -> bool:
    return knob.name in slot.draft.refused or knob.name in slot.turned


def _knob(slot: Slot, knob: Knob) -> None:
    turned = _is_turned(slot, knob)
    widget, button = st.columns([6, 1], vertical_alignment="bottom", gap="small")
    with widget:
        knob_widget(
            knob,
            slot.widget_value(knob),
            key=slot.widget_key(knob),
            turned=turned,
            notes=_range(knob),
            on_change=slot.turn,
            segmented=True,
        )
    start = say(knob.show(getattr(slot.preset.spec, knob.name)))
    button.button(
        t("controls.reset_knob", knob=say(knob.label)),
        key=slot.key(f"{slot.family}.{knob.name}.reset"),
        type="tertiary",
        on_click=slot.reset,
        args=(knob,),
        disabled=not turned,
        help=t("controls.reset", value=start),
    )
    if knob.name in slot.draft.refused:
        st.error(say_problem(slot.draft.refused[knob.name][1]))
        if slot.too_small(knob.name):
            st.button(
                t("broken.show"),
                key=slot.key(f"{slot.family}.{knob.name}.broken"),
                on_click=slot.show_broken,
                args=(knob.name,),
                disabled=slot.draft.broken == knob.name,
                help=t("broken.show_help"),
                width="stretch",
            )


def _range(knob: Knob) -> str:
    """The bounds of a number, for its help text; "" for a choice."""
    low, high = knob.bounds
    return "" if knob.choices else t("controls.range", low=low, high=high)

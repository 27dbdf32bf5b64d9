"""The sidebar: family, preset, and one widget for each knob of the declaration."""

from itertools import groupby

import streamlit as st

from cnnviz.knobs import Knob
from cnnviz.ui import network as state
from cnnviz.ui.knob_widget import knob_widget
from cnnviz.ui.network import Network
from cnnviz.ui.words import say, say_problem, t
from cnnviz.zoo import FAMILIES

_VISIBLE = 7


def sidebar(network: Network) -> None:
    """Draw the controls of the network on screen."""
    _family_and_preset(network)
    _history(network)
    shown = 0
    for group, members in groupby(network.spec.knobs(), key=lambda knob: knob.group):
        knobs = list(members)
        shown += len(knobs)
        changed = sum(_is_turned(network, knob) for knob in knobs)
        if shown <= _VISIBLE:
            st.markdown(f"**{say(group)}**")
            holder = st.container(gap="small")
        else:
            mark = f" · :orange[✎ {changed}]" if changed else ""
            refused = any(knob.name in network.draft.refused for knob in knobs)
            holder = st.expander(say(group) + mark, expanded=refused)
        with holder:
            for knob in knobs:
                _knob(network, knob)


def _family_and_preset(network: Network) -> None:
    families = list(FAMILIES)
    key = state.family_key(network)
    st.selectbox(
        t("controls.family"),
        families,
        index=families.index(network.family),
        key=key,
        format_func=lambda name: FAMILIES[name].title,
        on_change=state.choose_family,
        args=(key,),
        help=t("controls.family_help"),
    )
    presets = [preset.name for preset in FAMILIES[network.family].presets]
    key = state.preset_key(network)
    st.selectbox(
        t("controls.preset"),
        presets,
        index=presets.index(network.preset.name),
        key=key,
        on_change=state.choose_preset,
        args=(key,),
        help=t("controls.preset_help"),
    )


def _history(network: Network) -> None:
    turned = bool(network.turned or network.draft.refused)
    undo, redo, reset = st.columns([1, 1, 2])
    undo.button(
        "↶",
        on_click=state.undo,
        disabled=not network.past,
        help=t("controls.undo"),
        width="stretch",
        key="undo",
    )
    redo.button(
        "↷",
        on_click=state.redo,
        disabled=not network.future,
        help=t("controls.redo"),
        width="stretch",
        key="redo",
    )
    reset.button(
        t("controls.reset_all"),
        on_click=state.reset,
        disabled=not turned,
        help=t("controls.reset_all_help"),
        width="stretch",
        key="reset",
    )


def _is_turned(network: Network, knob: Knob) -> bool:
    return knob.name in network.draft.refused or knob.name in network.turned


def _knob(network: Network, knob: Knob) -> None:
    turned = _is_turned(network, knob)
    widget, button = st.columns([6, 1], vertical_alignment="bottom", gap="small")
    with widget:
        knob_widget(
            knob,
            state.widget_value(network, knob),
            key=state.widget_key(network, knob),
            turned=turned,
            notes=_range(knob),
            on_change=state.turn,
            segmented=True,
        )
    start = say(knob.show(getattr(network.preset.spec, knob.name)))
    button.button(
        "↺",
        key=f"{network.family}.{knob.name}.reset",
        type="tertiary",
        on_click=state.reset,
        args=(knob,),
        disabled=not turned,
        help=t("controls.reset", value=start),
    )
    if knob.name in network.draft.refused:
        st.error(say_problem(network.draft.refused[knob.name][1]))
        if state.too_small(network, knob.name):
            st.button(
                t("broken.show"),
                key=f"{network.family}.{knob.name}.broken",
                on_click=state.show_broken,
                args=(knob.name,),
                disabled=network.draft.broken == knob.name,
                help=t("broken.show_help"),
                width="stretch",
            )


def _range(knob: Knob) -> str:
    """The limits of a number, for its help."""
    low, high = knob.bounds
    return "" if knob.choices else t("controls.range", low=low, high=high)

"""The widgets of a sweep: which knobs, over which values, and what is shown of each network."""

from functools import partial

import streamlit as st

from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.sweeps.grid import AXES, VIEWS, Grid
from cnnviz.ui.sweeps.measures import ALL

_NONE = ""  # no second knob


def view_choice(grid: Grid) -> None:
    """Let the user go from the sweep to the front of all presets."""
    key = f"sweeps.view.{language()}"

    def chosen() -> None:
        if st.session_state.get(key) in VIEWS:
            grid.view = st.session_state[key]

    st.segmented_control(
        t("sweeps.view"),
        VIEWS,
        key=steer(key, grid.view),
        required=True,
        format_func=lambda name: t(f"sweeps.{name}"),
        on_change=chosen,
        label_visibility="collapsed",
    )


def measure_choice(grid: Grid, names: tuple[str, ...] = tuple(ALL)) -> str:
    """Let the user choose what is shown of each network, one of `names`."""
    shown = grid.measure if grid.measure in names else names[0]
    key = f"sweeps.measure.{language()}.{len(names)}"

    def chosen() -> None:
        if st.session_state.get(key) in names:
            grid.measure = st.session_state[key]

    st.pills(
        t("sweeps.measure"),
        names,
        key=steer(key, shown),
        required=True,
        format_func=lambda name: say(ALL[name].label),
        on_change=chosen,
        label_visibility="collapsed",
    )
    return shown


def axes(slot: Slot, grid: Grid) -> None:
    """Draw a choice of a knob and a box for its values, for one knob and a second."""
    typed = grid.typed(slot)
    columns = st.columns([3, 4, 3, 4], vertical_alignment="top")
    for place, axis in enumerate(AXES):
        knob_column, values_column = columns[2 * place : 2 * place + 2]
        name, text = typed[place] if place < len(typed) else (_NONE, "")
        with knob_column:
            _knob(slot, grid, place, name)
        if name:
            with values_column:
                _values(slot, grid, place, axis, text)


def _knob(slot: Slot, grid: Grid, place: int, name: str) -> None:
    others = {other for number, (other, _) in enumerate(grid.typed(slot)) if number != place}
    names = [knob.name for knob in slot.spec.knobs() if knob.name not in others]
    options = [_NONE, *names] if place else names
    key = f"sweeps.knob.{slot.family}.{place}.{language()}"

    def chosen() -> None:
        wanted = st.session_state.get(key)
        if wanted in options:
            grid.choose(slot, place, wanted or None)

    def label(name: str) -> str:
        if not name:
            return t("sweeps.none")
        knob = slot.spec.knob(name)
        return f"{say(knob.label)} {knob.symbol}".strip()

    st.selectbox(
        t("sweeps.second" if place else "sweeps.first"),
        options,
        key=steer(key, name),
        format_func=label,
        on_change=chosen,
        help=t("sweeps.knob_help"),
    )


def _values(slot: Slot, grid: Grid, place: int, axis: str, text: str) -> None:
    key = f"sweeps.values.{slot.family}.{axis}"
    write = partial(grid.write, slot, place)
    st.text_input(
        t("sweeps.values"),
        key=steer(key, text),
        on_change=lambda: write(str(st.session_state.get(key, text))),
        max_chars=2000,
        help=t("sweeps.values_help"),
    )

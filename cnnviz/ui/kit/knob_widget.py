"""One widget for one knob, of a network or of a recipe."""

from collections.abc import Callable, Iterable
from math import isfinite
from typing import TypedDict

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cnnviz.knobs import Knob, Value
from cnnviz.labs.written import WrittenKnob
from cnnviz.ui.kit.words import glossary_link, say

_LINE, _PADDING = 24, 52  # px of a text area, and of its label and frame
Held = Value | None  # what a knob's widget holds; None for a number box that was emptied


class _Common(TypedDict):
    """Arguments of every widget."""

    label: str
    key: str
    help: str
    on_change: Callable[[Knob, str], None]
    args: tuple[Knob, str]


def is_on_screen(key: str, current: str) -> bool:
    """Return whether a report concerns the current widget and its state has arrived.

    Browsers also report replaced widgets, and a change of page may drop a widget's state before
    it is read.
    """
    return key == current and key in st.session_state


def offered(key: str, current: str, options: Iterable[str]) -> str | None:
    """The option that the widget on screen holds; None for anything else that a program sent."""
    if not is_on_screen(key, current):
        return None
    return next((one for one in options if one == st.session_state[key]), None)


def is_typed(knob: Knob) -> bool:
    """Return whether the knob's widget holds a text that is to be read."""
    return isinstance(knob, WrittenKnob) or isinstance(knob.default, tuple)


def can_hold(knob: Knob, raw: object) -> bool:
    """Return whether the knob's widget can hold a value; any program can send others."""
    if knob.choices:
        return any(type(raw) is type(choice) and raw == choice for choice in knob.choices)
    if is_typed(knob):
        return isinstance(raw, str)
    if isinstance(raw, bool):
        return False
    return raw is None or (isinstance(raw, int | float) and isfinite(raw))


def as_meant(knob: Knob, raw: Held) -> Held:
    """A number as the user meant it: steps add up, and 0.1 + 0.05 is not quite 0.15."""
    return round(raw, 6) if isinstance(knob.default, float) and isinstance(raw, float) else raw


def value_of(knob: Knob, raw: Held) -> Held:
    """The content of the knob's widget as a value, whose range is still to be checked.

    Raises:
        SpecError: a text is no value of the knob.
    """
    if is_typed(knob) and isinstance(raw, str):
        return knob.parse(raw)
    return as_meant(knob, raw)


def folded_group(title: str, *, is_turned: bool, is_refused: bool) -> DeltaGenerator:
    """A group of knobs that the user unfolds; it is open where a knob in it is refused.

    The mark of what is turned is no part of the title: with another title it would fold under the
    hand that turns.
    """
    return st.expander(title, expanded=is_refused, icon=":material/edit:" if is_turned else None)


def knob_widget(
    knob: Knob,
    value: Held,
    *,
    key: str,
    turned: bool,
    notes: str,
    on_change: Callable[[Knob, str], None],
    segmented: bool,
) -> None:
    """Draw the widget that suits the knob.

    Args:
        turned: whether it is marked as differing from where it starts.
        notes: further lines of its help.
        on_change: called with the knob and the key.
        segmented: whether a choice of two shows both.
    """
    symbol = f" {knob.symbol}" if knob.symbol else ""
    mark = " ✎" if turned else ""  # without markup, which a screen reader would read out
    common: _Common = {
        "label": f"{say(knob.label)}{symbol}{mark}",
        "key": key,
        "help": f"{say(knob.help)} {notes} {glossary_link(knob.term)}",
        "on_change": on_change,
        "args": (knob, key),
    }
    if isinstance(value, bool):
        st.toggle(value=value, **common)
    elif knob.choices:
        _choice(knob, knob.choices.index(value), common, segmented=segmented)
    elif isinstance(knob, WrittenKnob) and isinstance(value, str):
        lines = max(2, min(value.count("\n") + 1, knob.form.lines))
        st.text_area(value=value, height=_LINE * lines + _PADDING, **common)
    elif isinstance(value, str):
        st.text_input(value=value, **common)
    else:
        _number(knob, value if isinstance(value, int | float) else None, common)


def _choice(knob: Knob, index: int, common: _Common, *, segmented: bool) -> None:
    options = knob.choices

    def shown(option: Value) -> str:
        return say(knob.show(option))

    if segmented and len(options) == 2:
        st.segmented_control(
            options=options,
            default=options[index],
            required=True,
            format_func=shown,
            width="stretch",
            **common,
        )
    else:
        st.selectbox(options=options, index=index, format_func=shown, **common)


def _number(knob: Knob, value: float | None, common: _Common) -> None:
    if knob.slider:
        low, high = knob.bounds
        st.slider(min_value=low, max_value=high, step=knob.step, value=value, **common)
    else:
        # without bounds: the browser would refuse in its own words, or clamp
        shape = "%g" if isinstance(knob.default, float) else None
        st.number_input(step=knob.step, value=value, format=shape, **common)

"""One widget for one knob, of a network or of a recipe."""

from collections.abc import Callable, Iterable
from math import isfinite

import streamlit as st

from cnnviz.knobs import Knob, Value
from cnnviz.ui.kit.words import glossary_link, say


def is_on_screen(key: str, current: str) -> bool:
    """Return whether a report concerns the current widget and its state has arrived.

    Browsers also report replaced widgets, and a change of page may drop a widget's state before
    it is read.
    """
    return key == current and key in st.session_state


def offered(key: str, current: str, options: Iterable[str]) -> str | None:
    """What the widget on screen holds, if it is one of its options: anybody can send others."""
    if is_on_screen(key, current) and st.session_state[key] in list(options):
        return st.session_state[key]
    return None


def can_hold(knob: Knob, raw: object) -> bool:
    """Return whether the knob's widget can hold a value; any program can send others."""
    if knob.choices:
        return any(type(raw) is type(choice) and raw == choice for choice in knob.choices)
    if isinstance(knob.default, tuple):
        return isinstance(raw, str)
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    return raw is None or (is_number and isfinite(raw))


def as_meant(knob: Knob, raw: object) -> object:
    """A number as the user meant it: steps add up, and 0.1 + 0.05 is not quite 0.15."""
    return round(raw, 6) if isinstance(knob.default, float) and isinstance(raw, float) else raw


def value_of(knob: Knob, raw: object) -> Value:
    """What the knob's widget holds as a value of the knob.

    Raises:
        SpecError: a text is no value of the knob.
    """
    return knob.parse(raw) if isinstance(knob.default, tuple) else as_meant(knob, raw)


def knob_widget(
    knob: Knob,
    value: object,
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
    common = {
        "label": f"{say(knob.label)}{symbol}{mark}",
        "key": key,
        "help": f"{say(knob.help)} {notes} {glossary_link(knob.term)}",
        "on_change": on_change,
        "args": (knob, key),
    }
    named = {"options": knob.choices, "format_func": lambda choice: say(knob.show(choice))}
    low, high = knob.bounds
    if isinstance(knob.default, bool):
        st.toggle(value=value, **common)
    elif segmented and len(knob.choices) == 2:
        st.segmented_control(default=value, required=True, width="stretch", **named, **common)
    elif knob.choices:
        st.selectbox(index=knob.choices.index(value), **named, **common)
    elif isinstance(knob.default, tuple):
        st.text_input(value=value, **common)
    elif knob.slider:
        st.slider(min_value=low, max_value=high, step=knob.step, value=value, **common)
    else:
        # no bounds here: the browser would refuse in its own words, or clamp
        shape = {"format": "%g"} if isinstance(knob.default, float) else {}
        st.number_input(step=knob.step, value=value, **shape, **common)

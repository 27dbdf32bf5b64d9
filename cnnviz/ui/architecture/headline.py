"""The figures at the top of the page, each with its change from the preset."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.counting.conventions import CONVENTIONS
from cnnviz.analysis.memory.step import BATCH_SIZE, training_memory
from cnnviz.numbers import change, pixels, short
from cnnviz.render.kinds import COUNTED
from cnnviz.render.shape_table import operations_of
from cnnviz.ui.architecture.depth_view import depth_text
from cnnviz.ui.kit.announcement import announce
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import as_markdown, glossary_link, language, say, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Subject

Value = int | tuple[int, ...] | None  # only a receptive field may be a tuple, or None
_FIGURES = (
    ("params", "params", ""),
    ("macs", "macs", ""),
    ("weight_bytes", "weight_bytes", "B"),
    ("receptive_field", "receptive_field", "px"),
    ("depth", "depth", ""),
    ("memory", "training_memory", "B"),
)


def headline(
    subject: Subject,
    reference: Report,
    look: Look,
    on_change: Callable[[Look], None],
    *,
    key: Callable[[str], str],
) -> None:
    """Show the network's figures, each with its change from the preset.

    The choice of how operations are counted stands beside them and holds for the whole page.

    Args:
        reference: report of the preset.
        on_change: called with the look that the user asks for.
        key: makes the key of a widget from its name here.
    """
    report, said = subject.report, []
    with st.container(horizontal=True, key=key("figures")):
        for name, term, unit in _FIGURES:
            if name == "macs":
                said.append(_operations(look.counting, report, reference))
                continue
            value, before = _value(report, name), _value(reference, name)
            shown, full = _figure(report, name, unit)
            words = t(f"headline.{name}_help", batch=BATCH_SIZE)
            label = t(f"headline.{name}")
            said.append(f"{label} {shown}")
            st.metric(
                label,
                shown,
                delta=_change(value, before),
                delta_color="off",
                delta_arrow="off",
                help=f"{full}  \n{words} {glossary_link(term)}",
            )
        counting_choice(look, on_change, key(f"counting.{language()}"))
    announce(said, key=key("figures"))


def _operations(counting: str, report: Report, reference: Report) -> str:
    """Show the operations; returns what is said of them."""
    value = operations_of(report, counting)
    before = operations_of(reference, counting)
    term = "operations" if counting == "all" else counting
    label, shown = say(COUNTED[counting]), short(value)
    st.metric(
        label,
        shown,
        delta=say(change(value, before)),
        delta_color="off",
        delta_arrow="off",
        help=f"**{value:,}**  \n{t(f'headline.{counting}_help')} {glossary_link(term)}",
    )
    return f"{label} {shown}"


def counting_choice(look: Look, on_change: Callable[[Look], None], key: str) -> None:
    """Let the user choose how the whole page counts operations."""

    def chosen() -> None:
        if st.session_state.get(key) in CONVENTIONS:
            on_change(replace(look, counting=st.session_state[key]))

    st.selectbox(
        t("count.label"),
        list(CONVENTIONS),
        key=steer(key, look.counting),
        format_func={name: t(f"count.{name}") for name in CONVENTIONS}.__getitem__,
        on_change=chosen,
        help=f"{t('count.help')} {glossary_link('operations')}",
    )


def _figure(report: Report, name: str, unit: str) -> tuple[str, str]:
    """A figure as shown, and in full."""
    if name == "depth":
        return short(report.depth), depth_text(report)
    if name == "receptive_field":  # the literature writes 2071 px, not 2.07 kpx
        text = pixels(report.receptive_field) or t("field.whole")
        return text, f"**{text}**" + _seen_by(report)
    value = _value(report, name)
    assert isinstance(value, int), f"{name} is a number"
    return short(value, unit), f"**{value:,}** {unit}"


def _seen_by(report: Report) -> str:
    """The name of the map whose receptive field is shown."""
    position = report.last_map
    return "" if position is None else f" · {as_markdown(report.layers[position].name)}"


def _change(value: Value, before: Value) -> str | None:
    if isinstance(value, int) and isinstance(before, int):
        return say(change(value, before))
    return None


def _value(report: Report, name: str) -> Value:
    if name == "memory":
        return training_memory(report, BATCH_SIZE).total
    value: Value = getattr(report, name)
    return value

"""Details of the selected op or block."""

from collections.abc import Callable, Sequence

import streamlit as st

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.counting.conventions import node_operations
from cnnviz.analysis.graph import Node, find
from cnnviz.numbers import duration, pixels, share, short
from cnnviz.render.colouring import TIME_LABEL, time_of
from cnnviz.render.explain import explain
from cnnviz.render.formulas import Formula, cost, parameters, sizes, window
from cnnviz.render.kinds import COUNTED, KINDS, shape_text
from cnnviz.render.labels import node_text
from cnnviz.render.node_memory import saved_of
from cnnviz.render.shape_table import operations_of
from cnnviz.ui.architecture.family_view import in_short
from cnnviz.ui.kit.words import as_markdown, catalogue, language, say, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Subject


def details(
    subject: Subject,
    look: Look,
    on_change: Callable[[Look], None],
    *,
    key: Callable[[str], str],
    milliseconds: Sequence[float] = (),
) -> None:
    """Show all figures of the selected node, with arithmetic where a formula is known.

    Args:
        milliseconds: of each op forward, where they were measured.
    """
    node = find(subject.report, look.selected) if look.selected else None
    if node is None:
        st.markdown(t("details.nothing"))
        if subject.spec:
            in_short(subject.spec.family)
        return
    # names of a trace may come from anybody, those of the zoo are no markup
    write: Callable[[str], str] = str if subject.spec else as_markdown
    level = "##" if look.presenting else "###"  # below the network's name
    with st.container(key=key("details")):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{level} {write(node.id)}", width="stretch")
            if node.is_block:
                way = "fold" if node.id in look.opened else "unfold"
                toggled = look.toggling(subject.report, node.id)
                st.button(t(f"graph.{way}"), on_click=on_change, args=(toggled,), key=key("toggle"))
        _details(subject.report, node, look.counting, milliseconds, write)


def _details(
    report: Report,
    node: Node,
    counting: str,
    milliseconds: Sequence[float],
    write: Callable[[str], str],
) -> None:
    text = write(node_text(node, report, language()))
    kind = say(KINDS[node.kind].label)
    st.markdown(f"{text} · :gray[{kind}]  \n{say(explain(node))}")
    settings = [
        (
            t(f"details.{name}"),
            write("×".join(map(str, value)) if isinstance(value, tuple) else str(value)),
        )
        for name, value in node.attributes
        # a trace may have any; the formula of the output size shows ceil_mode
        if f"details.{name}" in catalogue()
    ]
    total = operations_of(report, counting)
    last = report.layers[node.positions[-1]]
    adaptive = ", ".join(f"{one.text} = **{one.value}**" for one in window(node))
    taken = time_of(milliseconds, node)
    rows = [
        (t("details.input"), f"**{shape_text(*node.input_shapes)}**"),
        (t("details.output"), f"**{shape_text(node.output_shape)}**"),
        *((label, f"{formula.text} = **{formula.value}**") for label, formula in sizes(node)),
        (t("details.params"), _count(node.params, report.params, parameters(report, node))),
        (
            say(COUNTED[counting]),
            _count(node_operations(report, node, counting), total, cost(report, node, counting)),
        ),
        (t("details.saved"), f"**{_saved(report, node)}**"),
        *([(say(TIME_LABEL), _time(taken, sum(milliseconds)))] if taken is not None else []),
        (t("details.receptive_field"), f"**{'–' if node.broken else field_text(last)}**"),
        *([(t("details.jump"), f"**{pixels(last.jump)}**")] if last.jump else []),
        *([(t("details.adaptive"), adaptive)] if adaptive else []),
        *((label, f"**{value}**") for label, value in settings),
    ]
    table = ["| | |", "|:--|--:|", *(f"| {label} | {value} |" for label, value in rows)]
    st.markdown("\n".join(table))


def _saved(report: Report, node: Node) -> str:
    """Bytes that the node saves of one image for the backward pass, with their share."""
    saved = saved_of(report, node)
    if saved is None:
        return "–" if node.broken else "?"
    return f"{short(saved, 'B')} ({share(saved, report.saved_bytes)})"


def _time(taken: float, whole: float) -> str:
    return f"**{duration(taken / 1e3)} ({share(taken, whole)})**"


def _count(value: int | None, whole: int, formula: Formula | None) -> str:
    """A number with its arithmetic, if any, and its share."""
    if value is None:
        return "**?**"
    arithmetic = f"{formula.text} = " if formula else ""
    return f"{arithmetic}**{value:,} ({share(value, whole)})**"


def field_text(layer: Layer) -> str:
    """The receptive field of a layer: "35 px", "7×1 px" or "the whole image"."""
    return pixels(layer.receptive_field) or t("field.whole")

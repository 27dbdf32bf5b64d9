"""A network whose image is too small, drawn up to the layer that fails.

It takes the place of the figures and the explorer, which are those of a network that runs, and
folds and selects on its own, so that these are as they were left.
"""

from collections.abc import Callable

import streamlit as st

from cnnviz.analysis import BrokenNetwork, Report, analyze
from cnnviz.analysis.graph import ancestors, blocks, find, fold
from cnnviz.families import Spec
from cnnviz.kept import kept
from cnnviz.render.diagram import DrawingError, draw
from cnnviz.text import Text
from cnnviz.ui.architecture.explorer import foldings
from cnnviz.ui.architecture.panels import details, legend
from cnnviz.ui.kit.graph_view import graph_view
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.slot import Slot


def broken_view(slot: Slot, spec: Spec, smallest: int | None) -> None:
    """Say which layer fails and why, and draw the network up to it.

    Args:
        spec: that `Spec.too_small` has made.
        smallest: the smallest image that works, in px a side; None if none does.
    """
    message, report = _failure(spec)
    remedy = t("broken.smallest", size=smallest)
    if smallest is None:
        remedy = t("broken.too_large", size=spec.knob("image_size").bounds[1])
    sentence, back = st.columns([7, 3], vertical_alignment="center")
    sentence.error(f"**✕ {as_markdown(say(message))}** {remedy}")
    back.button(
        t("broken.back"),
        key=slot.key("broken.back"),
        on_click=slot.show_broken,
        width="stretch",
    )
    st.caption(t("broken.scope"))
    _graph(slot, spec, report)


@kept
def _failure(spec: Spec) -> tuple[Text, Report]:
    """Why it fails and the report up to there; the error itself would keep the module alive."""
    try:
        analyze(spec)
    except BrokenNetwork as error:
        return error.message, error.partial
    raise ValueError(f"{spec} does not fail")


@kept
def _drawing(spec: Spec, opened: frozenset[str], language: str) -> str:
    return draw(_failure(spec)[1], opened, language)


@st.fragment
def _graph(slot: Slot, spec: Spec, report: Report) -> None:
    look = _look(slot, spec, report)
    picture, side = st.columns([5, 3], gap="medium")

    def select(name: str | None) -> None:
        _change(slot, lambda before: before.at(name))

    def toggle(scope: str) -> None:
        _change(slot, lambda before: before.toggling(scope))

    def unfold(scopes: frozenset[str]) -> None:
        _change(slot, lambda before: before.unfolding(scopes))

    with picture:
        graph = fold(report, look.opened)
        try:
            svg = _drawing(spec, look.opened, language())
        except DrawingError as error:
            st.warning(say(error.message))
        else:
            targets = foldings(report, graph, look.opened)
            graph_view(
                svg,
                name=f"{slot.preset.name} ✕",
                selected=look.selected,
                folds={way: target != look.opened for way, target in targets.items()},
                on_select=select,
                on_toggle=toggle,
                on_fold=lambda way: unfold(targets.get(way, look.opened)),
                key=slot.key("broken.graph"),
            )
        legend(graph, report)
    with side:
        node = find(report, look.selected)
        details(slot, report, node)
        if node.is_block:
            way = "fold" if node.id in look.opened else "unfold"
            key = slot.key("broken.toggle")
            st.button(t(f"graph.{way}"), on_click=toggle, args=(node.id,), key=key)


def _look(slot: Slot, spec: Spec, report: Report) -> Look:
    """How the slot looks at the network; at first at the layer that fails."""
    if slot.broken_look is None or slot.broken_look[0] != spec:
        last = report.layers[-1]
        opened = frozenset(blocks(report).keys() & ancestors(last.scope))
        slot.broken_look = spec, Look(opened, last.name)
    return slot.broken_look[1]


def _change(slot: Slot, change: Callable[[Look], Look]) -> None:
    spec, look = slot.broken_look
    slot.broken_look = spec, change(look)

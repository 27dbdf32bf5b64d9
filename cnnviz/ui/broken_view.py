"""A network whose image is too small, drawn up to the layer that fails.

It takes the place of the figures and the explorer, which are those of a network that runs, and
folds and selects on its own, so that these are as they were left.
"""

from dataclasses import dataclass, replace

import streamlit as st

from cnnviz.analysis import BrokenNetwork, Report, analyze
from cnnviz.analysis.graph import ancestors, blocks, find, fold
from cnnviz.families import Spec
from cnnviz.kept import kept
from cnnviz.render.diagram import DrawingError, draw
from cnnviz.text import Text
from cnnviz.ui import network as state
from cnnviz.ui.explorer import foldings, toggled
from cnnviz.ui.graph_view import graph_view
from cnnviz.ui.network import Network
from cnnviz.ui.panels import details, legend
from cnnviz.ui.words import as_markdown, language, say, t

_KEY = "broken"


@dataclass(frozen=True)
class _Look:
    """What is unfolded and selected of the drawing of a spec."""

    spec: Spec
    opened: frozenset[str]
    selected: str


def broken_view(network: Network, spec: Spec, smallest: int | None) -> None:
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
    back.button(t("broken.back"), key="broken.back", on_click=state.show_broken, width="stretch")
    st.caption(t("broken.scope"))
    _graph(f"{network.preset.name} ✕", spec, report, network.counting)


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
def _graph(name: str, spec: Spec, report: Report, counting: str) -> None:
    look = st.session_state.get(_KEY)
    if look is None or look.spec != spec:
        last = report.layers[-1]
        opened = frozenset(blocks(report).keys() & ancestors(last.scope))
        look = st.session_state[_KEY] = _Look(spec, opened, last.name)
    picture, side = st.columns([5, 3], gap="medium")
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
                name=name,
                selected=look.selected,
                folds={way: target != look.opened for way, target in targets.items()},
                on_select=lambda node: _change(selected=node),
                on_toggle=_toggle,
                on_fold=lambda way: _change(opened=targets.get(way, look.opened)),
                key="broken.graph",
            )
        legend(graph, report)
    with side:
        node = find(report, look.selected)
        details(report, node, counting)
        if node.is_block:
            way = "fold" if node.id in look.opened else "unfold"
            st.button(t(f"graph.{way}"), on_click=_toggle, args=(node.id,), key="broken.toggle")


def _change(**what) -> None:
    st.session_state[_KEY] = replace(st.session_state[_KEY], **what)


def _toggle(scope: str) -> None:
    _change(opened=toggled(st.session_state[_KEY].opened, scope))

"""The layer graph as a component: an SVG that is clicked, folded, zoomed and panned."""

import hashlib
from collections.abc import Callable, Mapping

import streamlit as st

from cnnviz.ui.kit.assets import asset
from cnnviz.ui.kit.words import t

_graph = st.components.v2.component(
    "cnnviz_graph",
    html=asset("graph.html"),
    css=asset("graph.css"),
    js=asset("graph.js"),
)
_select = st.components.v2.component("cnnviz_select", js=asset("select.js"))
_picture = st.components.v2.component(
    "cnnviz_picture",
    html='<div class="picture" role="img"></div>',
    css=asset("picture.css"),
    js=asset("picture.js"),
)


def graph_view(
    svg: str,
    *,
    name: str,
    selected: str | None,
    folds: Mapping[str, bool],
    on_select: Callable[[str], None],
    on_toggle: Callable[[str], None],
    on_fold: Callable[[str], None],
    key: str,
) -> None:
    """Show a drawing under a toolbar.

    Args:
        svg: whose nodes and clusters carry the ids of the graph's nodes and scopes.
        name: of the network; a new name fits the drawing to the stage again.
        selected: the id to mark. It goes through a component of its own, so that a click does not
            send the drawing, up to a megabyte, once more.
        folds: the toolbar's ways of folding and whether each would change anything.
        on_select: is given the id that was clicked.
        on_toggle: is given the id to fold or unfold.
        on_fold: is given the name of a way of folding.
        key: tells this graph from others on the page.
    """
    zooms = dict.fromkeys(("in", "out", "fit"), True)
    _graph(
        key=key,
        data={
            "key": key,
            "svg": svg,
            "graph": hashlib.sha256(svg.encode()).hexdigest(),
            "name": name,
            "label": t("graph.label", name=name),
            "help": t("graph.help"),
            "buttons": [
                {
                    "act": act,
                    "text": t(f"graph.{act}"),
                    "help": t(f"graph.{act}_help"),
                    "disabled": not useful,
                }
                for act, useful in {**folds, **zooms}.items()
            ],
        },
        default={"selected": None},
        on_selected_change=lambda: _tell(on_select, st.session_state[key].selected),
        on_toggle_change=lambda: _tell(on_toggle, st.session_state[key].toggle),
        on_fold_change=lambda: _tell(on_fold, st.session_state[key].fold),
    )
    _select(key=f"{key}-selected", data={"graph": key, "selected": selected})


def _tell(listener: Callable[[str], None], name: object) -> None:
    """Pass on a name, or that there is none; anybody can send something else."""
    if name is None or isinstance(name, str):
        listener(name)


def picture(svg: str, *, label: str, key: str) -> None:
    """Show a drawing that is only looked at; `label` is its text for those who cannot see it."""
    _picture(key=key, data={"svg": svg, "label": label})

"""The layer graph as a component: an SVG that is clicked, folded, searched, zoomed and panned."""

import hashlib
from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from cnnviz.ui.kit.assets import asset
from cnnviz.ui.kit.words import t

PARTS = ("core", "zoom", "keys", "search", "map", "stops", "present")  # a graph without Streamlit


_graph = st.components.v2.component(
    "cnnviz_graph",
    html=asset("graph.html"),
    css=asset("graph.css"),
    js=asset(*(f"graph_{part}.js" for part in PARTS), "graph.js"),
)
_tell = st.components.v2.component("cnnviz_tell", js=asset("graph_tell.js"))
_picture = st.components.v2.component(
    "cnnviz_picture",
    html='<div class="picture"></div>',
    css=asset("picture.css"),
    js=asset("picture.js"),
)
_WORDS = ("help", "toolbar", "search", "search_help", "results", "crumbs")
_SAID = ("from", "to", "folded", "unfolded")
_STOPS = ("stops", "stop_add", "stop_back", "stop_next", "stop_drop")


def graph_view(
    svg: str,
    *,
    name: str,
    places: Sequence[tuple[str, Sequence[str]]],
    index: Sequence[tuple[str, str, str]],
    selected: str | None,
    folds: Mapping[str, bool],
    on: Mapping[str, Callable[[str], None]],
    key: str,
    presenting: bool | None = None,
) -> None:
    """Show a drawing under a toolbar.

    Args:
        svg: the drawing; its nodes and clusters carry the ids of the graph's nodes and scopes.
        name: name of the network; another one starts at its image, in the size that fits.
        places: the drawn ids in the order of execution, through which the arrow keys lead, each
            with the open boxes around it, outermost first.
        index: id, text and shape of everything that can be searched, drawn or not.
        selected: id to mark. Index and selection are sent apart from the drawing, so that a click
            does not send the drawing again, which may have a megabyte.
        folds: the toolbar's ways of folding, and whether each would change anything.
        on: listeners by act. "select", "toggle", "deep" and "jump" take an id, "fold" a way of
            folding, "present" "on" or "off". "stop" takes a line with the selected id and one for
            each unfolded scope.
        key: distinguishes this graph from others on the page.
        presenting: whether the graph fills the window; None if it never does.
    """
    zooms = ["in", "out", "fit_whole", "fit_width", "fit_selected"]
    ways = {**folds, **dict.fromkeys(["deep", *zooms], True)}
    if presenting is not None:
        ways |= {"details": True, "present": True}
    _graph(
        key=key,
        data={
            "key": key,
            "svg": svg,
            "hash": hashlib.sha256(svg.encode()).hexdigest(),
            "name": name,
            "label": t("graph.label", name=name),
            "places": [[place, list(around)] for place, around in places],
            "words": {word: t(f"graph.{word}", n="{n}") for word in (*_WORDS, *_SAID, *_STOPS)},
            "buttons": [
                {
                    "act": act,
                    "text": t(f"graph.{act}"),
                    "help": t(f"graph.{act}_help"),
                    "disabled": not useful,
                }
                for act, useful in ways.items()
            ],
        },
        on_select_change=_listener(key, "select", on),
        on_toggle_change=_listener(key, "toggle", on),
        on_deep_change=_listener(key, "deep", on),
        on_jump_change=_listener(key, "jump", on),
        on_stop_change=_listener(key, "stop", on),
        on_fold_change=_listener(key, "fold", on),
        on_present_change=_listener(key, "present", on),
    )
    _tell(key=f"{key}-index", data={"graph": key, "index": [list(entry) for entry in index]})
    _tell(
        key=f"{key}-selected",
        data={"graph": key, "selected": selected, "present": presenting},
    )


def _listener(key: str, act: str, on: Mapping[str, Callable[[str], None]]) -> Callable[[], None]:
    """Pass on the text of an act; any program can send something else."""

    def listen() -> None:
        text = getattr(st.session_state[key], act)
        if act in on and isinstance(text, str):
            on[act](text)

    return listen


def picture(svg: str, *, label: str, key: str) -> None:
    """Show a drawing that is only looked at; `label` is its text for those who cannot see it."""
    _picture(key=key, data={"svg": svg, "label": label})

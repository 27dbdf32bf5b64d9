"""The page's graph for a file that works offline: what the browser folds, lays out and draws."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from cnnviz.analysis.broken import BROKEN
from cnnviz.analysis.counting.conventions import node_operations
from cnnviz.analysis.graph import Node, find, fold, frames, scopes
from cnnviz.analysis.report import Report
from cnnviz.exports.style import Style
from cnnviz.numbers import pixels, share, short
from cnnviz.render.colouring import MEASURES, NO_NUMBER, SHARES, scale, shade
from cnnviz.render.explain import explain
from cnnviz.render.kinds import COUNTED, KINDS, shape_text
from cnnviz.render.labels import node_text
from cnnviz.render.node_label import PARAMS
from cnnviz.render.shape_table import operations_of
from cnnviz.text import Text

_CNNVIZ = Path(__file__).parents[1]
_ASSETS = _CNNVIZ / "assets"
_OFFLINE = Path(__file__).parent / "offline"
# of the graph_* files
_USED = ("makeGraph", "nameControls", "show", "setIndex", "setButtons", "mark", "jump")
_FOLDS = ("fold_all", "unfold_level", "unfold_all", "deep")
_ZOOMS = ("in", "out", "fit_whole", "fit_width", "fit_selected")
_PRESENTS = ("details", "present")
_SHADES = 100  # steps of the colours of a measure
_IMAGE = Text("image", "图像")
_FACTS = ("input", "output", "params", "", "saved", "receptive_field", "jump")


@cache
def words(section: str) -> dict[str, Text]:
    """A section of the pages' own words, which a file says in the same way."""
    file = _CNNVIZ / "ui" / "kit" / "words.toml"
    table = tomllib.loads(file.read_text(encoding="utf-8"))[section]
    return {name: Text(**pair) for name, pair in table.items()}


def template() -> str:
    """The graph's part of a page: its tags and its style, to be cloned into a shadow root."""
    style, tags = (_text(_ASSETS / f"graph.{form}") for form in ("css", "html"))
    return f'<template id="graph"><style>{style}</style>{tags}</template>'


def script() -> str:
    """The program: the layout's library, the graph of the pages, then what takes their place."""
    parts = sorted(_ASSETS.glob("graph_*.js"))
    # graph_tell.js belongs to the server's pages
    graph = [_text(part) for part in parts if part.stem != "graph_tell"]
    own = ("fold", "layout", "colours", "drawing", "page")
    return "\n".join(
        [
            _text(_OFFLINE / "dagre.min.js"),
            "const Graph = (() => {",
            *graph,
            f"return {{ {', '.join(_USED)} }}",
            "})();",
            "(() => {",
            *(_text(_OFFLINE / f"{name}.js") for name in own),
            "})()",
        ]
    )


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def network_json(report: Report, name: str, style: Style, languages: Sequence[str]) -> str:
    """What is known of every op and block, as JSON that no tag can end.

    Args:
        name: of the network.
        style: what is unfolded, and what an operation is.
    """
    everything = fold(report, scopes(report), together=True)
    places = {node.id: number for number, node in enumerate(everything.nodes)}
    around = {node.id: frames(report, node.positions[0]) for node in everything.nodes}
    ids = dict.fromkeys(one for node in everything.nodes for one in (*around[node.id], node.id))
    ops = {node.id: node for node in everything.nodes}
    nodes = {one: ops.get(one) or find(report, one) for one in ids}
    known = {one: node for one, node in nodes.items() if node is not None}
    amounts = {
        one: [measure.of(report, node) for measure in MEASURES.values()]
        for one, node in known.items()
    }
    broken = next((node.id for node in everything.nodes if node.broken), None)
    data = {
        "name": name,
        "image": shape_text(report.input_shape),
        "kinds": {kind: {"colour": one.colour, "ink": one.ink} for kind, one in KINDS.items()},
        "ops": [[node.id, around[node.id]] for node in everything.nodes],
        "edges": [
            [places.get(source, -1), places[target], everything.bypasses.get((source, target), "")]
            for source, target in everything.edges
        ],
        "opened": sorted({*style.scopes(report), *(around[broken] if broken else ())}),
        "selected": broken,
        "colours": _colours(list(amounts.values())),
        "about": {
            one: _about(report, node, style) | {"amounts": amounts[one]}
            for one, node in known.items()
        },
        "words": {each: _words(report, known, name, style, each) for each in languages},
    }
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _colours(amounts: Sequence[Sequence[float | None]]) -> dict[str, Any]:
    """The colours of the measures, and the texts of a legend by the most that a node may have.

    Args:
        amounts: of each node, in the order of the measures.
    """
    texts = {}
    for place, (name, measure) in enumerate(MEASURES.items()):
        known = {amount for each in amounts if (amount := each[place]) is not None}
        texts[name] = [(most, scale(measure, most)) for most in sorted({0, *known})]
    return {
        "scale": [shade(step / _SHADES)._asdict() for step in range(_SHADES + 1)],
        "none": NO_NUMBER._asdict(),
        "shares": SHARES,
        "texts": texts,
    }


def _about(report: Report, node: Node, style: Style) -> dict[str, Any]:
    """What a node is, in numbers; a receptive field that is the whole image is null."""
    layers = [report.layers[position] for position in node.positions]
    count = node_operations(report, node, style.counting)
    facts: list[str | None] = [
        shape_text(*node.input_shapes),
        shape_text(node.output_shape),
        f"{node.params:,} ({share(node.params, report.params)})",
        _part(count, operations_of(report, style.counting)),
        _saved([layer.saved_bytes for layer in layers], report.saved_bytes),
        pixels(layers[-1].receptive_field) or None,
        pixels(layers[-1].jump),
    ]
    return {
        "kind": "block" if node.is_block else node.kind,
        "kinds": list(dict.fromkeys(layer.kind for layer in layers)) if node.is_block else [],
        "shape": shape_text(node.output_shape),
        "params": short(node.params),
        "isBroken": node.broken,
        "facts": facts[:1] if node.broken else facts,
    }


def _part(count: int | None, whole: int) -> str:
    return "?" if count is None else f"{count:,} ({share(count, whole)})"


def _saved(saved: Sequence[int | None], whole: int) -> str:
    known = [count for count in saved if count is not None]
    if len(known) < len(saved):
        return "?"
    return f"{short(sum(known), 'B')} ({share(sum(known), whole)})"


def _words(
    report: Report, nodes: Mapping[str, Node], name: str, style: Style, language: str
) -> dict[str, Any]:
    """Everything that is written, in one language."""
    graph = {key: text(language) for key, text in words("graph").items()}
    details = words("details")
    facts = [details[key] if key else COUNTED[style.counting] for key in _FACTS]
    explained = {one: explain(node)(language) for one, node in nodes.items()}
    return {
        "texts": {one: node_text(node, report, language) for one, node in nodes.items()},
        "explained": {one: text for one, text in explained.items() if text},
        "marks": {kind: one.mark(language) for kind, one in KINDS.items()},
        "kinds": {kind: one.label(language) for kind, one in KINDS.items()},
        "facts": [label(language) for label in facts],
        "whole": words("field")["whole"](language),
        "image": _IMAGE(language),
        "params": PARAMS(language),
        "broken": KINDS[BROKEN].label(language),
        "colours": {name: measure.none(language) for name, measure in MEASURES.items()},
        "label": graph["label"].format(name=name),
        "graph": graph,
        "buttons": [
            {"act": act, "text": graph[act], "help": graph[f"{act}_help"]}
            for act in (*_FOLDS, *_ZOOMS, *_PRESENTS)
        ],
    }

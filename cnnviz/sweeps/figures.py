"""The figures of one network of a sweep."""

from typing import NamedTuple

import torch

from cnnviz.analysis import BrokenNetwork, analyze
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.collector import paused
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.trace import is_analyzed, trace
from cnnviz.families import Spec
from cnnviz.kept import kept
from cnnviz.text import Text


class Figures(NamedTuple):
    """What a network costs and sees, as its report says; see `cnnviz.analysis.Report`.

    Args:
        saved_bytes: kept of one image for the backward pass.
        receptive_field: in px, of the last map whose units see a part of the image; None without.
    """

    params: int
    macs: int
    saved_bytes: int
    receptive_field: int | Shape | None
    depth: int


Outcome = Figures | Text  # or the sentence why there are none


def measured(spec: Spec) -> Outcome:
    """Analyse a network and let its report go; a sweep's four hundred would fill the memory."""
    try:
        if is_analyzed(spec):
            report = analyze(spec)
        else:
            with paused():
                report = trace(build_on_meta(spec), spec.input_shape, torch.device("meta"))
    except BrokenNetwork as error:
        return error.message
    return Figures(
        report.params, report.macs, report.saved_bytes, report.receptive_field, report.depth
    )


@kept
def figures(spec: Spec) -> Outcome:
    """The same, kept for all sessions."""
    return measured(spec)


def at_hand(spec: Spec) -> Outcome | None:
    """The figures if they are kept."""
    with figures.cache_lock:
        found: Outcome | None = figures.cache.get(figures.cache_key(spec))
    return found


def keep(spec: Spec, outcome: Outcome) -> None:
    """Keep what another process has measured."""
    with figures.cache_lock:
        figures.cache[figures.cache_key(spec)] = outcome

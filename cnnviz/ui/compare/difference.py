"""Differences of the networks: figures, layers stage by stage, and the part of each knob."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from cnnviz.comparison import Comparison, compare
from cnnviz.comparison.result import CHANGED, ONLY, SAME
from cnnviz.comparison.sentence import what_changed
from cnnviz.exports.table import as_csv
from cnnviz.families import Spec
from cnnviz.kept import kept
from cnnviz.render import markdown
from cnnviz.ui.compare import networks
from cnnviz.ui.compare.measured import Times, drawn_as_they_come
from cnnviz.ui.compare.tables import (
    figures,
    figures_shown,
    knob_rows,
    layer_rows,
    stage_title,
    times_shown,
)
from cnnviz.ui.kit.announcement import announce
from cnnviz.ui.kit.words import as_markdown, language, plain, say, t

_ROW = 35  # px
_ROWS = 14


@kept
def compared(specs: tuple[Spec, ...], names: tuple[str, ...]) -> Comparison:
    """The networks beside each other."""
    return compare(*specs, names=names)


def figures_view(comparison: Comparison, counting: str, times: Times) -> None:
    """Show the figures as page text, measured times as they come, and offer them as a file."""
    names = [as_markdown(network.name) for network in comparison.networks]
    rows = figures_shown(comparison, counting, language())

    def draw() -> None:
        measured = times_shown(times.seconds, times.cells)
        label = t("beside.time", device=as_markdown(times.place))
        with st.container(key="beside-figures"):
            st.markdown(
                markdown.table(
                    [t("beside.figure"), *names], [*rows, [label, *measured]], numbers=len(names)
                ),
                help=t("beside.time_help"),
            )
        for note in times.notes(names):
            st.markdown(note)

    told = sentence(comparison)
    st.markdown(told)
    announce([plain(told)], key="beside")
    written = language()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="content"):
            drawn_as_they_come(times, draw)
        _take_away(
            lambda: figures(comparison, counting, written, times.seconds), "figures", index=True
        )


def sentence(comparison: Comparison) -> str:
    """The differences in a sentence or two."""
    if len(comparison.networks) == networks.LEAST:
        return as_markdown(say(what_changed(comparison)))
    counts = {status: comparison.count(status) for status in (SAME, CHANGED, ONLY)}
    return t("beside.sentence", rows=len(comparison.rows), **counts)


def layers_view(comparison: Comparison) -> None:
    """Show the stages folded; a sign marks a stage with differences."""
    names = [network.name for network in comparison.networks]
    st.caption(t("beside.signs"))
    for stage in comparison.stages:
        differs = stage.count(CHANGED) + stage.count(ONLY)
        with st.expander(
            f"{'≠' if differs else '='} {stage_title(stage, say)}",
            key=f"beside.stage.{stage.number}.{hash(tuple(names))}",
            on_change="rerun",
        ) as holder:
            if holder.open:
                rows = layer_rows([stage], names, label)
                st.dataframe(
                    rows,
                    hide_index=True,
                    height=_ROW * (min(len(rows), _ROWS) + 1) + 3,
                    column_config={"": st.column_config.TextColumn(width=40)},
                    alt=t("beside.layers_alt"),
                )
    words = {what: label(what) for what in _whats(comparison)}
    _take_away(lambda: layer_rows(comparison.stages, names, words.__getitem__), "layers")


def _whats(comparison: Comparison) -> set[str]:
    """Names of all differences between layers."""
    return {change.what for row in comparison.rows for change in row.changes}


def label(what: str) -> str:
    """The word for a difference, such as "kernel"."""
    return t(f"change.{what}")


def knobs_view(comparison: Comparison, specs: tuple[Spec, ...]) -> None:
    """Show the part of each knob in the difference of two networks of one family."""
    st.markdown(t("beside.knobs_intro"))
    head = [t("beside.knob"), t("headline.params"), "MACs"]
    st.markdown(markdown.table(head, knob_rows(comparison, specs[0], language()), numbers=2))


def _take_away(make: Callable[[], pd.DataFrame], name: str, *, index: bool = False) -> None:
    """Offer a table as a file; `make` is called on download, outside of any session."""
    with st.container(horizontal=True, width="content"):
        st.download_button(
            "CSV",
            data=lambda: as_csv(make(), index=index),
            file_name=f"cnnviz-compare-{name}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"beside.{name}.csv",
            help=t("beside.csv_help"),
        )
        st.download_button(
            "Markdown",
            data=lambda: _as_markdown(make(), index=index),
            file_name=f"cnnviz-compare-{name}.md",
            mime="text/markdown",
            on_click="ignore",
            key=f"beside.{name}.md",
            help=t("beside.markdown_help"),
        )


def _as_markdown(frame: pd.DataFrame, *, index: bool) -> str:
    frame = frame.reset_index(names="") if index else frame
    rows = [["" if cell is None else str(cell) for cell in row] for row in frame.to_numpy()]
    return markdown.table(list(map(str, frame.columns)), rows) + "\n"

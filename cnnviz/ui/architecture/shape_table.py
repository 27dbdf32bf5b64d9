"""The table of shapes and costs, with one row for each node of the graph."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from cnnviz.analysis.graph import fold
from cnnviz.exports.names import file_name
from cnnviz.exports.table import as_csv
from cnnviz.render.kinds import COUNTED
from cnnviz.render.shape_table import operations_of, shape_rows
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Member

_ROW_HEIGHT = 36  # px
_CHARACTER, _PADDING = 7, 24  # px
_NARROWEST, _WIDEST = 90, 260  # px


def shape_table(
    subject: Member,
    look: Look,
    on_change: Callable[[Look], None],
    *,
    key: Callable[[str], str],
) -> None:
    """Show the table; the selected row and the graph's selection follow each other."""
    counting = look.counting
    graph = fold(subject.report, look.opened, together=True)
    rows = shape_rows(subject.report, graph, counting, language())
    names = list(rows["name"])
    at = [names.index(look.selected)] if look.selected in names else []
    table = steer(key("table"), {"selection": {"rows": at, "columns": [], "cells": []}})

    def ticked() -> None:
        chosen = st.session_state[table]["selection"]["rows"]
        on_change(look.at(names[chosen[0]] if chosen else None))

    with st.container(horizontal=True, vertical_alignment="center"):
        total = operations_of(subject.report, counting)
        sums = {"params": f"{subject.report.params:,}", "operations": f"{total:,}"}
        st.markdown(t("table.sum", counted=say(COUNTED[counting]), **sums), width="stretch")
        st.download_button(
            "CSV",
            data=partial(_csv, rows),
            file_name=f"{file_name(subject.spec, subject.preset)}-shapes.csv",
            mime="text/csv",
            on_click="ignore",
            key=key("table.csv"),
            help=t("table.csv_help"),
        )
    st.dataframe(
        rows,
        key=table,
        hide_index=True,
        on_select=ticked,
        selection_mode="single-row",
        height="stretch",
        row_height=_ROW_HEIGHT - 1,
        column_config={
            "name": st.column_config.TextColumn(
                t("table.name"), pinned=True, width=_width(rows["name"])
            ),
            "what": st.column_config.TextColumn(t("table.what"), width=_width(rows["what"])),
            "input": st.column_config.TextColumn(t("table.input"), width=125),
            "output": st.column_config.TextColumn(t("table.output"), width=105),
            "params": _counts(t("table.params"), 100),
            "params_share": _shares(t("table.params_share")),
            "operations": _counts(say(COUNTED[counting]), 118),
            "operations_share": _shares(t(f"table.{counting}_share")),
        },
        alt=t("table.alt"),
    )
    st.caption(t("table.caption"))


def _counts(label: str, width: int) -> ColumnConfig:
    return st.column_config.NumberColumn(label, format="localized", width=width)


def _shares(label: str) -> ColumnConfig:
    return st.column_config.ProgressColumn(
        label, format="%.2f %%", min_value=0, max_value=100, width=112
    )


def _width(texts: "pd.Series[str]") -> int:
    """The width in px that holds the longest text of a column, within limits."""
    return min(_WIDEST, max(_NARROWEST, _CHARACTER * max(map(len, texts)) + _PADDING))


def _csv(rows: pd.DataFrame) -> str:
    """The rows as CSV, with shares rounded as on the page."""
    return as_csv(rows.round(2))

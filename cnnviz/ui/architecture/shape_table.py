"""The table of shapes and costs, a row for each node of the graph."""

from collections.abc import Callable

import streamlit as st

from cnnviz.analysis.graph import fold
from cnnviz.render.kinds import COUNTED
from cnnviz.render.shape_table import shape_rows
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Subject

_ROWS_SHOWN = 12
_ROW_HEIGHT = 36  # px


def shape_table(
    subject: Subject,
    look: Look,
    on_change: Callable[[Look], None],
    *,
    key: Callable[[str], str],
) -> None:
    """Show the rows; they sort by a click on a column and search and save by the toolbar."""
    counting = look.counting
    graph = fold(subject.report, look.opened, together=True)
    rows = shape_rows(subject.report, graph, counting, language())
    names = list(rows["name"])
    at = [names.index(look.selected)] if look.selected in names else []
    table = steer(key("table"), {"selection": {"rows": at, "columns": [], "cells": []}})

    def ticked() -> None:
        chosen = st.session_state[table]["selection"]["rows"]
        on_change(look.at(names[chosen[0]] if chosen else None))

    number = {"format": "localized", "width": 100}
    share_bar = {"format": "%.2f %%", "min_value": 0, "max_value": 100, "width": 112}
    st.dataframe(
        rows,
        key=table,
        hide_index=True,
        on_select=ticked,
        selection_mode="single-row",
        height=_ROW_HEIGHT * (min(len(rows), _ROWS_SHOWN) + 1),
        row_height=_ROW_HEIGHT - 1,
        column_config={
            "name": st.column_config.TextColumn(t("table.name"), pinned=True, width=125),
            "what": st.column_config.TextColumn(t("table.what"), width=145),
            "input": st.column_config.TextColumn(t("table.input"), width=125),
            "output": st.column_config.TextColumn(t("table.output"), width=105),
            "params": st.column_config.NumberColumn(t("table.params"), **number),
            "params_share": st.column_config.ProgressColumn(t("table.params_share"), **share_bar),
            "operations": st.column_config.NumberColumn(
                say(COUNTED[counting]), **number | {"width": 118}
            ),
            "operations_share": st.column_config.ProgressColumn(
                t(f"table.{counting}_share"), **share_bar
            ),
        },
        alt=t("table.alt"),
    )
    st.caption(t("table.caption"))

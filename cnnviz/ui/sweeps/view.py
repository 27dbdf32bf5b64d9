"""A sweep on the page: how far it is, its chart, and its figures as text."""

from itertools import count
from urllib.parse import urlencode

import streamlit as st

from cnnviz.render.sweep_charts import Look, Scale, curve, heat_map
from cnnviz.sweeps.background import Run
from cnnviz.sweeps.sweep import Point, Sweep
from cnnviz.text import Text
from cnnviz.ui.kit.announcement import announce
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.polling import every
from cnnviz.ui.kit.steady_chart import steady_chart
from cnnviz.ui.kit.words import as_markdown, language, language_in_address, say, t
from cnnviz.ui.session import address
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.sweeps import server, tables
from cnnviz.ui.sweeps.grid import Grid
from cnnviz.ui.sweeps.measures import ALL, ASKED, FORWARD_MS, MEASURES
from cnnviz.ui.sweeps.timed import timed
from cnnviz.ui.sweeps.trained import trained

_POLL = 0.7  # seconds
_ROWS = 14  # beyond which the table scrolls by itself
_TABLE = 480  # px


def sweep_view(slot: Slot, grid: Grid, sweep: Sweep, name: str) -> None:
    """Show a sweep, and follow it until it is done or stopped.

    Args:
        name: of the measure.
    """
    stopped = grid.stopped == sweep
    run = _found(sweep) if stopped else server.ask(sweep)
    if run.is_done and name in ASKED:
        _asked(slot, run, name)
        return
    if run.is_done or stopped:
        _draw(slot, grid, run, name)
        told = t("sweeps.stopped" if not run.is_done else "sweeps.done", count=len(run.outcomes))
        announce([told], key="sweeps")
        return
    passes = count()

    @every(_POLL)
    def look() -> None:
        if next(passes) and run.is_done:
            st.rerun()
        _draw(slot, grid, run, name)

    look()


def _found(sweep: Sweep) -> Run:
    run = Run(sweep)
    run.find()
    return run


def _asked(slot: Slot, run: Run, name: str) -> None:
    """Show what is measured where asked, beside all other figures."""

    def draw(values: tables.Values) -> None:
        refused = {place: why for place, why in run.outcomes.items() if isinstance(why, Text)}
        columns = {**tables.columns(run.outcomes), name: {**refused, **values}}
        _figures(slot, run.sweep, columns, name)

    if name == FORWARD_MS:
        timed(run.sweep, run.outcomes, draw)
    else:
        trained(slot, run.sweep, run.outcomes, draw)


def _draw(slot: Slot, grid: Grid, run: Run, name: str) -> None:
    """Show how far a sweep is, and what of it is there; what is asked for comes after it."""
    outcomes = dict(run.outcomes)
    _progress(grid, run, len(outcomes))
    if name in MEASURES:
        _figures(slot, run.sweep, tables.columns(outcomes), name)


def _figures(slot: Slot, sweep: Sweep, columns: tables.Columns, name: str) -> None:
    _chart(sweep, columns[name], name)
    _text(slot, sweep, columns, name)


def _progress(grid: Grid, run: Run, done: int) -> None:
    """Say how far the sweep is, with a button to stop it or to go on."""
    if run.is_done:
        return
    stopped = grid.stopped == run.sweep
    bar, button = st.columns([6, 1], vertical_alignment="center")
    total = len(run.sweep)
    said = t("sweeps.stopped", count=done) if stopped else t("sweeps.busy", done=done, total=total)
    bar.progress(done / total, text=said)

    def stop() -> None:
        grid.stopped = run.sweep
        server.leave()

    def go_on() -> None:
        grid.stopped = None

    if stopped:
        button.button(t("sweeps.go_on"), on_click=go_on, key="sweeps.go_on", width="stretch")
    elif button.button(t("sweeps.stop"), on_click=stop, key="sweeps.stop", width="stretch"):
        st.rerun()


def _chart(sweep: Sweep, values: tables.Values, name: str) -> None:
    measure = ALL[name]
    title = say(measure.label)
    look = Look(title, measure.show, language(), ink(), measure.is_whole)
    numbers = [tables.number(values, place) for place in range(len(sweep))]
    scales = [Scale(axis.knob, axis.values) for axis in sweep.axes]
    if len(scales) == 1:
        refused = [isinstance(values.get(place), Text) for place in range(len(sweep))]
        figure = curve(scales[0], numbers, refused, look)
    else:
        across, up = scales
        height = len(up.values)
        figure = heat_map(across, up, [numbers[row::height] for row in range(height)], look)
    steady_chart(figure, key=f"sweeps-{len(scales)}", label=t("sweeps.chart_alt", what=title))


def _text(slot: Slot, sweep: Sweep, columns: tables.Columns, name: str) -> None:
    """The figures as text whose entries lead to their networks, and as a file."""

    def link(point: Point, text: str) -> str:
        if point.spec is None:
            return as_markdown(text)
        query = address.write(slot.preset.name, point.spec) | language_in_address()
        return f"[{as_markdown(text)}](architecture?{urlencode(query)})"

    many = len(sweep.axes[-1].values) > _ROWS
    st.caption(t("sweeps.open"))
    with st.container(key="sweeps-figures", height=_TABLE if many else "content"):
        if len(sweep.axes) == 1:
            st.markdown(tables.list_of(sweep, columns, language(), link))
        else:
            st.markdown(tables.grid_of(sweep, columns[name], ALL[name], language(), link))
    st.download_button(
        "CSV",
        data=lambda: tables.frame(sweep, columns).to_csv(index=False),
        file_name=f"cnnviz-sweep-{slot.preset.name}.csv",
        mime="text/csv",
        on_click="ignore",
        key="sweeps.csv",
        help=t("sweeps.csv_help"),
    )
    if refused := tables.refusals(sweep, columns[name]):
        label = t("sweeps.refused" if name in MEASURES else "sweeps.no_figure", count=len(refused))
        with st.expander(label, expanded=len(refused) < 4):
            st.markdown("\n".join(f"- {as_markdown(say(one))}" for one in refused))

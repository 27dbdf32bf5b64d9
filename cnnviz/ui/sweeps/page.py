"""The parts of the Sweeps page in their order."""

import streamlit as st

from cnnviz.knobs import SpecError
from cnnviz.ui.kit.words import say_problem
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.sweeps import axes
from cnnviz.ui.sweeps.front import front_view
from cnnviz.ui.sweeps.grid import Grid
from cnnviz.ui.sweeps.view import sweep_view


def show(slot: Slot, grid: Grid) -> None:
    """Show what the session looks at: the sweep of the slot's network, or all presets."""
    axes.view_choice(grid)
    if grid.view == "front":
        front_view(grid)
    else:
        _sweep(slot, grid)


def _sweep(slot: Slot, grid: Grid) -> None:
    """Show the sweep of the network in the slot, or what is wrong with its values."""
    axes.axes(slot, grid)
    name = axes.measure_choice(grid)
    try:
        sweep = grid.sweep(slot)
    except SpecError as error:
        for problem in error.problems:
            st.error(say_problem(problem))
        return
    sweep_view(slot, grid, sweep, name)

"""The sweeps of all sessions of this process."""

import streamlit as st

from cnnviz.sweeps.background import Background, Run
from cnnviz.sweeps.sweep import Sweep
from cnnviz.ui.kit.run_context import run_context


@st.cache_resource(show_spinner=False)
def background() -> Background:
    return Background()


def ask(sweep: Sweep) -> Run:
    """The session's run of a sweep, which begins if it has not."""
    return background().ask(sweep, run_context().session_id)


def leave() -> None:
    """Drop the session's run."""
    background().leave(run_context().session_id)

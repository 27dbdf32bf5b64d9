"""Claims of the course, tried by short trainings: predict, run, see."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.experiments import trial, view
from cnnviz.ui.kit.steady_chart import chart_library
from cnnviz.ui.kit.words import t
from cnnviz.ui.session.owner import keep_owner
from cnnviz.ui.training import page

by_way_of_app()
with page.whole_or_sentence():
    chosen = trial.current()
    trial.show_address(chosen)
    header(t("experiments.title"), said=t("experiments.what"), share=dict)
    page.pause_notice()
    page.silence()
    view.choice(chosen)
    asked, seen = st.columns([4, 9], gap="large")
    with asked, st.container(key="experiment-asked"):
        view.claim(chosen)
        view.prediction(chosen)
    with seen, st.container(key="experiment-seen"):
        if chosen.prediction is not None:
            view.run(chosen)
keep_owner()
chart_library()

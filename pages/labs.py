"""The course by hand: small calculations, every number computed from what is set."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.labs import bench, view

by_way_of_app()
chosen = bench.current()
bench.show_address(chosen)
header(f"{t('labs.title')} · {say(chosen.lab.title)}", said=t("labs.what"), share=dict)
view.choice(chosen)
view.lead(chosen)
with st.container(key=f"lab-{chosen.lab.name}"):
    view.sections(chosen)
view.goals(chosen)
view.experiments(chosen)
view.places(chosen)
view.terms(chosen)

"""The course step by step: read, predict, look, and answer what is computed."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.kit.words import say, t
from cnnviz.ui.lessons import study, view

by_way_of_app()
chosen = study.current()
study.show_address(chosen)
header(f"{t('lessons.title')} · {say(chosen.lesson.title)}", said=t("lessons.what"), share=dict)
view.choice(chosen)
view.way(chosen)
with st.container(key=f"lesson-{chosen.lesson.name}"):
    view.step(chosen)

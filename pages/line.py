"""From LeNet to EfficientNet: what each network changed in the one before it, and why."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.words import t
from cnnviz.ui.line.view import contest, story
from cnnviz.ui.line.walk import walk_table
from cnnviz.ui.session.parameters import arrival

by_way_of_app()
header(t("line.title"))
address_notes(arrival("/line"), "line.dismiss")
st.markdown(t("line.intro"))
told, errors = st.columns([7, 5], gap="medium")
with told:
    story()
with errors, st.container(key="line-contest"):
    contest()
walk_table()

"""The field's terms in both languages; the target of every "More" link."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.glossary.view import arrive, terms_view
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.words import t

by_way_of_app()
arrived = arrive()
header(t("glossary.title"))
address_notes(arrived, "glossary.dismiss")
st.markdown(t("glossary.intro"))
terms_view()

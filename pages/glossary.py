"""The field's terms in both languages; the target of every "More" link."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.kit.words import glossary, say, t

by_way_of_app()
header(t("glossary.title"))
st.markdown(t("glossary.intro"))
asked = st.query_params.get("term")
for name, term in sorted(glossary().items(), key=lambda entry: entry[0] != asked):
    names = " · ".join(dict.fromkeys([say(term.name), *term.name, term.symbol or say(term.name)]))
    with st.container(border=name == asked):
        st.subheader(names, anchor=name.replace("_", "-"))
        st.markdown(say(term.definition))

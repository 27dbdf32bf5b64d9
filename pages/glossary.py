"""The field's terms in both languages; the target of every "more" link."""

import streamlit as st

from cnnviz.ui.header import header
from cnnviz.ui.words import glossary, say, t

header(t("glossary.title"))
st.markdown(t("glossary.intro"))
for name, term in glossary().items():
    symbol = f" {term.symbol}" if term.symbol else ""
    names = " · ".join(dict.fromkeys([say(term.name), *term.name]))
    st.subheader(f"{names}{symbol}", anchor=name.replace("_", "-"))
    st.markdown(say(term.definition))

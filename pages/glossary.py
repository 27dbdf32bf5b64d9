"""The field's terms in both languages; the target of every "more" link."""

import streamlit as st

from cnnviz.ui.header import header
from cnnviz.ui.words import glossary, say, t

header(t("glossary.title"))
st.markdown(t("glossary.intro"))
for name, term in glossary().items():
    symbol = f" {term.symbol}" if term.symbol else ""
    st.subheader(f"{say(term.name)}{symbol}", anchor=name.replace("_", "-"))
    st.markdown(say(term.definition))
    st.caption(" · ".join(dict.fromkeys(term.name)))

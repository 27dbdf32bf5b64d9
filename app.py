"""cnnviz: an interactive explorer of CNN architectures. Run with: streamlit run app.py"""

import streamlit as st

from cnnviz.ui.assets import ASSETS, asset
from cnnviz.ui.words import t

st.set_page_config(
    page_title="cnnviz",
    page_icon=str(ASSETS / "favicon.png"),
    layout="wide",
    initial_sidebar_state=320,
)
st.html(f"<style>{asset('app.css')}</style>")
st.navigation(
    [
        st.Page("pages/architecture.py", title=t("pages.architecture"), default=True),
        st.Page("pages/glossary.py", title=t("pages.glossary")),
    ],
    position="top",
).run()

"""cnnviz: an interactive explorer of CNN architectures. Run with: streamlit run app.py"""

import gc

import streamlit as st

from cnnviz.ui.assets import ASSETS, asset
from cnnviz.ui.words import t


@st.cache_resource(show_spinner=False)
def settle_memory() -> None:
    """Take what the imports have made, a quarter of a million objects, out of every collection."""
    gc.collect()
    gc.freeze()


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
settle_memory()

"""cnnviz: an interactive explorer of CNN architectures. Run with: streamlit run server.py"""

import gc
from contextlib import suppress

import streamlit as st

from cnnviz.config import ConfigError, config
from cnnviz.metrics import PAGE_SECONDS
from cnnviz.training.start import ensure_dispatcher
from cnnviz.ui import entry
from cnnviz.ui.assets import asset, data_uri
from cnnviz.ui.words import as_markdown, say, t


@st.cache_resource(show_spinner=False)
def start_server() -> None:
    """Once: start the dispatcher, so that the first training job begins without a wait.

    And take what the imports have made, a quarter of a million objects, out of every collection.
    """
    with suppress(OSError):  # a data directory that cannot be written: the Training page says so
        ensure_dispatcher()
    gc.collect()
    gc.freeze()


st.set_page_config(
    page_title="cnnviz",
    page_icon=data_uri("favicon.png"),
    layout="wide",
    initial_sidebar_state=320,
)
st.html(f"<style>{asset('app.css')}</style>")
try:
    config()
except ConfigError as error:
    st.error(as_markdown(say(error.message)))
    st.stop()
page = st.navigation(
    [
        st.Page("pages/architecture.py", title=t("pages.architecture"), default=True),
        st.Page("pages/training.py", title=t("pages.training")),
        st.Page("pages/glossary.py", title=t("pages.glossary")),
    ],
    position="top",
)
with entry.app(), PAGE_SECONDS.labels(page.url_path or "architecture").time():
    page.run()
start_server()

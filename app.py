"""cnnviz: an interactive explorer of CNN architectures. Run with: streamlit run app.py"""

import gc
from contextlib import suppress

import streamlit as st

from cnnviz.config import ConfigError, config
from cnnviz.training.start import ensure_dispatcher
from cnnviz.ui import access, entry, live_client
from cnnviz.ui.assets import asset, data_uri
from cnnviz.ui.door import door
from cnnviz.ui.preparation import start_pool
from cnnviz.ui.words import as_markdown, say, t


@st.cache_resource(show_spinner=False)
def start_server() -> None:
    """Once: start the dispatcher, so that the first training job begins without a wait.

    And the processes that analyse. And take what the imports have made, a quarter of a million
    objects, out of every collection.
    """
    with suppress(OSError):  # a data directory that cannot be written: the Training page says so
        ensure_dispatcher()
    start_pool()
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
live_client.devices()  # the live worker starts while the page is drawn
admitted = access.is_admitted()
names = ["architecture", "training", "glossary"]
if access.is_admin():
    names.append("admin")
pages = [
    st.Page(
        # at each page's own address, so that a link is no page that is not found
        f"pages/{name}.py" if admitted else door,
        title=t(f"pages.{name}"),
        url_path=name,
        default=name == "architecture",
    )
    for name in names
]
page = st.navigation(pages, position="top" if admitted else "hidden")
with entry.app():
    page.run()
start_server()

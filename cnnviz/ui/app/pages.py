"""The frame of every page: access and navigation."""

from collections.abc import Callable

import streamlit as st

from cnnviz.config import ConfigError, config
from cnnviz.metrics import PAGE_SECONDS
from cnnviz.ui.app import entry
from cnnviz.ui.app.door import door
from cnnviz.ui.kit.assets import asset, data_uri
from cnnviz.ui.kit.words import as_markdown, say, t
from cnnviz.ui.session import access


def show() -> None:
    """Show the requested page, or the login page in its place."""
    st.set_page_config(
        page_title="cnnviz",
        page_icon=data_uri("favicon.png"),
        layout="wide",
        initial_sidebar_state=320,
    )
    st.html(f"<style>{asset('app.css')}{asset('print.css')}</style>")
    try:
        config()
    except ConfigError as error:
        st.error(as_markdown(say(error.message)))
        st.stop()
    admitted = access.is_admitted()
    names = ["architecture", "compare", "sweeps", "training", "experiments", "labs", "lessons"]
    names += ["line", "glossary"]
    is_admin = access.is_admin()
    if is_admin or config().admin_key:
        names.append("admin")
    # the login page stands at each page's own address, so that its links are found
    files: dict[str, str | Callable[[], None]] = {
        name: f"pages/{name}.py" if admitted else door for name in names
    }
    pages = [
        st.Page(
            file,
            title=t(f"pages.{name}"),
            url_path=name,
            default=name == "architecture",
            visibility="hidden" if name == "admin" and not is_admin else "visible",
        )
        for name, file in files.items()
    ]
    page = st.navigation(pages, position="top" if admitted else "hidden")
    with entry.app(), PAGE_SECONDS.labels(page.url_path or "architecture").time():
        page.run()

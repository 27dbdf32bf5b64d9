"""The frame of every page: access, navigation, and what a teacher locks or shows."""

from collections.abc import Callable

import streamlit as st

from cnnviz.config import ConfigError, config
from cnnviz.metrics import PAGE_SECONDS
from cnnviz.ui.app import entry
from cnnviz.ui.app.door import door
from cnnviz.ui.classes.following import follow, locked_page
from cnnviz.ui.kit.assets import asset, data_uri
from cnnviz.ui.kit.run_context import begin_run
from cnnviz.ui.kit.words import as_markdown, say, t
from cnnviz.ui.session import access, classroom


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
    names += ["line", "glossary", "class"]
    is_admin = access.is_admin()
    if is_admin or config().admin_key:
        names.append("admin")
    hidden = set() if is_admin else {"admin"}
    locked = classroom.hidden(names) if admitted else set()
    hidden |= locked
    # what is shown in a page's place stands at its own address, so that its links are found
    files: dict[str, str | Callable[[], None]] = {
        name: door if not admitted else locked_page if name in locked else f"pages/{name}.py"
        for name in names
    }
    pages = {
        name: st.Page(
            file,
            title=t(f"pages.{name}"),
            url_path=name,
            default=name == "architecture",
            visibility="hidden" if name in hidden else "visible",
        )
        for name, file in files.items()
    }
    page = st.navigation(list(pages.values()), position="top" if admitted else "hidden")
    here = page.url_path or "architecture"
    begin_run()
    classroom.enter(here)
    if admitted:
        follow({name: pages[name] for name in names if name not in locked}, here)
    with entry.app(), PAGE_SECONDS.labels(here).time():
        page.run()

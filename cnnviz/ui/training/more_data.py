"""Data sets that are known and not on this machine: how to get them, and a download on demand."""

import streamlit as st

from cnnviz.data.dataset import download, known, missing
from cnnviz.data.readers import DataError
from cnnviz.numbers import short
from cnnviz.ui.kit.words import say, t


def more_data() -> None:
    """List what is missing; nothing goes online before its button is pressed."""
    lacking = missing()
    if not lacking:
        return
    with st.expander(t("data.more")):
        for name in lacking:
            source = known(name)
            st.markdown(say(source.help))
            if st.button(
                t("data.consent", name=say(source.title)),
                key=f"download.{name}",
                width="stretch",
                help=t("data.consent_help"),
            ):
                _download(name)


def _download(name: str) -> None:
    bar = st.progress(0.0)

    def progress(done: int, whole: int) -> None:
        text = t("data.progress", done=short(done, "B"), whole=short(whole, "B"))
        bar.progress(done / whole, text=text)

    try:
        download(name, progress)
    except DataError as error:
        st.error(say(error.message))
    else:
        st.rerun()

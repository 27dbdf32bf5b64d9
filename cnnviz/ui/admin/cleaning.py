"""Old runs, looked at before they are deleted."""

import streamlit as st

from cnnviz.config import config
from cnnviz.numbers import short
from cnnviz.training import service
from cnnviz.training.disk import bytes_in
from cnnviz.training.purge import too_old
from cnnviz.ui.admin import actions
from cnnviz.ui.kit.words import t
from cnnviz.ui.training import runs

_DAYS = 30


def cleaning() -> None:
    """Draw what a purge would delete, and the button that does it."""
    if config().keep_days:
        st.markdown(t("admin.purge_by_itself", days=f"{config().keep_days:g}"))
    days = st.number_input(
        t("admin.days"), 0, 36_500, _DAYS, key="admin.days", width=240, help=t("admin.days_help")
    )
    old = too_old(runs.store(), days)
    size = short(sum(bytes_in(service.folder(job.id)) for job in old), "B")
    st.markdown(t("admin.purge_preview", count=len(old), size=size, days=days))
    with st.popover(t("admin.purge"), disabled=not old):
        st.markdown(t("admin.purge_sure", count=len(old), size=size))
        st.button(
            t("admin.purge_yes"),
            key=f"purge.{days}.{len(old)}",
            type="primary",
            on_click=actions.purge_old,
            args=(days,),
        )

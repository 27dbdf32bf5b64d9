"""What an administrator sees and does."""

import streamlit as st

from cnnviz.ui.admin import cleaning, jobs, server
from cnnviz.ui.admin.keyhole import keyhole
from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.words import t
from cnnviz.ui.session import access
from cnnviz.ui.session.parameters import arrival
from cnnviz.ui.training.page import whole_or_sentence

by_way_of_app()
header(t("admin.title"))
address_notes(arrival("/admin"), "admin.dismiss")
if not access.is_admin():
    keyhole()
    st.stop()
with whole_or_sentence():
    server.figures()
    at_work, machine, settings, cleaner = st.tabs(
        [t("admin.jobs"), t("admin.machine"), t("admin.settings"), t("admin.cleaning")]
    )
    with at_work:
        jobs.jobs()
    with machine:
        server.machine()
    with settings:
        server.settings()
    with cleaner:
        cleaning.cleaning()

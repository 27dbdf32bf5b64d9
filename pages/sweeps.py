"""One or two knobs over their values: what becomes of a network's cost; and the best presets."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.architecture.controls import follow_drags, sidebar
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.steady_chart import chart_library
from cnnviz.ui.kit.words import t
from cnnviz.ui.session import slots
from cnnviz.ui.sweeps import grid, page

by_way_of_app()
chosen = slots.current(own=grid.OWN)
swept = grid.current(chosen)
with st.sidebar:
    sidebar(chosen)
slots.show_address(chosen, own=swept.query(chosen))
header(
    t("sweeps.title", network=chosen.preset.name),
    said=t("sweeps.what"),
    share=lambda: swept.query(chosen),
)
address_notes(chosen, chosen.key("dismiss"))
page.show(chosen, swept)
chart_library()
follow_drags(chosen)

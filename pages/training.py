"""Train the network on screen, watch it, and look at what it has learnt."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.steady_chart import chart_library
from cnnviz.ui.kit.words import t
from cnnviz.ui.session.owner import keep_owner
from cnnviz.ui.training import form, labels, page, runs
from cnnviz.ui.training.comparison import comparison
from cnnviz.ui.training.recipe_controls import sidebar
from cnnviz.ui.training.run_list import run_list

by_way_of_app()
chosen = runs.network_on_screen()
with page.whole_or_sentence():
    runs.on_screen()
    with st.sidebar:
        sidebar(chosen, form.current())
    runs.show_address(chosen)
    header(
        t("training.title", network=chosen.preset.name),
        turned=labels.turned_marks(chosen.preset.name, chosen.spec),
    )
    address_notes(chosen, chosen.key("dismiss"))
    page.left_out_notice()
    page.pause_notice()
    page.silence()
    comparison()
    page.selected_run()
    run_list()
# at the end, where the room that they take is not seen
keep_owner()
chart_library()

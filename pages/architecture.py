"""Choose a network, turn its knobs, see what becomes of it."""

import streamlit as st

from cnnviz.analysis import analyze
from cnnviz.ui import network
from cnnviz.ui.controls import sidebar
from cnnviz.ui.entry import by_way_of_app
from cnnviz.ui.explorer import explorer
from cnnviz.ui.header import header
from cnnviz.ui.hints import address_notes, first_visit, refusal_notice
from cnnviz.ui.live_view import live_line
from cnnviz.ui.panels import headline
from cnnviz.ui.words import knob_mark

by_way_of_app()
chosen = network.current()
network.show_address(chosen)
with st.sidebar:
    sidebar(chosen)
turned = [
    knob_mark(knob, chosen.turned[knob.name])
    for knob in chosen.spec.knobs()
    if knob.name in chosen.turned
]
header(chosen.preset.name, turned=turned, share=True, train=True)
first_visit()
address_notes(chosen)
headline(analyze(chosen.spec), analyze(chosen.preset.spec))
if chosen.draft.refused:
    refusal_notice(chosen)
else:
    live_line(chosen.spec)
explorer(chosen, chosen.generation)

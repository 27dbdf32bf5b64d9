"""Choose a network, turn its knobs, see what becomes of it."""

import streamlit as st

from cnnviz.analysis import analyze
from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.architecture.broken_view import broken_view
from cnnviz.ui.architecture.controls import sidebar, with_other_names
from cnnviz.ui.architecture.explorer import explorer
from cnnviz.ui.architecture.hints import address_notes, first_visit, refusal_notice
from cnnviz.ui.architecture.live_view import live_line
from cnnviz.ui.architecture.panels import headline
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.kit.words import knob_mark
from cnnviz.ui.session import slot
from cnnviz.ui.session.address import write_counting

by_way_of_app()
chosen = slot.current()
slot.show_address(chosen, **write_counting(chosen.counting))
with st.sidebar:
    sidebar(chosen)
broken = chosen.too_small(chosen.draft.broken)
spec = broken[0] if broken else chosen.spec
turned = spec.differences(chosen.preset.spec)
marks = [knob_mark(spec.knob(name), value) for name, value in turned.items()]
title = with_other_names(chosen.preset.name, chosen.preset.known_as)
header(title, turned=marks, share=not broken, network=None if broken else chosen)
first_visit()
address_notes(chosen)
if broken:
    broken_view(chosen, *broken)
else:
    prepare(chosen.spec)
    headline(chosen, analyze(chosen.spec), analyze(chosen.preset.spec))
    below = st.container()
    explorer(chosen, chosen.generation)
    with below:  # drawn last: what looks again by itself begins when the page is there
        if chosen.draft.refused:
            refusal_notice(chosen)
        else:
            live_line(chosen.spec)

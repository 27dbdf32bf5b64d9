"""Choose a network, turn its knobs, see what becomes of it."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.architecture.broken_view import broken_view
from cnnviz.ui.architecture.controls import sidebar
from cnnviz.ui.architecture.headline import headline
from cnnviz.ui.architecture.hints import address_notes, first_visit, refusal_notice
from cnnviz.ui.architecture.live_view import live_line
from cnnviz.ui.architecture.workbench import workbench
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.kit.words import knob_mark, t
from cnnviz.ui.session import slot
from cnnviz.ui.session.address import write_counting
from cnnviz.ui.session.subject import with_other_names

by_way_of_app()
chosen = slot.current()
slot.show_address(chosen, **write_counting(chosen.look.counting))
with st.sidebar:
    sidebar(chosen)
broken = chosen.broken
spec = broken[0] if broken else chosen.spec
turned = spec.differences(chosen.preset.spec)
marks = [knob_mark(spec.knob(name), value) for name, value in turned.items()]
title = with_other_names(chosen.preset.name, chosen.preset.known_as)
header(
    title,
    said=t("view.what"),
    turned=marks,
    share=not broken,
    network=None if broken else chosen,
)
first_visit()
address_notes(chosen)
_, reference = prepare(chosen.spec, chosen.preset.spec)
if broken:
    broken_view(chosen)
    workbench(chosen, reference, chosen.generation)
else:
    subject = chosen.subject()
    headline(subject, reference, *chosen.looking(subject), key=chosen.key)
    below = st.container()
    workbench(chosen, reference, chosen.generation)
    with below:  # drawn last: what looks again by itself begins when the page is there
        if chosen.draft.refused:
            refusal_notice(chosen)
        else:
            live_line(chosen.spec)

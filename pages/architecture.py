"""Choose a network, turn its knobs, see what becomes of it."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.architecture.broken_view import broken_view
from cnnviz.ui.architecture.controls import follow_drags, sidebar
from cnnviz.ui.architecture.headline import headline
from cnnviz.ui.architecture.hints import first_visit, refusal_notice
from cnnviz.ui.architecture.live_view import live_line
from cnnviz.ui.architecture.workbench import workbench
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.kit.words import knob_mark, t
from cnnviz.ui.session import slots
from cnnviz.ui.session.address import write_counting

by_way_of_app()
chosen = slots.current(with_look=True)
with st.sidebar:
    sidebar(chosen)
_, reference = prepare(chosen.spec, chosen.preset.spec, colour_by=chosen.look.colour_by)
subject = chosen.subject()
look, on_change = chosen.looking(subject)
slots.show_address(chosen, own=write_counting(look.counting), look=chosen.link())
turned = subject.spec.differences(subject.preset.spec)
header(
    subject.title,
    said=t("view.what"),
    turned=[knob_mark(subject.spec.knob(name), value) for name, value in turned.items()],
    share=chosen.link,
    network=None if subject.breaks else chosen,
)
first_visit()
address_notes(chosen, chosen.key("dismiss"))
if subject.breaks:
    broken_view(chosen)
else:
    headline(subject, reference, look, on_change, key=chosen.key)
below = st.container(key="below")
workbench(chosen, reference, chosen.generation)
with below:  # drawn last: what looks again by itself begins when the page is there
    if chosen.draft.refused and not subject.breaks:
        refusal_notice(chosen)
    elif not subject.breaks:
        live_line(chosen.spec)
follow_drags(chosen)

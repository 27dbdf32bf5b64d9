"""Two to six networks beside each other: figures, layers, graphs and charts."""

import streamlit as st

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.architecture.controls import follow_drags, sidebar
from cnnviz.ui.compare import networks
from cnnviz.ui.compare.cards import cards, choice
from cnnviz.ui.compare.charts import charts
from cnnviz.ui.compare.difference import compared, figures_view, knobs_view, layers_view
from cnnviz.ui.compare.graphs import graphs
from cnnviz.ui.compare.measured import Times
from cnnviz.ui.compare.own import own_view
from cnnviz.ui.compare.printed import printed, printed_view
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.kit.words import t
from cnnviz.ui.session.address import write_counting
from cnnviz.ui.session.slots import show_address

by_way_of_app()
slots = networks.current()
counting = slots[0].look.counting
show_address(*slots, own=write_counting(counting))
with st.sidebar:
    turned = choice(slots)
    sidebar(turned)
header(t("beside.title"), share=dict)
for one in slots:
    address_notes(one, one.key("dismiss"))
device = cards(slots)
specs = tuple(one.spec for one in slots)
prepare(*specs)
comparison = compared(specs, networks.titles(slots))
figures_view(comparison, counting, Times(specs, device))
views = {
    t("beside.layers"): lambda: layers_view(comparison),
    t("beside.graphs"): lambda: graphs(comparison, slots, counting),
    t("beside.charts"): lambda: charts(comparison, slots, counting),
    t("own.tab"): lambda: own_view(specs, networks.titles(slots), counting),
}
if columns := printed(slots):
    views[t("beside.printed")] = lambda: printed_view(columns)
if comparison.knobs:
    views[t("beside.knobs")] = lambda: knobs_view(comparison, specs)
for tab, show in zip(
    st.tabs(list(views), key=f"beside.views.{len(views)}", on_change="rerun"),
    views.values(),
    strict=True,
):
    if tab.open:
        with tab:
            show()
follow_drags(turned)

"""A plotly chart that stays in place while its data change.

`st.plotly_chart` makes a new chart whenever the data change, even where a key is given: drawn anew
each second it blinks and loses its zoom. This component hands the new figure to the chart that is
there. The library goes to the browser once, through a component of its own.
"""

import json

import plotly.graph_objects as go
import streamlit as st
from plotly.offline import get_plotlyjs

from cnnviz.ui.kit.assets import asset

_library = st.components.v2.component("cnnviz_plotly", js=asset("plotly.js"))
_chart = st.components.v2.component(
    "cnnviz_chart",
    html='<div class="steady-chart" role="figure"></div>',
    js=asset("chart.js"),
    isolate_styles=False,  # plotly puts its styles into the document
)


def chart_library() -> None:
    """Send plotly.js once, for the charts of this page."""
    _library(key="plotly", data={"source": get_plotlyjs()})


def steady_chart(figure: go.Figure, *, key: str, label: str) -> None:
    """Show a figure whose layout has a height and a uirevision.

    Args:
        label: what the chart shows, for those who cannot see it.
    """
    _chart(key=f"chart-{key}", data={"figure": json.loads(figure.to_json()), "label": label})

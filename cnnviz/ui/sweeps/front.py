"""The front of all presets: which have the least published error for what they cost."""

from collections.abc import Mapping
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from cnnviz.analysis import Report
from cnnviz.families import Preset, Spec
from cnnviz.ledger.stories import stories
from cnnviz.numbers import three_digits
from cnnviz.render import markdown
from cnnviz.render.front_chart import Published, front, front_chart
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.kit.steady_chart import steady_chart
from cnnviz.ui.kit.words import as_markdown, language, language_in_address, say, t
from cnnviz.ui.session import address
from cnnviz.ui.sweeps.axes import measure_choice
from cnnviz.ui.sweeps.grid import Grid
from cnnviz.ui.sweeps.measures import MEASURES
from cnnviz.zoo import PRESETS

COSTS = ("params", "macs", "saved_bytes")
Known = tuple[Preset, Spec, float]  # a network, and the top-1 error in % that was published of it


def known() -> list[Known]:
    """Every network whose error a source gives: torchvision's weights, as their pages say."""
    found = []
    for story in stories().values():
        for name, weights in story.weights.items():
            preset = PRESETS[name]
            found.append((preset, preset.spec.turn(**weights.turned), 100 - weights.top1))
    return found


def front_view(grid: Grid) -> None:
    """Show error over cost, the networks that none beats, and every figure as text."""
    name = measure_choice(grid, COSTS)
    measure = MEASURES[name]
    networks = known()
    specs = [spec for _, spec, _ in networks]
    reports = dict(zip(specs, prepare(*specs, pause=st.empty()), strict=True))
    points = {
        preset.name: Published(preset.name, getattr(reports[spec], name), error)
        for preset, spec, error in networks
    }
    ahead = front(list(points.values()))
    st.caption(t("sweeps.front_what", count=len(points), ahead=len(ahead)))
    title = say(measure.label)
    figure = front_chart(
        list(points.values()), title=title, show=measure.show, language=language(), ink=ink()
    )
    steady_chart(figure, key="sweeps-front", label=t("sweeps.front_alt", what=title))
    rows = []
    for preset, spec, error in sorted(networks, key=lambda one: points[one[0].name]):
        query = address.write(preset.name, spec) | language_in_address()
        link = f"[{as_markdown(preset.name)}](architecture?{urlencode(query)})"
        costs = [MEASURES[cost].show(getattr(reports[spec], cost)) for cost in COSTS]
        sign = "●" if points[preset.name] in ahead else ""
        rows.append([sign, link, *costs, three_digits(error)])
    heads = [
        t("sweeps.unbeaten"),
        t("sweeps.network"),
        *(say(MEASURES[cost].label) for cost in COSTS),
    ]
    with st.container(key="sweeps-front-figures"):
        st.markdown(markdown.table([*heads, t("sweeps.error")], rows, numbers=len(COSTS) + 1))
    st.download_button(
        "CSV",
        data=lambda: _frame(networks, reports).to_csv(index=False),
        file_name="cnnviz-front.csv",
        mime="text/csv",
        on_click="ignore",
        key="sweeps.front.csv",
        help=t("sweeps.csv_help"),
    )
    st.caption(t("sweeps.front_source"))


def _frame(networks: list[Known], reports: Mapping[Spec, Report]) -> pd.DataFrame:
    """One row for each network, plain numbers for a file."""
    return pd.DataFrame(
        {
            "network": preset.name,
            **{cost: getattr(reports[spec], cost) for cost in COSTS},
            "top1_error": round(error, 3),
        }
        for preset, spec, error in networks
    )

"""The script that keeps a chart in place, in a real Chromium and without a server."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from plotly.offline import get_plotlyjs

from cnnviz.render.training_charts import gradient_chart, progress_chart
from cnnviz.training.events import Started, Step
from cnnviz.training.history import History, extend

pytestmark = pytest.mark.browser

SCRIPT = Path(__file__).parents[1] / "assets" / "chart.js"
LEAVE_WHILE_DRAWING = """
async ([script, figures]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }))
  const chart = (await import(url)).default
  for (const figure of figures) {
    const parentElement = document.createElement("div")
    parentElement.innerHTML = '<div class="steady-chart" style="width: 500px"></div>'
    document.body.append(parentElement)
    const leave = chart({ data: { figure, label: "" }, parentElement })
    leave()
    parentElement.remove()
  }
  // whatever plotly does after drawing is over after two frames
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
}
"""


def test_a_page_is_left_while_its_charts_are_drawn(browser):
    step = Step(step=1, epoch=0.5, loss=2.3, accuracy=0.1, number=2)
    start = Started(layers=("a-layer-with-a-long-name.weight",), number=1)
    history = extend(History(), [start, replace(step, gradient_norms=(0.5,))])
    look = {"epochs": 4, "ink": "#000000", "revision": "x"}
    charts = [gradient_chart(history, "en", **look), progress_chart(history, "loss", "en", **look)]
    errors = []
    page = browser.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_script_tag(content=get_plotlyjs())
    figures = [json.loads(chart.to_json()) for chart in charts]
    page.evaluate(LEAVE_WHILE_DRAWING, [SCRIPT.read_text(encoding="utf-8"), figures])
    assert errors == []
    page.close()

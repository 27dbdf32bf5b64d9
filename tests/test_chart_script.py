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

OUT_OF_SIGHT = """
async ([script, figures]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }))
  const component = (await import(url)).default
  const frames = () => new Promise((resolve) =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))))
  const parentElement = document.createElement("div")
  parentElement.style = "margin-top: 3000px; width: 500px"
  parentElement.innerHTML = '<div class="steady-chart"></div>'
  document.body.append(parentElement)
  const chart = parentElement.firstChild
  const points = []
  for (const figure of figures) {
    component({ data: { figure, label: "" }, parentElement })
    await frames()
    points.push(chart.data[0].y.length)
  }
  chart.scrollIntoView()
  await frames()
  points.push(chart.data[0].y.length)
  return points
}
"""
LOOK = {"epochs": 4, "ink": "#000000", "revision": "x"}


@pytest.mark.sweep
def test_a_page_is_left_while_its_charts_are_drawn(browser):
    step = Step(step=1, epoch=0.5, loss=2.3, accuracy=0.1, number=2)
    start = Started(layers=("a-layer-with-a-long-name.weight",), number=1)
    history = extend(History(), [start, replace(step, gradient_norms=(0.5,))])
    charts = [gradient_chart(history, "en", **LOOK), progress_chart(history, "loss", "en", **LOOK)]
    errors = []
    page = browser.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_script_tag(content=get_plotlyjs())
    figures = [json.loads(chart.to_json()) for chart in charts]
    page.evaluate(LEAVE_WHILE_DRAWING, [SCRIPT.read_text(encoding="utf-8"), figures])
    assert errors == []
    page.close()


def test_a_chart_out_of_sight_waits_until_it_is_looked_at(browser):
    figures = [
        {"data": [{"type": "scatter", "y": [1] * points}], "layout": {"height": 300}}
        for points in (1, 2, 3)
    ]
    page = browser.new_page()
    page.add_script_tag(content=get_plotlyjs())
    points = page.evaluate(OUT_OF_SIGHT, [SCRIPT.read_text(encoding="utf-8"), figures])
    assert points == [1, 1, 1, 3]
    page.close()

"""The tab of profiles: its words and charts say what the report says."""

from architecture_page_driver import open_page, open_tab
from page_driver import run, text_of

import cnnviz
from cnnviz.analysis.memory.step import training_memory
from cnnviz.analysis.memory.timeline import timeline
from cnnviz.numbers import short
from cnnviz.render.profile_charts import PROFILES, depth_chart, step_chart

REPORT = cnnviz.analyze("alexnet-torchvision")


def test_the_tab_says_when_the_most_is_alive():
    app = open_tab(open_page(preset="resnet-50"), "profiles")
    memory = training_memory(cnnviz.analyze("resnet-50"), 32)
    # the last layer is through: its gradient is there, and its input is gone
    alive = memory.total - memory.gradients + 4 * 2049 * 1000 - 4 * 32 * 2048
    assert f"**head\\.flatten** goes backward: **{short(alive, 'B')}**" in text_of(app)
    (batch,) = [box for box in app.number_input if box.key == "profiles.batch"]
    batch.set_value(1)
    # of one image, gradients outgrow the maps: the most is alive further back
    assert "**stage2\\.block4\\.relu** goes backward" in text_of(run(app))


def test_every_op_has_its_measures():
    figure = depth_chart(REPORT, "en", ink="#000000", milliseconds=[0.5] * len(REPORT.layers))
    *rows, times = figure.data
    assert len(rows) == len(PROFILES)
    for trace, profile in zip(rows, PROFILES, strict=True):
        assert list(trace.y) == [profile.of(layer) for layer in REPORT.layers]
    assert sum(rows[2].y) == REPORT.params
    assert sum(rows[3].y) == REPORT.macs
    assert set(times.y) == {0.5}
    assert len(depth_chart(REPORT, "zh", ink="#000000").data) == len(PROFILES)


def test_a_step_is_stacked():
    moments = timeline(REPORT, 16, optimiser="adam")
    figure = step_chart(REPORT, moments, "en", ink="#000000")
    for place, moment in enumerate(moments):
        assert sum(trace.y[place] for trace in figure.data) == moment.memory.total

"""The tab of times: what it asks of the live worker, what it shows, and how it is stopped."""

from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from architecture_page_driver import drawn, network, open_page, open_tab, see, turn
from page_driver import press, run, text_of

import cnnviz
from cnnviz.analysis.graph import fold
from cnnviz.analysis.real_run import Live, LiveError
from cnnviz.analysis.timing.measure import Pass
from cnnviz.analysis.timing.peak import Peak
from cnnviz.analysis.timing.stopwatch import Span
from cnnviz.live.devices import Devices
from cnnviz.live.tasks import Gpu, Gpus, LiveRun
from cnnviz.live.timing import MeasurePeak, TimeBackward, TimeForward, TimeWhole, TimingTask
from cnnviz.render.colouring import TIME
from cnnviz.render.diagram import draw
from cnnviz.render.time_charts import Dot, macs_chart, roofline_chart
from cnnviz.text import Text
from cnnviz.ui.architecture import time_view
from cnnviz.ui.kit import live_client

PEAK = Peak(flops=1e12, bandwidth=1e11)
TOO_MUCH = Text("More than the CPU may take.", "超过上限。")


def passed(task, milliseconds):
    rows = (Span(*[milliseconds] * 3),) * len(cnnviz.analyze(task.spec).layers)
    whole = milliseconds * len(rows)
    return Pass(rows, (), Span(*[whole] * 3), overhead=0.25, repeats=7)


class FakeClient:
    """Answers timing tasks at once, or never, but for batches that are too large."""

    def __init__(self, *, answers=True):
        self.answers, self.asked = answers, []

    def status(self):
        return SimpleNamespace(queue=0)

    def ask(self, task, session=""):
        self.asked.append(task)
        future = Future()
        if isinstance(task, Gpus):
            future.set_result({"cuda:0": Gpu("GPU A", 10**10, 10**10)})
        elif isinstance(task, LiveRun):
            future.set_result(Live(task.device, (10,), 0.002, 1000, 1000, ()))
        elif not self.answers:
            return future
        elif isinstance(task, MeasurePeak):
            future.set_result(("GPU A", PEAK))
        elif isinstance(task, TimeForward):
            future.set_result(passed(task, 0.5))
        elif isinstance(task, TimeBackward):
            future.set_result(passed(task, 1.0))
        elif isinstance(task, TimeWhole) and task.batch <= 8:
            future.set_result(Span(2.0, 1.0, 3.0))
        else:
            future.set_exception(LiveError(TOO_MUCH))
        return future

    def timing(self):
        return [task for task in self.asked if isinstance(task, TimingTask | MeasurePeak)]


def refusing(ask):
    """Refuse the pass forward."""

    def asked(self, task, session=""):
        if not isinstance(task, TimeForward):
            return ask(self, task, session)
        self.asked.append(task)
        future = Future()
        future.set_exception(LiveError(TOO_MUCH))
        return future

    return asked


@pytest.fixture
def client(monkeypatch):
    def made(**how):
        client = FakeClient(**how)
        devices = Devices(client)
        monkeypatch.setattr(live_client, "client", lambda: client)
        monkeypatch.setattr(live_client, "devices", lambda: devices)
        return client

    return made


def test_nothing_is_measured_before_it_is_asked_for(client):
    asked = client()
    app = open_tab(open_page(preset="lenet-5"), "time")
    assert "fewer MACs are not always faster" in text_of(app)
    assert asked.timing() == []


def test_a_network_is_measured(client):
    asked = client()
    app = press(open_tab(open_page(preset="lenet-5"), "time"), "time.begin")
    first, *_ = asked.timing()
    assert first == MeasurePeak("cuda:0", "fp32")
    assert {type(task) for task in asked.timing()} == {
        *(MeasurePeak, TimeForward, TimeBackward, TimeWhole),
    }
    said = text_of(app)
    count = len(cnnviz.analyze("lenet-5").layers)
    assert f"## {count * 0.5:.1f} ms" in said
    assert f"backward {count * 1.0:.1f} ms" in said
    assert "The ops sum to 100 % of the pass, in 7 repeats" in said
    assert "1.00 TFLOP/s in a matrix product, 100 GB/s in a copy" in said
    assert "More than the CPU may take" not in said, "of larger batches"
    assert [task.batch for task in asked.timing() if isinstance(task, TimeWhole)][-1] == 16
    (table,) = [frame.value for frame in app.dataframe if "Bound by" in frame.value]
    assert list(table["Op"]) == [layer.name for layer in cnnviz.analyze("lenet-5").layers]
    assert set(table["Bound by"]) == {"memory", "computing", "–"}


def test_another_network_or_setting_is_measured_anew(client):
    client()
    app = press(open_tab(open_page(preset="lenet-d2l"), "time"), "time.begin")
    assert "The ops sum to" in text_of(app)
    turn(app, "pooling", "max")
    assert "The ops sum to" not in text_of(app)


def test_a_link_holds_the_setting_to_time_in(client):
    asked = client()
    app = open_page(preset="lenet-5", tab="time", time="8,fp16,channels_last")
    press(app, "time.begin")
    (forward,) = [task for task in asked.timing() if isinstance(task, TimeForward)]
    assert (forward.batch, forward.precision, forward.channels_last) == (8, "fp16", True)
    (batch,) = [box for box in app.number_input if box.key == "time.batch"]
    batch.set_value(32)
    run(app)
    assert network(app).link() == {"tab": "time", "time": "32,fp16,channels_last"}
    (layout,) = [box for box in app.checkbox if box.key == "time.channels_last"]
    layout.uncheck()
    run(app)
    assert network(app).link() == {"tab": "time", "time": "32,fp16"}


@pytest.mark.parametrize("text", ["0,fp32", "513,fp32", "8", "8,fp8", "8,fp16,last", "8,fp16,,x"])
def test_a_setting_that_is_none_is_said(client, text):
    client()
    app = open_page(preset="lenet-5", tab="time", time=text)
    assert "no setting to time in" in app.warning[0].value
    assert network(app).link() == {"tab": "time"}


def test_a_precision_that_the_device_lacks_is_said(client, monkeypatch):
    client()
    monkeypatch.setattr(time_view, "precisions", lambda device: ["fp32"])
    app = open_page(preset="lenet-5", tab="time", time="8,bf16")
    said = "This device does not compute in BF16 itself; it is timed in FP32."
    assert said in [caption.value for caption in app.caption]
    app = open_page(preset="lenet-5", tab="time", time="8,fp32")
    assert not any("does not compute" in caption.value for caption in app.caption)


def test_it_can_be_stopped(client):
    asked = client(answers=False)
    app = press(open_tab(open_page(preset="lenet-5"), "time"), "time.begin")
    assert "time.begin" not in [button.key for button in app.button]
    press(app, "time.stop")
    before = len(asked.timing())
    run(app)
    assert len(asked.timing()) == before
    assert "time.begin" in [button.key for button in app.button]


def test_a_network_that_is_refused_gets_its_sentence_and_no_further_task(client, monkeypatch):
    asked = client()
    monkeypatch.setattr(FakeClient, "ask", refusing(FakeClient.ask))
    app = press(open_tab(open_page(preset="lenet-5"), "time"), "time.begin")
    assert text_of(app).count("More than the CPU may take") == 1
    assert not [task for task in asked.timing() if isinstance(task, TimeBackward | TimeWhole)]


def test_presets_are_measured(client):
    asked = client()
    app = press(open_tab(open_page(preset="lenet-5"), "time"), "time.presets.begin")
    assert len({task.spec for task in asked.asked if isinstance(task, LiveRun)}) >= 16
    assert "mobilenet-v2: 2 ms" in "".join(caption.value for caption in app.caption)


def test_the_graph_has_the_colours_of_what_was_measured(client):
    asked = client()
    app = open_page(preset="lenet-5", colour=TIME)
    report = cnnviz.analyze("lenet-5")
    assert draw(report, colour_by=TIME, together=True) in drawn(app)
    assert asked.timing() == []
    app = press(app, "colours.measure")
    assert network(app).look.tab == TIME
    app = press(app, "time.begin")
    times = [0.5] * len(report.layers)
    assert draw(report, colour_by=TIME, milliseconds=times, together=True) in drawn(app)
    assert "colours.measure" not in [button.key for button in app.button]
    assert "GPU A · FP32 · images: 1" in text_of(app)
    node = fold(report, together=True).nodes[0]
    see(network(app), selected=node.id, tab="details")
    taken = 0.5 * len(node.positions)
    assert f"**{taken:#.3g} ms ({100 * taken / sum(times):.3g} %)**" in text_of(run(app))
    assert draw(report, colour_by=TIME, milliseconds=times, together=True) in drawn(app)
    turn(app, "pooling", "max")
    assert "colours.measure" in [button.key for button in app.button]


def dots(report, milliseconds):
    return [Dot(layer, milliseconds, None) for layer in report.layers]


def test_charts_show_each_op_once():
    report = cnnviz.analyze("mobilenet-v2")
    figure = macs_chart(dots(report, 2.0), "en", ink="#000000")
    shown = [x for trace in figure.data for x in trace.x]
    assert sorted(shown) == sorted(layer.macs for layer in report.layers if layer.macs)
    assert {y for trace in figure.data for y in trace.y} == {2.0}
    empty = roofline_chart(dots(report, 2.0), PEAK, "zh", ink="#000000")
    (roof,) = empty.data
    assert roof.y[1] == PEAK.flops
    assert roof.y[0] == pytest.approx(roof.x[0] * PEAK.bandwidth)


def test_its_own_file_can_be_loaded(client):
    client()
    app = press(open_tab(open_page(preset="lenet-5"), "time"), "time.begin")
    (button,) = [button for button in app.get("download_button") if button.label == "JSON"]
    assert button

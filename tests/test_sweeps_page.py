"""The Sweeps page: the grid in the address, the figures as text, and a sweep on its way."""

import csv
import io
import re
from concurrent.futures import Future
from functools import partial
from types import SimpleNamespace

import page_driver
import pytest
from conftest import few
from page_driver import address, plain, run, said

import cnnviz
from cnnviz.analysis.real_run import LiveError
from cnnviz.analysis.timing.stopwatch import Span
from cnnviz.ledger.stories import stories
from cnnviz.live.devices import Devices
from cnnviz.live.tasks import Gpus
from cnnviz.numbers import short
from cnnviz.render.sweep_charts import Look, Scale, curve, heat_map
from cnnviz.sweeps.background import Run
from cnnviz.sweeps.figures import figures, keep, measured
from cnnviz.sweeps.proposal import proposed_knob, proposed_values
from cnnviz.sweeps.sweep import typed_sweep
from cnnviz.text import Text
from cnnviz.training.events import Ended, Epoch, Started
from cnnviz.training.speed import Speed
from cnnviz.training.state import JobState
from cnnviz.training.store import Store
from cnnviz.training.work import Work
from cnnviz.ui.kit import live_client
from cnnviz.ui.session import owner as owners
from cnnviz.ui.sweeps import server, tables, trained
from cnnviz.ui.sweeps.front import known
from cnnviz.ui.sweeps.measures import MEASURES
from cnnviz.ui.training import prospect, runs
from cnnviz.zoo import FAMILIES

LENET = {"preset": "lenet-5", "x": "num_classes:10:12:1"}


class Here:
    """The background's part, done at once; `most` points, or all of them."""

    def __init__(self, most=None):
        self.most, self.left = most, []

    def ask(self, sweep, session):
        for point in [one for one in sweep.points if one.spec][: self.most]:
            keep(point.spec, measured(point.spec))
        run = Run(sweep)
        run.find()
        return run

    def leave(self, session):
        self.left.append(session)


open_page = partial(page_driver.open_page, "sweeps")


@pytest.fixture(autouse=True)
def here(monkeypatch):
    figures.cache_clear()
    made = Here()
    monkeypatch.setattr(server, "background", lambda: made)
    return made


def widget(widgets, part):
    return next(one for one in widgets if part in (one.key or ""))


def test_a_newcomer_sees_the_growth_rate_of_a_densenet():
    app = open_page()
    assert address(app) == {"preset": "densenet-121", "x": "growth_rate:8:64:8"}
    report = cnnviz.analyze(cnnviz.spec("densenet-121", growth_rate=8))
    assert short(report.params) in said(app)


def test_every_figure_stands_as_text_and_leads_to_its_network():
    app = open_page(**LENET)
    for classes in (10, 11, 12):
        report = cnnviz.analyze(cnnviz.spec("lenet-5", num_classes=classes))
        row = next(line for line in said(app).splitlines() if f"[{classes}](" in line)
        for text in (short(report.params), short(report.macs), short(report.saved_bytes, "B")):
            assert f"| {text} " in row
    assert "architecture?preset=lenet-5&num_classes=11" in said(app)


def test_two_knobs_make_a_table_of_one_figure():
    query = LENET | {"y": "image_size:32,36", "show": "macs"}
    app = open_page(**query)
    assert address(app) == query
    for size in (32, 36):
        lines = said(app).replace("**", "").splitlines()
        row = next(line for line in lines if line.startswith(f"| {size} |"))
        for classes, cell in zip((10, 11, 12), row.split("|")[2:], strict=False):
            spec = cnnviz.spec("lenet-5", num_classes=classes, image_size=size)
            assert f"[{short(cnnviz.analyze(spec).macs)}](" in cell
            assert f"num_classes={classes}" in cell or classes == 10


def test_a_value_that_cannot_be_built_has_its_sentence():
    app = open_page(preset="lenet-5", x="image_size:4,32")
    assert "▲ Cannot be built: 1" in [one.label for one in app.expander]
    assert "image size" in said(app)
    assert "at least" in said(app)


def test_what_the_address_gets_wrong_is_said_and_the_rest_is_kept():
    app = open_page(preset="lenet-5", x="image_size:36:32:2", y="num_classes:10,11", show="beauty")
    assert address(app) == {"preset": "lenet-5", "x": "num_classes:10,11"}
    words = plain(app.warning[0].value)
    assert "from 36 to 32" in words
    assert "beauty" in words


def test_values_that_are_wrong_are_said_and_right_ones_swept():
    app = open_page(**LENET)
    box = widget(app.text_input, "sweeps.values")
    box.set_value("12:10:1")
    run(app)
    assert "from 12 to 10" in plain(app.error[0].value)
    widget(app.text_input, "sweeps.values").set_value("20,30")
    run(app)
    assert not app.error
    assert address(app)["x"] == "num_classes:20,30"
    assert "[30](" in said(app)


def test_another_knob_comes_with_values_of_its_own():
    app = open_page(**LENET)
    widget(app.selectbox, "sweeps.knob.lenet.0").set_value("activation")
    run(app)
    values = ",".join(cnnviz.spec("lenet-5").knob("activation").choices)
    assert address(app)["x"] == f"activation:{values}"
    widget(app.selectbox, "sweeps.knob.lenet.1").set_value("image_size")
    run(app)
    assert address(app)["y"].startswith("image_size:")
    widget(app.selectbox, "sweeps.knob.lenet.1").set_value("")
    run(app)
    assert "y" not in address(app)


def test_a_sweep_on_its_way_can_be_stopped_and_goes_on(here):
    here.most = 1
    app = open_page(**LENET)
    assert "◌" in said(app)
    widget(app.button, "sweeps.stop").click()
    run(app)
    assert len(here.left) == 1
    assert "◌" in said(app)
    here.most = None
    widget(app.button, "sweeps.go_on").click()
    run(app)
    assert "◌" not in said(app)


def test_the_file_has_every_figure_of_every_network():
    sweep = typed_sweep(cnnviz.spec("lenet-5"), ["image_size=4,32", "num_classes=10,11"])
    outcomes = Here().ask(sweep, "").outcomes
    text = tables.frame(sweep, tables.columns(outcomes)).to_csv(index=False)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["image_size"], row["num_classes"]) for row in rows] == [
        (size, classes) for size in ("4", "32") for classes in ("10", "11")
    ]
    assert "at least" in rows[0]["refused"]
    report = cnnviz.analyze(cnnviz.spec("lenet-5", num_classes=11))
    assert rows[3]["saved_bytes"] == str(report.saved_bytes)
    assert rows[3]["refused"] == ""


class Clock:
    """The live worker's part: a network takes as many ms as it has classes, and 12 are too many."""

    def __init__(self):
        self.asked = []

    def status(self):
        return SimpleNamespace(queue=0)

    def ask(self, task, session=""):
        future = Future()
        if isinstance(task, Gpus):
            future.set_result({})
            return future
        self.asked.append(task)
        if (classes := task.spec.num_classes) == 12:
            future.set_exception(LiveError(Text("Too many classes.", "类别太多。")))
        else:
            future.set_result(Span(classes, classes, classes))
        return future


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    devices = Devices(made)
    monkeypatch.setattr(live_client, "client", lambda: made)
    monkeypatch.setattr(live_client, "devices", lambda: devices)
    return made


def test_networks_are_timed_where_asked(clock):
    app = open_page(**LENET, show="forward_ms")
    assert address(app) == {**LENET, "show": "forward_ms"}
    assert "one network after the other" in page_text(app)
    assert not clock.asked
    widget(app.button, "sweeps.time.begin").click()
    run(app)
    assert [task.spec.num_classes for task in clock.asked] == [10, 11, 12]
    rows = [line for line in said(app).splitlines() if "](" in line]
    assert ["10.0 ms" in rows[0], "11.0 ms" in rows[1], "▲" in rows[2]] == [True] * 3
    assert "classes = 12: Too many classes." in said(app)
    assert short(cnnviz.analyze(cnnviz.spec("lenet-5", num_classes=11)).params) in rows[1]


@pytest.fixture
def store(tmp_path, monkeypatch, clock):
    """A queue of its own, a dispatcher that only seems to be there, and a CPU of known speed."""
    made, histories = Store(tmp_path / "jobs.db"), runs._Histories()
    monkeypatch.setattr(runs, "store", lambda: made)
    monkeypatch.setattr(runs, "_histories", lambda: histories)
    monkeypatch.setattr(trained.runs.service, "ensure_dispatcher", lambda: None)
    monkeypatch.setattr(owners, "_secret", lambda: b"secret")
    quick = Speed("cpu", "quick", Work(**dict.fromkeys(Work._fields, 1e-12)), probe=0.01)
    monkeypatch.setattr(prospect, "kept_speed", lambda device: quick)
    return made


def finish(store, job, accuracy):
    attempt = store.begin(job.id)
    classes = tuple((f"{n}", f"{n}") for n in range(10))
    epoch = Epoch(epoch=1, test_accuracy=accuracy, seconds=1.0)
    store.write(job.id, attempt, [Started(classes=classes, layers=()), epoch])
    end = Ended(test_accuracy=accuracy, total_seconds=2.0, ended_by="epochs")
    store.end(job.id, attempt, JobState.DONE, result=end.values)


ACTIVATIONS = {"preset": "lenet-5", "x": "activation:tanh,relu", "show": "test_accuracy"}


def test_networks_are_trained_where_asked_as_one_group(store):
    app = open_page(**ACTIVATIONS)
    assert "A difference of a point or two may be chance" in page_text(app)
    assert not store.jobs()
    widget(app.button, "sweeps.train.begin").click()
    run(app)
    jobs = store.jobs()[::-1]
    assert [job.request.spec.activation for job in jobs] == ["tanh", "relu"]
    assert len({job.group for job in jobs}) == 1
    assert len({job.request.recipe for job in jobs}) == 1
    assert {job.request.recipe.seed for job in jobs} == {0}
    assert not [button for button in app.button if button.key == "sweeps.train.begin"]
    for job, accuracy in zip(jobs, (0.625, 0.75), strict=True):
        finish(store, job, accuracy)
    again = open_page(**ACTIVATIONS)
    rows = [line for line in said(again).splitlines() if "](" in line]
    assert ["62.5%" in rows[0], "75.0%" in rows[1]] == [True, True]
    other = open_page(**{**ACTIVATIONS, "x": "activation:tanh,sigmoid"})
    assert "62.5%" not in said(other)


def test_trainings_of_a_sweep_can_be_stopped(store):
    app = open_page(**ACTIVATIONS)
    widget(app.button, "sweeps.train.begin").click()
    run(app)
    widget(app.button, "sweeps.train.stop").click()
    run(app)
    assert not any(job.is_active for job in store.jobs())
    assert widget(app.button, "sweeps.train.begin")
    assert "no result" in said(app)


def test_what_the_images_decide_is_not_swept_for_accuracy(store):
    app = open_page(**LENET, show="test_accuracy")
    assert "set by the images" in plain(app.error[0].value)


def page_text(app):
    return plain("\n".join(text.value for text in (*app.markdown, *app.caption)))


@pytest.mark.parametrize("locale", few(["en-US", "zh-CN"], {"zh-CN"}))
def test_the_front_names_every_network_with_a_published_error(locale):
    app = open_page(locale, view="front", show="macs")
    assert address(app)["view"] == "front"
    for preset, _, error in known():
        assert f"[{preset.name}](" in said(app)
        assert f"{error:.3g}" in said(app)
    published = sum(len(story.weights) for story in stories().values())
    assert len(known()) == published


def test_the_charts_show_the_numbers_where_they_belong():
    spec = cnnviz.spec("densenet-121")
    growth, theta = (spec.knob(name) for name in ("growth_rate", "compression"))
    look = Look("Parameters", short, "en", "#000")
    line = curve(Scale(growth, (12, 24, 999)), (1e6, 2e6, None), (False, False, True), look)
    assert line.data[0].x == (12, 24, 999)
    assert line.data[0].y == (1e6, 2e6, None)
    assert line.data[1].x == (999,), "a cross"
    cells = heat_map(Scale(growth, (12, 24)), Scale(theta, (0.5,)), [(1e6, None)], look)
    assert [list(row) for row in cells.data[0].z] == [[1e6, None]]
    assert cells.data[0].x == ("12", "24")
    assert cells.data[0].y == ("0.5",)


def test_what_is_proposed_for_a_knob_is_a_sweep_of_it(family):
    presets = FAMILIES[family].presets
    spec = presets[0].spec
    for knob in spec.knobs():
        text = proposed_values(spec, knob, [preset.spec for preset in presets])
        sweep = typed_sweep(spec, [f"{knob.name}={text}"])
        assert len(sweep) <= 24, text
    first = proposed_knob(spec)
    text = proposed_values(spec, first, [])
    points = typed_sweep(spec, [f"{first.name}={text}"]).points
    specs = [point.spec for point in points if point.spec]
    assert measured(specs[0]) != measured(specs[-1]), "it changes something"


def test_the_measures_are_the_figures():
    assert set(MEASURES) == set(measured(cnnviz.spec("lenet-5"))._fields)
    assert re.search("px", MEASURES["receptive_field"].show(7))

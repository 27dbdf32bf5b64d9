"""The Training page's logic, without a browser and without training anything."""

import stat
from dataclasses import replace
from functools import partial

import numpy as np
import page_driver
import pytest
from page_driver import ME, plain, run

import cnnviz
from cnnviz.data.pictures import PictureError, open_picture
from cnnviz.render.result_charts import confusion_chart
from cnnviz.render.tiles import cividis, framed, stretched, tiled
from cnnviz.render.training_charts import (
    _log_scale,
    compare_chart,
    gradient_chart,
    progress_chart,
    rate_chart,
)
from cnnviz.text import Text
from cnnviz.training.admission import TooLarge
from cnnviz.training.events import Epoch, Phase, Started, Step
from cnnviz.training.history import History, extend, table, thinned
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.state import JobState
from cnnviz.training.store import Store
from cnnviz.training.worker import WEIGHTS
from cnnviz.ui.kit.own_picture import is_drawing
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.session import owner as owners
from cnnviz.ui.training import form, more_data, prospect, run_view, runs, start_controls
from cnnviz.ui.training.race import rivals
from cnnviz.ui.training.trained import Results
from cnnviz.ui.training.try_it import as_images_of

open_page = partial(page_driver.open_page, "training", preset="lenet-5")
LAYERS = ("C1.weight", "F6.weight")


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store of its own, a session that is ME, and a dispatcher that only seems to be there."""
    store = Store(tmp_path / "jobs.db")
    histories = runs._Histories()
    monkeypatch.setattr(runs, "store", lambda: store)
    monkeypatch.setattr(runs, "_histories", lambda: histories)
    monkeypatch.setattr(runs.service, "ensure_dispatcher", lambda: None)
    monkeypatch.setattr(runs.service, "seconds_silent", lambda: 1.0)
    monkeypatch.setattr(runs.service, "folder", lambda job_id: tmp_path / job_id)
    monkeypatch.setattr(owners, "_secret", lambda: b"secret")
    for module in (prospect, start_controls):  # whatever this machine was measured to be
        monkeypatch.setattr(module, "kept_speed", lambda device: None)
    return store


def press(app, key):
    find(app, key).click()
    return run(app)


def charts(app):
    """How many charts that are updated in place there are."""
    return sum("chart-" in component.proto.id for component in app.get("bidi_component"))


def find(app, key):
    (button,) = [button for button in app.button if button.key == key]
    return button


def knob(app, name):
    for kind in ("number_input", "selectbox", "toggle"):
        for element in app.get(kind):
            if f"{element.key}".startswith(f"recipe.{name}."):
                return element
    pytest.fail(f"no widget for {name}")


def turn(app, name, value):
    knob(app, name).set_value(value)
    return run(app)


def text_of(app):
    return "\n".join(element.value for element in app.markdown)


def address(app, name):
    found = app.query_params.get(name, "")
    return found if isinstance(found, str) else found[0]


def step(number, epoch, loss=2.0):
    return Step(
        step=number,
        steps=40,
        epoch=epoch,
        loss=loss,
        accuracy=0.25,
        learning_rate=0.05,
        images_per_second=1234.0,
        seconds_left=7.4,
        memory_bytes=0,
        gradient_norms=(0.5, 2.0),
    )


def epoch(number):
    values = {"train_loss": 1.0, "train_accuracy": 0.6, "test_loss": 1.1, "test_accuracy": 0.5}
    return Epoch(epoch=number, seconds=1.0, **values)


def history_of(*events):
    return extend(History(), [replace(event, number=1) for event in events])


START = Started(device="cpu", layers=LAYERS, params=61_246)


def submit(store, *, owner=ME, key="1", **knobs):
    spec = cnnviz.spec("lenet-5", **knobs)
    request = Request("lenet-5", spec, Recipe(epochs=4), "fashion-mnist-6k", "cpu")
    return store.submit(request, key=key, owner=owner)


def begin(store, job):
    attempt = store.begin(job.id)
    store.write(job.id, attempt, [START, step(10, 1.0), epoch(1), step(15, 1.5)])
    return attempt


def finish(store, job, state=JobState.DONE, **settings):
    attempt = begin(store, job)
    result = {"test_accuracy": 0.5, "images_per_second": 900.0, "seconds": 12.0, "epochs": 4}
    store.end(job.id, attempt, state, result=result if state == JobState.DONE else {}, **settings)


def test_the_page_opens_with_a_recipe_and_nothing_else(store):
    app = open_page()
    assert "Training lenet-5" in text_of(app)
    assert "No run is shown" in text_of(app)
    assert app.caption[0].value == "28×28 grey, padded with zeros to 32×32."
    assert not app.dataframe
    assert address(app, "preset") == "lenet-5"
    for declared in Recipe.knobs():
        widget = knob(app, declared.name)
        assert declared.label.en in widget.label
        assert declared.help.en in widget.help
        assert "glossary" in widget.help


def test_the_head_is_sized_for_the_data_and_said_so(store):
    app = open_page(preset="densenet-121")
    assert "10 outputs in place of 1000" in app.caption[0].value
    press(app, "start")
    (job,) = store.jobs()
    assert job.request.spec == cnnviz.spec("densenet-121", num_classes=10)


def test_starting_submits_what_is_on_screen_once(store):
    app = open_page(padding="2")
    turn(app, "epochs", 3)
    turn(app, "learning_rate", 0.1)
    start = find(app, "start")
    press(app, "start")
    (job,) = store.jobs()
    assert job.owner == ME
    assert job.request.spec == cnnviz.spec("lenet-5", padding=2)
    assert job.request.recipe == Recipe(epochs=3, learning_rate=0.1)
    assert (job.request.data, job.request.device) == ("fashion-mnist-6k", "cpu")
    assert address(app, "run") == job.id
    assert find(app, "start").disabled
    start.click().run()  # the second half of a double click, sent before the page was drawn
    assert len(store.jobs()) == 1
    turn(app, "seed", 1)
    press(app, "start")
    assert [job.request.recipe.seed for job in store.jobs()] == [1, 0]


def test_a_refused_knob_says_why_and_nothing_starts(store):
    app = turn(open_page(), "batch_size", 0)
    (error,) = app.error
    assert "batch size is 0" in error.value
    assert "1 to 4096" in error.value
    assert knob(app, "batch_size").value == 0, "nothing that was typed is lost"
    assert find(app, "start").disabled
    turn(app, "batch_size", 32)
    assert not app.error
    press(app, "recipe-reset")
    assert knob(app, "batch_size").value == 64


def test_a_job_that_is_too_large_offers_one_that_fits(store, monkeypatch):
    def refuse(request, free_bytes):
        if request.recipe.batch_size > 16:
            fits = request.recipe.turn(batch_size=16)
            raise TooLarge(Text("Too large by far.", "太大了。"), fits)

    monkeypatch.setattr(form, "check", refuse)
    app = press(open_page(), "start")
    assert app.error[0].value == "Too large by far."
    assert not store.jobs()
    press(app, "largest")
    assert not app.error
    assert knob(app, "batch_size").value == 16
    press(app, "start")
    assert len(store.jobs()) == 1


def test_more_jobs_than_one_may_have_is_a_sentence(store):
    for key in "123":
        submit(store, key=key)
    app = press(open_page(), "start")
    assert "3 of your jobs" in app.error[0].value
    assert len(store.jobs()) == 3


def test_a_waiting_run_shows_its_place(store):
    submit(store, owner="b" * 32)
    job = submit(store, key="2")
    app = open_page(run=job.id)
    assert "in the queue at place 2, in training now: 0" in text_of(app)
    press(app, "stop")
    assert store.job(job.id).state == JobState.CANCELLED
    assert "stopped" in text_of(app)
    assert {metric.label: metric.value for metric in app.metric}["Time"] == "–", "it never began"


def test_a_running_run_shows_figures_and_charts(store):
    job = submit(store, padding=2)
    begin(store, job)
    app = open_page(run=job.id)
    text = text_of(app)
    assert "#1 lenet-5 · padding of C1 p = 2" in plain(text)
    assert "epoch 2 of 4 on Fashion-MNIST" in text
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures == {
        "Test accuracy": "50.0 %",
        "Train accuracy": "25.0 %",
        "Epoch": "1.5 / 4",
        "Images per second": "1.23 k",
        "Time left": "7 s",
    }
    assert charts(app) == 4
    assert len(app.dataframe) == 1


@pytest.mark.parametrize(
    ("phase", "done", "total", "text"),
    [
        ("data", 0, 1, "reading the images … "),
        ("data", 512, 7000, "preparing the images: 512 of 7,000"),
        ("network", 0, 1, "building the network … "),
        ("first step", 0, 1, "computing the first step … "),
        ("evaluation", 300, 1000, "testing: 300 of 1,000 images"),
        ("saving", 0, 1, "saving … "),
    ],
)
def test_each_phase_is_said_before_there_is_a_figure(store, phase, done, total, text):
    job = submit(store)
    store.begin(job.id)
    event = Phase(phase=phase, done=done, total=total)
    store.write(job.id, 1, [event])
    app = open_page(run=job.id)
    assert text in text_of(app)
    (bar,) = app.get("progress")
    assert bar.value == int(100 * done / total)
    store.write(job.id, 1, [step(1, 0.1)])
    assert text not in text_of(open_page(run=job.id)), "it is over"


def test_a_run_is_stopped_and_its_evaluation_too(store, monkeypatch):
    job = submit(store)
    begin(store, job)
    app = open_page(run=job.id)
    press(app, "stop")
    assert store.job(job.id).cancel == 1
    assert "what it has learnt is kept and tested" in text_of(app)
    with monkeypatch.context() as patch:
        patch.setattr(run_view, "owner", lambda: ME)
        run_view._stop(job)
    assert store.job(job.id).cancel == 1, "a double click is one wish"
    press(app, "stop_again")
    assert store.job(job.id).cancel == 2


@pytest.mark.parametrize(
    ("steps", "result", "text"),
    [
        ([], {}, "before the first step was over: there is nothing to keep"),
        ([step(1, 0.0338)], {}, "after 0.034 epochs, before it was tested"),
        ([step(1, 0.0338)], {"test_accuracy": 0.25, "seconds": 1.0}, "after 0.034 epochs; what"),
    ],
)
def test_a_stopped_run_says_what_is_kept(store, tmp_path, steps, result, text):
    job = submit(store)
    store.begin(job.id)
    store.write(job.id, 1, steps)
    store.end(job.id, 1, JobState.CANCELLED, result=result)
    if steps:
        (tmp_path / job.id).mkdir()
        (tmp_path / job.id / WEIGHTS).touch()
    app = open_page(run=job.id)
    assert text in text_of(app)
    assert len(app.tabs) == (5 if result else 0)
    weights = [it for it in app.get("download_button") if it.proto.label == "Weights"]
    assert len(weights) == len(steps)


def test_a_run_that_its_time_limit_ended_says_so(store):
    early, full = submit(store), submit(store, key="2")
    attempt = begin(store, early)
    result = {"test_accuracy": 0.5, "seconds": 600.2, "ended_by": "time_limit"}
    store.end(early.id, attempt, JobState.DONE, result=result)
    finish(store, full)
    app = open_page(run=early.id)
    sentence = "its time limit of 600 s ended it after 1.5 of 4 epochs"
    assert sentence in text_of(app)
    states = app.dataframe[0].value["state"]
    assert list(states) == ["✓ done", "✓ done · time limit"]
    assert "time limit" not in text_of(open_page(run=full.id))


def test_few_epochs_are_told_more_exactly(store):
    job = submit(store)
    attempt = store.begin(job.id)
    store.write(job.id, attempt, [START, step(1, 0.031)])
    store.end(job.id, attempt, JobState.CANCELLED)
    assert "after 0.031 epochs" in text_of(open_page(run=job.id))


def test_the_wait_follows_what_the_running_jobs_say(store, monkeypatch):
    monkeypatch.setenv("CNNVIZ_SLOTS", "2")
    now = 1000.0
    monkeypatch.setattr("time.time", lambda: now)
    running = [submit(store, owner=owner * 32, key=owner) for owner in "bc"]
    job = submit(store)
    for other, left in zip(running, (134.0, 83.0), strict=True):
        store.write(
            other.id, store.begin(other.id), [START, replace(step(1, 0.1), seconds_left=left)]
        )
    place = "in the queue at place 1, in training now: 2, about {} s to wait"
    assert place.format(83) in text_of(open_page(run=job.id))
    store.write(running[0].id, 1, [replace(step(2, 0.2), seconds_left=40.0)])
    assert place.format(40) in text_of(open_page(run=job.id))
    zh = text_of(open_page("zh-CN", run=job.id))
    assert "队列第 1 位，另有 2 个训练任务正在运行，预计等待 40 秒" in zh
    now += 590  # the time limit of those that run leaves 10 s
    assert place.format(10) in text_of(open_page(run=job.id))


def test_the_wait_counts_that_jobs_share_the_machine(store, monkeypatch):
    """Two run at one time, and each takes twice as long as it would alone."""
    monkeypatch.setenv("CNNVIZ_SLOTS", "2")
    monkeypatch.setattr("time.time", lambda: 1000.0)
    asked = Request("lenet-5", cnnviz.spec("lenet-5"), Recipe(), "fashion-mnist-6k", "cpu")
    for number in range(4):
        other = store.submit(asked, key=f"k{number}", owner=f"{number}", predicted=20.0)
        if number < 2:
            store.begin(other.id)
    job = submit(store)
    place = "in the queue at place 3, in training now: 2, about 80 s to wait"
    assert place in text_of(open_page(run=job.id))


def test_a_wait_that_nobody_knows_is_not_told(store):
    other, job = submit(store, owner="b" * 32, key="b"), submit(store)
    store.begin(other.id)
    assert "in training now: 1" in text_of(open_page(run=job.id))
    assert "to wait" not in text_of(open_page(run=job.id))


def test_a_bare_address_shows_what_runs(store):
    finish(store, submit(store, key="1"))
    app = open_page()
    assert "No run is shown" in text_of(app)
    job = submit(store, key="2")
    submit(store, key="3", owner="b" * 32)
    app = open_page()
    assert address(app, "run") == job.id
    assert find(app, "stop")


def test_a_name_that_is_too_long_is_refused(store):
    job = submit(store)
    finish(store, job)
    app = open_page(run=job.id)
    app.text_input(key=f"name.{job.id}").set_value("x" * 95)
    run(app)
    assert "95 characters, and 80 is the most" in app.error[0].value
    assert store.job(job.id).name == ""
    app.text_input(key=f"name.{job.id}").set_value("short")
    assert not run(app).error
    assert "#1 short" in text_of(app)


def test_pictures_that_were_left_out_are_told(store):
    job = submit(store)
    store.write(job.id, store.begin(job.id), [replace(START, skipped=6), step(1, 0.1)])
    assert "6 pictures of this folder were left out" in "\n".join(
        caption.value for caption in open_page(run=job.id).caption
    )


def test_more_runs_in_the_address_than_fit_are_told(store):
    jobs = [submit(store, key=str(key), owner=f"{key}" * 32) for key in range(8)]
    named = "-".join([*(job.id for job in jobs), "f" * 12, "<b>"])
    app = open_page(compare=named)
    assert "4 of the runs in the address are not compared: 6 fit" in app.warning[0].value
    assert address(app, "compare") == "-".join(job.id for job in jobs[:6])
    assert not press(app, "compare-close").warning


def test_compared_runs_of_mine_are_stopped_together(store):
    mine = [submit(store, key=str(key), padding=key) for key in (0, 2)]
    theirs = submit(store, key="3", owner="b" * 32)
    app = open_page(compare="-".join(job.id for job in [*mine, theirs]))
    press(app, "compare-stop")
    assert [store.job(job.id).state for job in mine] == [JobState.CANCELLED, JobState.CANCELLED]
    assert store.job(theirs.id).is_active
    assert "compare-stop" not in [button.key for button in app.button]


def test_a_rate_that_does_not_suit_the_optimiser_is_told(store):
    app = open_page()
    turn(app, "optimiser", "adam")
    assert any(
        "Adam seldom learns well with a learning rate of 0.05" in c.value for c in app.caption
    )
    press(app, "usual-rate")
    assert knob(app, "learning_rate").value == 0.002
    assert "usual-rate" not in [button.key for button in app.button]
    turn(app, "optimiser", "sgd")
    press(app, "usual-rate")
    assert knob(app, "learning_rate").value == 0.05


def test_a_turned_knob_is_marked_without_markup(store):
    app = turn(open_page(), "epochs", 3)
    assert knob(app, "epochs").label == "epochs ✎"


def test_a_failed_run_says_why(store):
    job = submit(store)
    finish(
        store,
        job,
        JobState.FAILED,
        code="diverged",
        message=Text("The loss became nan.", "损失为 nan。"),
    )
    app = open_page(run=job.id)
    assert "The loss became nan." in app.error[0].value
    assert charts(app) == 4, "what there was stays"
    assert "损失为 nan。" in open_page("zh-CN", run=job.id).error[0].value


def test_somebody_elses_run_is_only_looked_at(store):
    job = submit(store, owner="b" * 32)
    begin(store, job)
    app = open_page(run=job.id)
    assert "somebody else's run" in text_of(app)
    assert not [button for button in app.button if button.key in ("stop", f"delete.{job.id}")]
    assert not app.dataframe


@pytest.mark.parametrize("bad", ["0" * 12, "<b>", "x' OR 1=1"])
def test_a_run_that_is_not_there(store, bad):
    app = open_page(run=bad)
    assert "No run is shown" in text_of(app)
    assert plain(app.warning[0].value) == f"There is no run {bad} any more."


def test_a_run_is_taken_over_renamed_and_deleted(store):
    job = submit(store)
    finish(store, job)
    app = open_page(run=job.id)
    assert "done" in text_of(app)
    press(app, "again")
    assert knob(app, "epochs").value == 4
    app.text_input(key=f"name.{job.id}").set_value("my best")
    run(app)
    assert "#1 my best" in text_of(app)
    press(app, f"delete.{job.id}")
    assert not store.jobs()
    assert address(app, "run") == ""


def test_comparing_two_runs(store):
    jobs = [submit(store, key=str(index), padding=index) for index in (0, 2)]
    for job in jobs:
        finish(store, job)
    app = open_page()
    app.multiselect[0].set_value([jobs[0].id])
    run(app)
    assert "Side by side" not in text_of(app), "one run is no comparison"
    app.multiselect[0].set_value([job.id for job in jobs])
    run(app)
    assert charts(app) == 2
    assert address(app, "compare") == f"{jobs[0].id}-{jobs[1].id}"
    row = "| #2 lenet-5 · padding of C1 p = 2 | ✓ done | 1.5 / 4 | 60.0 % | 50.0 % | 12.0 s |"
    assert row in plain(text_of(app))
    assert "stop" not in [f"{button.key}" for button in app.button]
    app.segmented_control[-1].set_value("train")
    run(app)
    assert charts(app) == 2
    again = open_page(compare=address(app, "compare"))
    assert charts(again) == 2
    press(again, "compare-close")
    assert address(again, "compare") == ""


def test_a_name_is_no_markup_where_runs_are_compared(store):
    jobs = [submit(store, key=str(index), padding=index) for index in (0, 2)]
    for job in jobs:
        finish(store, job)
    store.rename(jobs[0].id, "a | [b](javascript:1) <b>c</b>", owner=jobs[0].owner)
    app = open_page(compare=f"{jobs[0].id}-{jobs[1].id}")
    assert "](javascript" not in text_of(app)
    assert "| #1 a | [b](javascript:1) <b>c</b> · padding of C1 p = 0 | ✓ done |" in plain(
        text_of(app)
    )
    chart = compare_chart(
        {"<b>c</b>": History()}, "test", "loss", "en", epochs=1, ink="#000000", revision="r"
    )
    assert chart.data[0].name == "&lt;b&gt;c&lt;/b&gt;"


def test_a_race_submits_all_or_none(store):
    app = open_page()
    assert find(app, "race").disabled
    boxes = [box for box in app.selectbox if box.key.startswith("rival")]
    for box, name in zip(boxes, ("pooling=max", "lenet-d2l"), strict=True):
        box.set_value(name)
    run(app)
    press(app, "race")
    jobs = store.jobs()[::-1]
    assert [job.request.preset for job in jobs] == ["lenet-5", "lenet-5", "lenet-d2l"]
    assert jobs[1].request.spec == cnnviz.spec("lenet-5", pooling="max")
    assert len({(job.request.recipe, job.request.data) for job in jobs}) == 1
    assert address(app, "run") == jobs[0].id
    assert address(app, "compare") == "-".join(job.id for job in jobs)
    for seed in (1, 2, 3):  # a race counts as one of the three jobs that one may have
        turn(app, "seed", seed)
        press(app, "race")
    assert len(store.jobs(states=["queued"])) == 9, "no half of a fourth race"
    assert "3 of your jobs" in app.error[0].value


def test_a_race_has_up_to_six_networks(store):
    app = open_page()
    for number, name in enumerate(
        ("pooling=max", "pooling=average", "activation=relu", "activation=sigmoid", "lenet-d2l")
    ):
        boxes = [box for box in app.selectbox if box.key.startswith("rival")]
        assert len(boxes) == max(2, number + 1), "one more as soon as these are filled"
        boxes[number].set_value(name)
        run(app)
    press(app, "race")
    assert len(store.jobs()) == len(address(app, "compare").split("-")) == 6


def test_rivals_differ_in_one_knob_or_are_presets():
    found = rivals("densenet-121", cnnviz.spec("densenet-121"))
    assert found["compression=1.0"] == ("densenet-121", cnnviz.spec("densenet", compression=1.0))
    assert found["lenet-5"] == ("lenet-5", cnnviz.spec("lenet-5"))
    assert list(found).index("densenet-264") < list(found).index("lenet-5")
    assert found["densenet-169"] == ("densenet-169", cnnviz.spec("densenet-169"))
    assert "densenet-121" not in found
    for preset, spec in found.values():
        assert preset != "densenet-121" or len(spec.differences(cnnviz.spec(preset))) == 1


def test_data_that_is_not_here_is_fetched_only_on_demand(store, monkeypatch):
    asked = []
    monkeypatch.setattr(more_data, "download", lambda name, progress: asked.append(name))
    monkeypatch.setattr(more_data, "missing", lambda: {"mnist": Text("MNIST: …", "MNIST：……")})
    app = open_page()
    assert asked == []
    press(app, "download.mnist")
    assert asked == ["mnist"]


def test_chinese(store):
    job = submit(store)
    begin(store, job)
    app = open_page("zh-CN", run=job.id)
    assert app.metric[0].label == catalogue()["runs.accuracy"].zh
    assert "第 2 轮，共 4 轮" in text_of(app)


def test_a_run_that_begins_again_replaces_what_it_repeats():
    events = [START, step(10, 1.0), epoch(1), step(15, 1.5, loss=9.0), START, step(12, 1.2)]
    events = [replace(event, number=number) for number, event in enumerate(events, start=1)]
    history = extend(extend(History(), events[:3]), events[3:])
    assert [point.step for point in history.steps] == [10, 12]
    assert (len(history.epochs), history.number, history.last.kind) == (1, 6, "step")
    rows = table(history)
    assert rows[0]["gradient_norm C1.weight"] == 0.5
    assert [row["kind"] for row in rows] == ["step", "epoch", "step"]


@pytest.mark.parametrize("loss", [None, 0.0, 1e-30, 0.5, 1e30])
def test_charts_of_every_history(loss):
    events = [START, step(10, 1.0, loss), epoch(1), step(15, 1.5, loss)] if loss is not None else []
    history = history_of(*events)
    look = {"epochs": 4, "ink": "#000000", "revision": "x"}
    for language in ("en", "zh"):
        for measure in ("loss", "accuracy"):
            figure = progress_chart(history, measure, language, **look)
            assert len(figure.data[0].x) == len(history.steps)
            assert (
                len(
                    compare_chart(
                        {"a": history, "b": history}, "test", measure, language, **look
                    ).data
                )
                == 2
            )
        assert rate_chart(history, language, **look).layout.uirevision == "x"
        assert len(gradient_chart(history, language, **look).data) == bool(events)


@pytest.mark.parametrize("low", [0, 1e-30, 0.013, 0.25, 0.9, 1, 2.301, 1e30])
@pytest.mark.parametrize("factor", [1, 1.001, 1.2, 1.9, 3, 5.6, 9.99, 80, 420, 1e4, 1e9, 1e40])
def test_a_logarithmic_axis_has_two_to_six_marks(low, factor):
    (bottom, top), marks = _log_scale(low, low * factor)
    assert bottom <= np.log10(max(low, 1e-12)) <= np.log10(max(low * factor, 1e-12)) <= top
    assert 2 <= len(marks) <= 6
    assert all(bottom <= np.log10(mark) <= top for mark in marks)
    assert len({f"{mark:g}" for mark in marks}) == len(marks), "each has a label of its own"


def test_a_single_point_is_drawn():
    history = history_of(START, step(1, 0.1))
    look = {"epochs": 4, "ink": "#000000", "revision": "x"}
    for figure in (
        progress_chart(history, "loss", "en", **look),
        rate_chart(history, "en", **look),
        compare_chart({"a": history}, "train", "loss", "en", **look),
    ):
        assert "markers" in figure.data[0].mode
        assert len(figure.data[0].x) == 1
    assert gradient_chart(history, "en", **look).data[0].zmin < -0.3 < 0.3 < np.log10(2.5)


def test_a_comparison_shows_steps_until_an_epoch_has_ended():
    young, old = history_of(START, step(1, 0.1), step(2, 0.2)), history_of(START, epoch(1))
    look = {"epochs": 4, "ink": "#000000", "revision": "x"}
    for part, value in (("test", 50), ("train", 60)):
        chart = compare_chart({"a": young, "b": old}, part, "accuracy", "en", **look)
        assert list(chart.data[0].y) == [25, 25]
        assert list(chart.data[1].y) == [value]
        assert chart.layout.title.text == f"<b>{part.title()}: Accuracy in %</b>"


def test_the_confusion_matrix_has_its_numbers_where_there_is_room():
    few = confusion_chart(np.eye(3, dtype=int), ["a", "b", "c"], "en", ink="#000000")
    many = confusion_chart(np.eye(30, dtype=int), ["x"] * 30, "en", ink="#000000")
    assert (len(few.data), len(many.data)) == (3, 1)
    assert sorted(text for trace in few.data[1:] for text in trace.text) == [0] * 6 + [1] * 3


@pytest.mark.parametrize("count", [0, 1, 5, 99, 100, 101, 1000])
def test_thinned_keeps_the_newest(count):
    points = tuple({"n": number} for number in range(count))
    kept = thinned(points, 10)
    assert len(kept) <= 10
    assert kept[-1:] == points[-1:]


def test_tiles():
    maps = stretched(np.arange(3 * 4 * 4, dtype=float).reshape(3, 4, 4))
    assert (maps.min(), maps.max()) == (0, 1)
    sheet = tiled(cividis(maps), columns=2, side=8)
    assert sheet.shape == (8 + 3 + 8, 8 + 3 + 8, 4)
    assert framed(sheet).shape == (27, 27, 4)
    assert sheet[:8, :8, 3].min() == 255
    assert sheet[:, 8:11, 3].max() == 0, "between the tiles one sees the page"
    coarse = tiled(cividis(np.ones((6, 5, 5))), columns=6, side=120)
    assert (coarse[0, :, 3] == 0).sum() == 5 * 12, "half a pixel of theirs wide"
    assert np.isfinite(stretched(np.ones((1, 2, 2)))).all(), "a dead map"


def test_the_surest_images():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4], [0.95, 0.05]])
    labels = np.array([0, 1, 1, 0, 1])
    found = Results(np.eye(2), labels, probabilities.argmax(axis=1), probabilities)
    assert list(found.most_confident(9, right=True)) == [0, 2], "one a class"
    assert list(found.most_confident(9, right=False)) == [4, 1]


def test_a_drawing_is_28_by_28_grey_values():
    blank = [0] * 784
    assert is_drawing([255, *blank[1:]])
    for bad in (None, blank, [1], ["1"] * 784, [256, *blank[1:]], [1.5, *blank[1:]], "x" * 784):
        assert not is_drawing(bad)


def test_a_picture_is_taken_as_the_data_are(tmp_path):
    import torch  # noqa: PLC0415
    from PIL import Image  # noqa: PLC0415

    path = tmp_path / "x.png"
    Image.new("RGB", (60, 40), "white").save(path)
    picture = open_picture(path.read_bytes())
    for channels, size in ((1, 28), (3, 64)):
        images = torch.zeros((1, channels, size, size), dtype=torch.uint8)
        taken = as_images_of(picture, images)
        assert taken.shape == images.shape[1:]
        assert taken.dtype == torch.uint8
        assert taken.min() == 255
    Image.new("1", (4097, 1)).save(path)
    for bad in (path.read_bytes(), b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"0" * 99):
        with pytest.raises(PictureError):
            open_picture(bad)


def test_an_owner_is_signed():
    token = owners.signed(ME, b"secret")
    assert owners.verified(token, b"secret") == ME
    for bad in (
        "",
        ME,
        token[:-1] + "x",
        token.replace("a", "b", 1),
        f"{ME}.{'0' * 64}",
        token * 2,
    ):
        assert owners.verified(bad, b"secret") is None
    assert owners.verified(token, b"other") is None


def test_a_data_directory_that_cannot_be_written_is_said_once(monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", "/proc/cnnviz")  # where nobody can write, root included
    for resource in (runs.store, owners._secret):
        resource.clear()
    app = open_page()
    (error,) = app.error
    assert "The store jobs.db cannot be used" in error.value


def test_a_secret_that_cannot_be_made_is_a_sentence(monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", "/proc/cnnviz")
    owners._secret.clear()
    with pytest.raises(owners.SecretError, match="set CNNVIZ_SECRET"):
        owners._secret()


def test_a_secret_is_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    first = owners.secret_file(path)
    monkeypatch.setattr(owners.os, "open", lambda *_: pytest.fail("nothing is to be written"))
    assert owners.secret_file(path) == first


def test_the_secret_is_made_once_and_for_this_user_alone(tmp_path):
    path = tmp_path / "new" / "secret"
    first = owners.secret_file(path)
    assert owners.secret_file(path) == first
    assert len(first) == 64
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_job_is_not_taken_when_the_disk_is_nearly_full(store, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DISK_FREE", "99999")
    app = press(open_page(), "start")
    (error,) = app.error
    assert "99999 GB is the least with which a job is taken" in error.value
    assert not store.jobs()


def test_a_dispatcher_that_is_silent_is_said(store, monkeypatch):
    assert not open_page().warning
    monkeypatch.setattr(runs.service, "seconds_silent", lambda: 31.0)
    (warning,) = open_page().warning
    assert "no sign of life for more than 30 s" in warning.value
    monkeypatch.setenv("CNNVIZ_DISPATCHER", "app")
    assert not open_page().warning, "the app starts another one"

"""A run on the Training page: waiting, running, stopped, failed, done, and whose it is."""

from dataclasses import replace

import pytest
from page_driver import ME, find, plain, press, run, text_of
from training_page_driver import (
    START,
    address,
    begin,
    charts,
    finish,
    knob,
    open_page,
    step,
    store,
    submit,
)

import cnnviz
from cnnviz.text import Text
from cnnviz.training.events import Phase
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.state import JobState
from cnnviz.training.worker import WEIGHTS
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.training import run_view

__all__ = ["store"]  # the fixture


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


def test_chinese(store):
    job = submit(store)
    begin(store, job)
    app = open_page("zh-CN", run=job.id)
    assert app.metric[0].label == catalogue()["runs.accuracy"].zh
    assert "第 2 轮，共 4 轮" in text_of(app)

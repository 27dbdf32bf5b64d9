"""The Admin page: what it shows, what it does, and to whom."""

import json
import logging
import time
from types import SimpleNamespace

import pytest
from conftest import ROOT
from streamlit.testing.v1 import AppTest
from training_requests import request

from cnnviz.__main__ import main
from cnnviz.live.client import Status
from cnnviz.live.tasks import Gpu
from cnnviz.training.events import Step
from cnnviz.training.files import folder, open_store
from cnnviz.training.purge import DAY
from cnnviz.training.state import JobState
from cnnviz.ui.admin import server
from cnnviz.ui.kit import live_client
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.session import access
from cnnviz.ui.training import runs


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A data directory of its own with a running and two waiting jobs of two owners."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CNNVIZ_LOGIN", "proxy")
    monkeypatch.setenv("CNNVIZ_ADMINS", "teacher")
    store, histories = open_store(), runs._Histories()
    monkeypatch.setattr(runs, "store", lambda: store)
    monkeypatch.setattr(runs, "_histories", lambda: histories)
    monkeypatch.setattr(server, "open_sessions", lambda: 7)
    for key, owner in (("1", "ada"), ("2", "ada"), ("3", "bob")):
        store.submit(request(), key=key, owner=f"login:{owner}", name="=1+1 <b>" * (key == "3"))
    first = store.queue()[0]
    store.begin(first.id)
    step = Step(step=1, epoch=0.5, held_bytes=512_000_000)
    store.write(first.id, 1, [step])
    return store


@pytest.fixture
def come(monkeypatch, store):
    def as_somebody(name="teacher", page="pages/admin.py", locale="en-US"):
        monkeypatch.setattr(access, "login", lambda: name)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        app.context = {"locale": locale}
        app.switch_page(page)
        app.query_params["preset"] = "lenet-5"
        return run(app)

    return as_somebody


def run(app):
    app.run()
    assert not app.exception
    return app


def press(app, key):
    (button,) = [
        button for button in app.button if f"{button.key}".split(".", maxsplit=1)[0] == key
    ]
    button.click()
    return run(app)


def states(store):
    return [job.state for job in reversed(store.jobs())]


@pytest.fixture
def log(caplog):
    """What the page has written to the log."""
    return lambda: [record for record in caplog.records if record.name == "cnnviz.admin"]


def text(records):
    return "\n".join(record.getMessage() for record in records)


def test_everybodys_jobs_are_shown(come):
    app = come()
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["Running"] == "1 / 2"
    assert figures["Waiting"] == "2 / 200"
    assert figures["Sessions"] == "7"
    assert figures["Free disk"].endswith("B")
    table = app.dataframe[0].value
    assert list(table["owner"]) == ["login:bob", "login:ada", "login:ada"]
    assert list(table["state"]) == ["◌ queued", "◌ queued", "● running"]
    assert table["place"].tolist()[:2] == [1, 2]
    assert table["memory"].tolist()[2] == 512
    assert (table["age"] >= 0).all()


def test_no_cell_is_a_formula_for_a_spreadsheet(come):
    """The table can be taken away as CSV, and users write the names in it."""
    for frame in come().dataframe:
        for cell in frame.value.select_dtypes("str").to_numpy().ravel():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


def test_an_empty_store_is_told_in_a_sentence(come, store, monkeypatch):
    monkeypatch.setattr(store, "jobs", lambda **_: [])
    assert "Nobody has started a training job yet." in [text.value for text in come().markdown]


def test_the_page_is_there_in_both_languages(come):
    app = come(locale="zh-CN")
    assert [tab.label for tab in app.tabs] == ["训练任务", "设备与磁盘", "设置", "旧训练任务"]
    table = next(frame.value for frame in app.dataframe if "meaning" in frame.value)
    assert "每个所有者等待或运行的训练任务数上限" in list(table["meaning"])


def test_chosen_jobs_are_stopped_and_no_others(come, store, log):
    app = come()
    key = app.dataframe[0].key
    app.session_state[key] = {"selection": {"rows": [0, 2], "columns": [], "cells": []}}
    run(app)
    (button,) = [button for button in app.button if button.key == "stop"]
    assert button.label == "Stop the chosen (2)"
    press(app, "stop")
    assert states(store) == [JobState.RUNNING, JobState.QUEUED, JobState.CANCELLED]
    assert [job.cancel for job in reversed(store.jobs())] == [True, False, False]
    assert "administrator teacher stopped job" in text(log())
    assert "of login:bob" in text(log())


def test_all_jobs_are_stopped(come, store, log):
    press(come(), "stop-all")
    assert states(store) == [JobState.RUNNING, JobState.CANCELLED, JobState.CANCELLED]
    assert store.jobs(states=[JobState.RUNNING])[0].cancel
    assert text(log()).count("of login:") == 3


def test_a_pause_is_said_on_everybodys_training_page(come, store, log):
    said = catalogue()["runs.paused"].en
    app = press(come(), "pause")
    assert store.paused_by() == "teacher"
    assert any("paused by **teacher**" in markdown.value for markdown in app.markdown)
    assert said in [warning.value for warning in come("eve", "pages/training.py").warning]
    press(come(), "resume")
    assert store.paused_by() is None
    assert said not in [warning.value for warning in come("eve", "pages/training.py").warning]
    assert [(record.getMessage(), record.levelno) for record in log()] == [
        ("administrator teacher paused the queue", logging.WARNING),
        ("administrator teacher resumed the queue", logging.WARNING),
    ]


def test_a_purge_is_shown_before_it_is_done(come, store, log):
    job = store.jobs(states=[JobState.RUNNING])[0]
    store.end(job.id, 1, JobState.DONE)
    with store._write() as db:
        moment = time.time() - 40 * DAY
        db.execute("UPDATE jobs SET ended = ? WHERE id = ?", (moment, job.id))
    folder(job.id).mkdir(parents=True)
    (folder(job.id) / "weights.safetensors").write_bytes(b"x" * 3_000_000)
    app = come()
    assert "**1 run** with **3.00 MB** of files ended more than 30 days ago." in [
        markdown.value for markdown in app.markdown
    ]
    assert store.job(job.id), "looking deletes nothing"
    press(app, "purge")
    assert store.job(job.id) is None
    assert not folder(job.id).exists()
    assert "teacher purged runs that ended 30 days ago or earlier" in text(log())


@pytest.mark.parametrize("key", ["pause", "stop-all"])
def test_who_is_no_administrator_any_more_does_nothing(come, store, log, monkeypatch, key):
    """The page is still open when its user's rights have gone."""
    app = come()
    monkeypatch.setattr(access, "is_admin", lambda: False)
    press(app, key)
    assert catalogue()["admin.not_admin"].en in [error.value for error in app.error]
    assert store.paused_by() is None
    assert states(store) == [JobState.RUNNING, JobState.QUEUED, JobState.QUEUED]
    assert not log()


def test_what_goes_wrong_is_said(come, store, monkeypatch):
    app = come()
    with store._write() as db:
        db.execute("DROP TABLE pause")
    press(app, "pause")
    assert any("cannot be used" in error.value for error in app.error)


def test_settings_are_shown_and_the_secret_is_not(come, monkeypatch):
    monkeypatch.setenv("CNNVIZ_SECRET", "nobody may read this one")
    app = come()
    table = next(frame.value for frame in app.dataframe if "variable" in frame.value)
    values = dict(zip(table["variable"], table["value"], strict=True))
    assert values["CNNVIZ_LOGIN"] == "proxy"
    assert values["CNNVIZ_HEARTBEAT"] == "120"
    assert values["CNNVIZ_SECRET"] == "•••"
    assert "nobody may read" not in str([frame.value.to_csv() for frame in app.dataframe])


def test_devices_and_the_worker_are_those_of_the_live_client(come, monkeypatch):
    class Devices:
        def gpus(self):
            return {"cuda:0": Gpu("H200", 100_000_000_000, 150_000_000_000)}

        def names(self):
            return {"cuda:0": "H200", "cpu": "CPU"}

    status = Status(True, 4711, 2, 3, 61_706, 1, "it was killed (SIGKILL).")
    client = SimpleNamespace(status=lambda: status)
    monkeypatch.setattr(live_client, "devices", Devices)
    monkeypatch.setattr(live_client, "client", lambda: client)
    app = come()
    rows = dict(row for frame in app.dataframe for row in frame.value.to_numpy()[:, :2].tolist())
    assert rows["H200 (cuda:0)"] == "100 GB free of 150 GB"
    assert rows["State"] == "runs, process 4711"
    assert rows["Restarts"] == "2"
    assert rows["Networks kept"] == "3 · 61.7 kB"
    assert rows["Last failure"] == "it was killed (SIGKILL)."
    assert app.metric[0].value == "1 / 2", "two at a time for one GPU"


def command(capsys, *arguments):
    code = main(["admin", *arguments])
    return code, capsys.readouterr().out


def test_the_command_line_shows_the_queue(store, capsys):
    code, said = command(capsys, "jobs", "--json")
    found = json.loads(said)
    assert (code, said.count("\n"), found["paused_by"]) == (0, 1, None)
    assert [job["state"] for job in found["jobs"]] == ["running", "queued", "queued"]
    assert [job["id"] for job in found["jobs"][1:]] == [job.id for job in store.queue()]
    first = store.job(found["jobs"][0]["id"])
    assert (first.owner, found["jobs"][0]["preset"]) == (found["jobs"][0]["owner"], "lenet-d2l")
    lines = command(capsys, "jobs")[1].splitlines()
    assert [line.split()[0] for line in lines[1:]] == [job["id"] for job in found["jobs"]]
    store.end(first.id, 1, JobState.DONE)
    assert len(json.loads(command(capsys, "jobs", "--json")[1])["jobs"]) == 2
    assert len(json.loads(command(capsys, "jobs", "--all", "--json")[1])["jobs"]) == 3


@pytest.mark.parametrize(
    ("arguments", "stopped"),
    [
        (["--queued"], [False, True, True]),
        (["--owner", "login:bob"], [False, False, True]),
        (["--owner", "login:ada", "--queued"], [False, True, False]),
        (["--owner", "login:ada"], [True, True, False]),
        (["--address", "192.0.2.7"], [False, False, False]),
    ],
)
def test_the_command_line_stops_jobs(store, capsys, arguments, stopped):
    code, said = command(capsys, "cancel", *arguments)
    assert (code, said) == (0, f"jobs stopped: {sum(stopped)}\n")
    jobs = sorted(store.jobs(), key=lambda job: job.sequence)
    assert [job.state == JobState.CANCELLED or bool(job.cancel) for job in jobs] == stopped


def test_the_command_line_stops_those_that_are_named(store, capsys):
    first, *_ = store.queue()
    code, said = command(capsys, "cancel", first.id, "none")
    assert (code, said) == (1, "jobs stopped: 1\nnone is no job that waits or runs\n")
    assert store.job(first.id).state == JobState.CANCELLED
    assert command(capsys, "cancel") == (2, "Say which: ids, --queued, --owner or --address.\n")


def test_the_command_line_stops_what_comes_from_a_computer(store, capsys):
    job = store.submit(request(), key="4", owner="eve", address="192.0.2.7")
    assert command(capsys, "cancel", "--address", "192.0.2.7")[1] == "jobs stopped: 1\n"
    assert store.job(job.id).state == JobState.CANCELLED


def test_the_command_line_pauses_the_queue(store, capsys):
    assert command(capsys, "pause")[0] == 0
    assert store.paused_by() == "the command line"
    assert "is paused by the command line" in command(capsys, "jobs")[1]
    assert command(capsys, "resume")[0] == 0
    assert store.paused_by() is None


KEY = "a key of sixteen"


@pytest.fixture
def open_lab(store, monkeypatch, come):
    """The Admin page of an open lab with a key; gives what opens it."""
    monkeypatch.setenv("CNNVIZ_LOGIN", "open")
    monkeypatch.setenv("CNNVIZ_ADMINS", "")
    monkeypatch.setenv("CNNVIZ_ADMIN_KEY", KEY)
    return lambda **asked: come(None, **asked)


def enter(app, key):
    app.text_input[0].set_value(key)
    next(one for one in app.button if one.label == catalogue()["admin.enter"].en).click()
    return run(app)


def test_the_key_opens_the_page_in_an_open_lab(open_lab, store, log):
    app = open_lab()
    assert not app.dataframe
    app = enter(app, "another key")
    assert [error.value for error in app.error] == [catalogue()["admin.wrong_key"].en]
    assert not app.dataframe
    assert "a wrong administrators' key from" in text(log())
    assert "another key" not in text(log())
    app = enter(app, KEY)
    assert app.dataframe
    press(app, "pause")
    assert store.paused_by().startswith("at ")
    assert "an administrator came in by the key" in text(log())
    assert KEY not in text(log())


def test_whoever_has_no_key_can_do_nothing(open_lab, store, monkeypatch):
    app = enter(open_lab(), KEY)
    monkeypatch.setenv("CNNVIZ_ADMIN_KEY", "another key of this server")
    press(app, "pause")
    assert [error.value for error in app.error][:1] == [catalogue()["admin.not_admin"].en]
    assert store.paused_by() is None


def test_without_a_key_there_is_no_page_in_an_open_lab(open_lab, monkeypatch):
    monkeypatch.delenv("CNNVIZ_ADMIN_KEY")
    app = open_lab()
    assert not app.text_input
    assert not [button for button in app.button if button.key == "pause"]


def test_the_key_is_shown_nowhere(open_lab):
    app = enter(open_lab(), KEY)
    for frame in app.dataframe:
        assert KEY not in frame.value.to_csv()

"""A row of the store that cannot be read any more harms nobody else."""

import json
import sqlite3

import pytest
from dispatcher_lab import Idle
from page_driver import ME, plain
from training_page_driver import open_page, store
from training_requests import request

from cnnviz import health
from cnnviz.__main__ import main
from cnnviz.config import Config
from cnnviz.training import dispatcher_process
from cnnviz.training.dispatcher import Dispatcher
from cnnviz.training.files import folder, open_store
from cnnviz.training.state import JobState

__all__ = ["store"]  # the fixture
BAD = {
    "a knob that is no more": lambda fields: fields["knobs"].update(no_more=3),
    "a value that is refused now": lambda fields: fields["recipe"].update(epochs=10**6),
    "a family that is no more": lambda fields: fields.update(family="perceptron"),
    "a later version": lambda fields: fields.update(version=99),
    "no request at all": lambda fields: fields.clear(),
}


def spoil(store, job_id, change):
    """Write into the row what a later or earlier cnnviz, or anybody, may have written."""
    with sqlite3.connect(store.path) as db:
        (text,) = db.execute("SELECT request FROM jobs WHERE id = ?", (job_id,)).fetchone()
        fields = json.loads(text)
        change(fields)
        db.execute("UPDATE jobs SET request = ? WHERE id = ?", (json.dumps(fields), job_id))
    db.close()


@pytest.fixture
def lab(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return open_store()


def submit(store, key, *, state=JobState.QUEUED):
    job = store.submit(request(), key=key, owner=key)
    if state != JobState.QUEUED:
        attempt = store.begin(job.id)
        if state != JobState.RUNNING:
            store.end(job.id, attempt, state, result={"test_accuracy": 0.5})
    return job.id


@pytest.mark.parametrize("change", BAD.values(), ids=BAD)
@pytest.mark.parametrize("state", [JobState.QUEUED, JobState.RUNNING, JobState.DONE])
def test_the_others_go_on(lab, change, state):
    bad, good = submit(lab, "bad", state=state), submit(lab, "good")
    spoil(lab, bad, change)
    job = lab.job(bad)
    assert (job.state, job.request, job.code) == (JobState.UNREADABLE, None, JobState.UNREADABLE)
    assert "It can be deleted." in job.message.en
    assert [waiting.id for waiting in lab.queue()] == [good]
    assert {job.id for job in lab.jobs()} == {bad, good}
    assert [
        job.id for job in lab.jobs(states=[JobState.QUEUED, JobState.RUNNING, JobState.DONE])
    ] == [good]

    place = Idle()
    dispatcher = Dispatcher(lab, place, Config())
    dispatcher.recover()
    dispatcher.step()
    assert len(place.started) == 1
    assert lab.job(good).state == JobState.RUNNING
    assert dispatcher.unreadable == 1
    (row,) = lab._read("SELECT state, ended FROM jobs WHERE id = ?", (bad,))
    assert row["state"] == (JobState.FAILED if state != JobState.DONE else JobState.DONE)
    assert row["ended"]
    lab.delete(bad, owner="bad")
    assert lab.job(bad) is None


def test_it_does_not_hold_a_place_in_the_queue_for_ever(lab):
    """What waits and cannot be read counts for its owner only until the dispatcher has seen it."""
    jobs = [submit(lab, f"{number}") for number in range(3)]
    for job_id in jobs:
        with sqlite3.connect(lab.path) as db:
            db.execute("UPDATE jobs SET owner = 'ada' WHERE id = ?", (job_id,))
        db.close()
        spoil(lab, job_id, BAD["a family that is no more"])
    Dispatcher(lab, Idle(), Config()).step()
    assert lab.submit(request(), key="next", owner="ada").state == JobState.QUEUED


def test_it_is_purged_with_its_files(lab, capsys):
    bad, good = submit(lab, "bad", state=JobState.DONE), submit(lab, "good", state=JobState.DONE)
    spoil(lab, bad, BAD["a knob that is no more"])
    folder(bad).mkdir(parents=True)
    assert main(["admin", "purge", "--unreadable"]) == 0
    assert capsys.readouterr().out == "runs deleted: 1\n"
    assert [job.id for job in lab.jobs()] == [good]
    assert not folder(bad).exists()
    spoil(lab, good, BAD["a knob that is no more"])
    assert main(["admin", "purge", "--days", "0"]) == 0
    assert lab.jobs() == []


def test_health_finds_it(lab, monkeypatch):
    bad = submit(lab, "bad", state=JobState.DONE)
    assert health.check(["store"])[0].well
    spoil(lab, bad, BAD["a value that is refused now"])
    (found,) = health.check(["store"])
    assert not found.well
    assert "holds 1 job, 1 of which cannot be read" in found.says
    # while a dispatcher runs, it has looked
    monkeypatch.setattr(dispatcher_process, "is_running", lambda: True)
    assert health.check(["store"])[0].well
    with (lab.path.parent / dispatcher_process.LOCK).open("w") as lock:
        dispatcher_process.beat(lock, 0, 0, 1)
    assert not health.check(["store"])[0].well


def test_the_page_lists_it_and_lets_it_be_deleted(store):
    bad = store.submit(request(), key="bad", owner=ME, name="my old one").id
    good = store.submit(request(), key="good", owner=ME).id
    store.end(bad, store.begin(bad), JobState.DONE)
    spoil(store, bad, BAD["a knob that is no more"])
    app = open_page(run=bad)
    (table,) = [frame.value for frame in app.dataframe if "network" in frame.value]
    assert list(table["state"]) == ["◌ queued", "? cannot be read"]
    assert any("no_more is not a knob" in plain(error.value) for error in app.error)
    assert any("my old one" in plain(text.value) for text in app.markdown)
    assert good in open_page(run=good).query_params["run"]
    next(button for button in app.button if button.key == f"delete.{bad}").click()
    app.run()
    assert not app.exception
    assert [job.id for job in store.jobs()] == [good]

"""The store of jobs: submitted once, in turn, by their owners, whatever the disk does."""

import json
import random
import re
import sqlite3
import threading
from contextlib import closing

import pytest
from training_requests import request

from cnnviz.knobs import SpecError
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Started, Step
from cnnviz.training.files import folder
from cnnviz.training.limits import Limits, Refused
from cnnviz.training.request import MOST_BYTES, Request
from cnnviz.training.state import JobState
from cnnviz.training.store import Store, Submission


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "jobs.db")


def submit(store, key, owner="ada"):
    return store.submit(request(), key=key, owner=owner)


def test_a_job_comes_back_as_it_was_submitted(store):
    asked = request("densenet-40-k12", knobs={"growth_rate": 7}, epochs=3, learning_rate=0.00012)
    job = store.submit(asked, key="k", owner="ada", name="mine")
    again = Store(store.path).job(job.id)
    assert again == job
    assert again.request == asked
    assert (again.state, again.owner, again.name, again.attempt) == (
        JobState.QUEUED,
        "ada",
        "mine",
        0,
    )


def test_a_double_click_is_one_job(store):
    assert submit(store, "click").id == submit(store, "click").id
    assert len(store.jobs()) == 1


def test_many_clicks_at_once_are_one_job(store):
    found = []
    clicks = [
        threading.Thread(target=lambda: found.append(submit(store, "click").id)) for _ in range(20)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert len(found) == 20
    assert len(set(found)) == 1


def test_an_owner_has_a_limit_and_the_queue_has_one(tmp_path):
    store = Store(tmp_path / "jobs.db", Limits(per_owner=2, in_all=3))
    first = submit(store, "1")
    submit(store, "2")
    with pytest.raises(Refused, match="2 of your jobs are waiting or running") as refusal:
        submit(store, "3")
    assert refusal.value.code == "owner_limit"
    submit(store, "4", owner="bob")
    with pytest.raises(Refused, match="queue is full") as refusal:
        submit(store, "5", owner="cleo")
    assert refusal.value.code == "queue_full"
    store.cancel(first.id, owner="ada")
    assert submit(store, "6").state == JobState.QUEUED


def from_computer(store, owner, address="192.0.2.1", predicted=None):
    asked = {"key": owner, "owner": owner, "address": address, "predicted": predicted}
    return store.submit(request(), **asked)


def test_a_visitor_without_cookies_has_a_limit_too(tmp_path):
    store = Store(tmp_path / "jobs.db", Limits(per_address=2))
    for owner in ("1", "2"):
        assert from_computer(store, owner).address == "192.0.2.1"
    with pytest.raises(Refused, match="2 jobs from your computer or network") as refusal:
        from_computer(store, "3")
    assert refusal.value.code == "address_limit"
    from_computer(store, "4", address="192.0.2.2")
    for owner in ("5", "6", "7"):  # nobody knows from where
        from_computer(store, owner, address="")


def test_what_a_computer_asks_for_is_limited_in_time(tmp_path):
    store = Store(tmp_path / "jobs.db", Limits(address_seconds=3600))
    from_computer(store, "1", predicted=3000)
    from_computer(store, "2")  # nobody knows how long
    with pytest.raises(Refused, match=r"about 1\.0 hours, and 1 is the most") as refusal:
        from_computer(store, "3", predicted=1)
    assert refusal.value.code == "address_time"
    from_computer(store, "4", address="192.0.2.2", predicted=9000)


def test_runs_on_disk_have_a_quota(tmp_path):
    store = Store(tmp_path / "jobs.db", Limits(owner_bytes=1e9, address_bytes=3e9))
    for owner, held in (("1", 1.5e9), ("2", 0.9e9), ("3", 0.6e9)):
        job = from_computer(store, owner)
        store.end(job.id, store.begin(job.id), JobState.DONE)
        store.set_bytes(job.id, int(held))
    with pytest.raises(Refused, match=r"Your runs hold 1\.5 GB, and 1 GB is the most") as refusal:
        store.submit(request(), key="more", owner="1")
    assert refusal.value.code == "owner_disk"
    with pytest.raises(Refused, match=r"from your computer or network hold 3\.0 GB") as refusal:
        store.submit(request(), key="more", owner="4", address="192.0.2.1")
    assert refusal.value.code == "address_disk"
    assert store.submit(request(), key="more", owner="2").state == JobState.QUEUED
    store.delete(store.jobs(owner="1")[0].id, owner="1")
    assert store.submit(request(), key="again", owner="1").state == JobState.QUEUED


def test_a_class_takes_turns(tmp_path):
    store = Store(tmp_path / "jobs.db", Limits(per_owner=99))
    for number in range(4):
        submit(store, f"greedy {number}", owner="greedy")
    for owner in ("ada", "bob"):
        submit(store, owner, owner=owner)
    order = [job.owner for job in store.queue()]
    assert order == ["greedy", "ada", "bob", "greedy", "greedy", "greedy"]
    store.begin(store.queue()[0].id)
    assert [job.owner for job in store.queue()][:2] == ["ada", "bob"]


def test_who_has_computed_less_goes_first(store):
    busy = submit(store, "1", owner="busy")
    store.begin(busy.id)
    store.end(busy.id, 1, JobState.DONE)
    submit(store, "2", owner="busy")
    submit(store, "3", owner="new")
    assert [job.owner for job in store.queue()] == ["new", "busy"]


def test_nobody_touches_the_job_of_another(store):
    job = submit(store, "1")
    for act in (
        lambda: store.cancel(job.id, owner="eve"),
        lambda: store.rename(job.id, "hers", owner="eve"),
        lambda: store.delete(job.id, owner="eve"),
        lambda: store.cancel("no such job", owner="ada"),
    ):
        with pytest.raises(Refused, match="no such job of yours"):
            act()
    assert store.job(job.id) == job


def test_events_are_numbered_and_read_on(store):
    job = submit(store, "1")
    assert store.begin(job.id) == 1
    assert store.begin(job.id) is None, "it waits no more"
    assert store.write(job.id, 1, [Started(), Step(loss=0.5)])
    assert store.write(job.id, 1, [Step(loss=0.4)])
    assert [event.number for event in store.events(job.id)] == [1, 2, 3]
    (newest,) = store.events(job.id, after=2)
    assert (newest.number, newest.kind, newest.loss) == (3, "step", 0.4)


def test_only_the_running_attempt_reports_and_ends(store):
    job = submit(store, "1")
    assert not store.write(job.id, 0, [Step()])
    store.begin(job.id)
    assert store.requeue(job.id, 1, lost=True)
    assert store.begin(job.id) == 2
    assert not store.write(job.id, 1, [Step()])
    assert not store.end(job.id, 1, JobState.DONE)
    assert not store.requeue(job.id, 1)
    assert store.end(job.id, 2, JobState.FAILED, code="crashed")
    assert not store.end(job.id, 2, JobState.DONE), "a job ends once"
    assert store.events(job.id) == []
    assert store.job(job.id).losses == 1


def test_states_and_their_ends(store):
    waiting, running, done = (submit(store, key) for key in "123")
    for job in (running, done):
        store.begin(job.id)
    store.end(done.id, 1, JobState.DONE, result={"test_accuracy": 0.9})
    store.cancel(waiting.id, owner="ada")
    store.cancel(running.id, owner="ada")
    store.cancel(done.id, owner="ada")
    states = {job.id: (job.state, job.cancel) for job in store.jobs()}
    assert states == {
        waiting.id: (JobState.CANCELLED, 0),
        running.id: (JobState.RUNNING, 1),
        done.id: (JobState.DONE, 0),
    }
    for _ in range(3):
        store.cancel(running.id, owner="ada")
    assert store.job(running.id).cancel == 2, "once more means at once"
    with pytest.raises(Refused, match="has not ended"):
        store.delete(running.id, owner="ada")
    store.rename(done.id, "  the best  ", owner="ada")
    assert store.job(done.id).name == "the best"
    with pytest.raises(Refused, match=r"83 characters, and 80 is the most\. Take 3 away"):
        store.rename(done.id, "x" * 83, owner="ada")
    assert store.job(done.id).name == "the best", "nothing is cut in silence"
    store.rename(done.id, "x" * 80, owner="ada")
    store.delete(done.id, owner="ada")
    assert store.job(done.id) is None
    assert store.seconds_a_job() is None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", TrainingError),
        ("[]", TrainingError),
        ("[" * 40_000, TrainingError),
        ("x" * (MOST_BYTES + 1), TrainingError),
        ('{"family": "nope"}', TrainingError),
    ],
)
def test_what_is_no_request_is_refused(text, error):
    with pytest.raises(error, match="no training job that can be read"):
        Request.from_json(text)


@pytest.mark.parametrize(
    "value", [10**30, -1, 0, float("nan"), "1e9", "", "１２", None, True, [], {}]
)
def test_no_field_takes_an_impossible_value(value):
    """As JSON from outside: each knob of the network and of the recipe refuses it in words."""
    start = json.loads(request().to_json())
    for part, names in (("knobs", ["num_classes"]), ("recipe", ["epochs", "batch_size"])):
        for name in names:
            asked = json.loads(json.dumps(start))
            asked[part][name] = value
            with pytest.raises(SpecError, match=f"{name} is "):
                Request.from_json(json.dumps(asked))


def test_an_unknown_knob_is_refused():
    asked = json.loads(request().to_json())
    asked["recipe"]["warp"] = 9
    with pytest.raises(SpecError, match="warp is not a knob of recipe"):
        Request.from_json(json.dumps(asked))


def test_a_store_that_cannot_be_used_is_a_sentence(tmp_path):
    (tmp_path / "letter.db").write_text("dear database, " * 100)
    (tmp_path / "file").touch()
    for path in (tmp_path / "letter.db", tmp_path / "file" / "jobs.db"):
        with pytest.raises(TrainingError, match="cannot be used"):
            Store(path)


def test_a_store_of_the_future_is_left_alone(store):
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(TrainingError, match="version 99"):
        Store(store.path)


def test_a_store_from_before_versions_is_named_and_left_as_it_is(tmp_path):
    path = tmp_path / "jobs.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE jobs (id TEXT)")
        db.execute("INSERT INTO jobs VALUES ('a')")
    with pytest.raises(TrainingError, match=r"jobs\.db cannot be used: table jobs already exists"):
        Store(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM jobs").fetchall() == [("a",)]


def test_a_store_that_breaks_later_is_a_sentence(store, monkeypatch):
    """Locked for too long, the disk full: what was there stays, and the next attempt works."""
    monkeypatch.setattr("cnnviz.training.database.BUSY_SECONDS", 0.01)
    other = Store(store.path)
    job = submit(other, "1")
    blocker = sqlite3.connect(store.path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(TrainingError, match="locked"):
        submit(other, "2")
    assert other.job(job.id) == job, "reading goes on"
    blocker.execute("ROLLBACK")
    blocker.close()
    assert submit(other, "2").state == JobState.QUEUED
    size = other._connection().execute("PRAGMA page_count").fetchone()[0]
    other._connection().execute(f"PRAGMA max_page_count = {size}")
    other.begin(job.id)
    with pytest.raises(TrainingError, match="full"):
        other.write(job.id, 1, [Started(device="x" * 100_000)])
    assert other.events(job.id) == []
    other._connection().execute("PRAGMA max_page_count = 1000000")
    assert other.write(job.id, 1, [Step()])


def test_text_from_outside_stays_text(store):
    name = "'); DROP TABLE jobs; -- <script>alert(1)</script> ../../etc"
    job = store.submit(request(), key=name, owner=name, name=name[:80])
    assert store.job(job.id).name == name[:80]
    assert folder(job.id).name == job.id


def members(count, **knobs):
    return [Submission(f"arm.{n}", request(seed=n, **knobs), name=f"arm {n}") for n in range(count)]


def test_the_address_of_a_run_cannot_be_guessed(store):
    """48 bits that follow neither from the runs before nor from Python's random numbers."""
    ids = []
    for number in range(64):
        random.seed(0)
        ids.append(submit(store, f"{number}", owner=f"{number}").id)
    assert len(set(ids)) == 64
    assert all(re.fullmatch("[0-9a-f]{12}", one) for one in ids)
    told = [{int(one, 16) >> place & 1 for one in ids} for place in range(48)]
    assert told == [{0, 1}] * 48, "none of the bits is always the same"


def test_a_group_is_submitted_once_and_found_again(store):
    jobs = store.submit_group("g", members(3), owner="ada")
    assert [job.group for job in jobs] == ["g"] * 3
    assert [job.asked.recipe.seed for job in jobs] == [0, 1, 2]
    assert store.submit_group("g", members(3), owner="ada") == jobs, "a double click"
    alone = submit(store, "alone")
    store.submit_group("g2", members(1), owner="ada")
    assert store.jobs_of_group("g") == jobs
    assert alone.group == ""
    assert store.jobs_of_group("") == []


def test_a_group_counts_as_one_job_of_its_owner_and_computer(tmp_path):
    store = Store(tmp_path / "jobs.db", Limits(per_owner=2, per_address=2))
    store.submit_group("g", members(9), owner="ada", address="here")
    store.submit(request(), key="1", owner="ada", address="here")
    with pytest.raises(Refused, match="2 of your jobs"):
        store.submit_group("h", members(2), owner="ada", address="there")
    with pytest.raises(Refused, match="2 jobs from your computer"):
        store.submit(request(), key="2", owner="bob", address="here")


def test_a_group_comes_in_whole_or_not_at_all(tmp_path):
    store = Store(tmp_path / "jobs.db", Limits(in_all=5))
    store.submit_group("g", members(3), owner="ada")
    with pytest.raises(Refused, match="queue is full"):
        store.submit_group("h", members(3), owner="bob")
    assert len(store.jobs()) == 3
    assert len(store.submit_group("h", members(2), owner="bob")) == 2

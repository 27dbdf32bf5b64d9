"""Old stores, pauses, purges and copies: nothing is lost that was not meant to be."""

import shutil
import sqlite3
import stat
import tarfile
import time
from contextlib import closing

import pytest
from dispatcher_lab import Idle
from training_requests import request

from cnnviz.__main__ import main
from cnnviz.config import Config
from cnnviz.training import database
from cnnviz.training.backup import backup
from cnnviz.training.disk import bytes_in
from cnnviz.training.dispatcher import Dispatcher
from cnnviz.training.errors import TrainingError
from cnnviz.training.files import folder, open_store
from cnnviz.training.purge import DAY, purge, too_old
from cnnviz.training.state import JobState
from cnnviz.training.store import Store
from cnnviz.ui.session.owner import secret_file


@pytest.fixture
def store(tmp_path, monkeypatch):
    """The store of a data directory of its own."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "data"))
    return open_store()


def submit(store, key, owner="ada"):
    return store.submit(request(), key=key, owner=owner)


def ended(store, key, *, days_ago, weights=b"weights"):
    """A run that ended so many days ago, with a file."""
    job = submit(store, key)
    attempt = store.begin(job.id)
    store.end(job.id, attempt, JobState.DONE)
    with store._write() as db:
        moment = time.time() - days_ago * DAY
        db.execute("UPDATE jobs SET ended = ? WHERE id = ?", (moment, job.id))
    folder(job.id).mkdir(parents=True)
    (folder(job.id) / "weights.safetensors").write_bytes(weights)
    return job


@pytest.fixture
def old_file(tmp_path):
    """A store as the first version made it, with a job in it."""
    path = tmp_path / "old" / "jobs.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_STEPS", database._STEPS[:1])
        patch.setattr(database, "VERSION", 1)
        columns = "id, key, owner, name, request, created"
        row = ("0" * 12, "from before", "ada", "", request().to_json(), time.time())
        with Store(path)._write() as db:
            db.execute(f"INSERT INTO jobs ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)
    return path


def version(path):
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def test_an_old_store_is_brought_up_to_date_and_kept_beside(old_file):
    assert version(old_file) == 1
    (job,) = Store(old_file).jobs()
    assert (job.key, job.state) == ("from before", JobState.QUEUED)
    assert version(old_file) == database.VERSION > 1
    kept = old_file.with_name("jobs.db.version-1")
    assert version(kept) == 1
    with closing(sqlite3.connect(kept)) as db:
        assert db.execute("SELECT key FROM jobs").fetchall() == [("from before",)]


def test_a_new_store_needs_no_copy(store):
    assert version(store.path) == database.VERSION
    Store(store.path)
    assert not list(store.path.parent.glob("jobs.db.version-*"))


@pytest.mark.parametrize("fault", ["the copy", "a step"])
def test_a_store_that_cannot_be_brought_up_to_date_stays_as_it_was(old_file, monkeypatch, fault):
    if fault == "the copy":
        old_file.with_name("jobs.db.version-1.new").mkdir()
    else:
        steps = (*database._STEPS, "CREATE TABLE pause (again)")
        monkeypatch.setattr(database, "_STEPS", steps)
        monkeypatch.setattr(database, "VERSION", len(steps))
    with pytest.raises(TrainingError, match=r"jobs\.db cannot be used"):
        Store(old_file)
    with closing(sqlite3.connect(old_file)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == 1
        assert not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'pause'").fetchall()


def test_a_pause_keeps_the_waiting_and_leaves_the_running(store):
    dispatcher = Dispatcher(store, Idle(), Config(slots=2))
    running, waiting = submit(store, "1"), None
    dispatcher.step()
    store.pause(by="teacher")
    store.pause(by="somebody else")
    assert Store(store.path).paused_by() == "teacher", "every process knows, and who was first"
    waiting = submit(store, "2")
    dispatcher.step()
    states = {job.id: job.state for job in store.jobs()}
    assert states == {running.id: JobState.RUNNING, waiting.id: JobState.QUEUED}
    store.resume()
    dispatcher.step()
    assert store.job(waiting.id).state == JobState.RUNNING
    assert store.paused_by() is None


def test_only_what_ended_long_ago_is_purged(store):
    old, young = ended(store, "old", days_ago=9), ended(store, "young", days_ago=7)
    waiting = submit(store, "waiting")
    assert [job.id for job in too_old(store, 8)] == [old.id]
    assert purge(store, 8) == 1
    assert {job.id for job in store.jobs()} == {young.id, waiting.id}
    assert not folder(old.id).exists()
    assert folder(young.id).exists()
    assert store.events(old.id) == []


def test_the_dispatcher_purges_a_few_at_a_time(store, monkeypatch):
    monkeypatch.setattr("cnnviz.training.dispatcher.PURGED", 2)
    for key in "123":
        ended(store, key, days_ago=9)
    dispatcher = Dispatcher(store, Idle(), Config(keep_days=8))
    dispatcher.step()
    assert len(store.jobs()) == 1
    dispatcher.step()
    assert len(store.jobs()) == 1, "it looks once a minute"
    dispatcher.next_round = 0
    dispatcher.step()
    assert store.jobs() == []
    ended(store, "4", days_ago=9999)
    Dispatcher(store, Idle(), Config()).step()
    assert len(store.jobs()) == 1, "0 days: runs are kept for ever"


def test_the_command_line_purges(store, capsys):
    ended(store, "1", days_ago=9)
    assert main(["admin", "purge", "--days", "10"]) == 0
    assert main(["admin", "purge", "--days", "8"]) == 0
    assert capsys.readouterr().out.splitlines() == ["runs deleted: 0", "runs deleted: 1"]


@pytest.mark.parametrize("days", ["-1", "nan", "1e9", "many", ""])
def test_the_command_line_purges_nothing_by_mistake(store, capsys, days):
    ended(store, "1", days_ago=9)
    with pytest.raises(SystemExit, match="2"):
        main(["admin", "purge", f"--days={days}"])
    assert "--days" in capsys.readouterr().err
    assert len(store.jobs()) == 1


def test_a_backup_is_the_server_as_it_was(store, tmp_path, monkeypatch):
    done = ended(store, "done", days_ago=1, weights=b"trained")
    waiting = submit(store, "waiting")
    secret = secret_file(store.path.parent / "secret")
    store.pause(by="teacher")
    before = store.jobs()
    file = tmp_path / "backup.tar"
    assert main(["admin", "backup", str(file)]) == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600, "it holds the secret"

    purge(store, 0)
    store.cancel(waiting.id, owner="ada")
    shutil.rmtree(store.path.parent)
    with tarfile.open(file) as tar:
        tar.extractall(tmp_path / "restored", filter="data")
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path / "restored"))
    again = open_store()
    assert again.jobs() == before
    assert again.paused_by() == "teacher"
    assert (folder(done.id) / "weights.safetensors").read_bytes() == b"trained"
    assert (tmp_path / "restored" / "secret").read_bytes() == secret


def test_a_backup_goes_on_beside_a_writer(store, tmp_path):
    job = submit(store, "1")
    store.begin(job.id)
    with store._write() as db:  # a transaction that is not over
        db.execute("UPDATE jobs SET name = 'half'")
        backup(store, tmp_path / "backup.tar")
    with tarfile.open(tmp_path / "backup.tar") as tar:
        tar.extractall(tmp_path / "restored", filter="data")
    assert Store(tmp_path / "restored" / "jobs.db").job(job.id).name == ""


def test_a_backup_replaces_nothing_and_leaves_no_half(store, tmp_path, monkeypatch, capsys):
    file = tmp_path / "backup.tar"
    file.write_text("last week's")
    assert main(["admin", "backup", str(file)]) == 2
    assert "exists" in capsys.readouterr().err
    assert file.read_text() == "last week's"

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr("cnnviz.training.backup._add", full)
    assert main(["admin", "backup", str(tmp_path / "new.tar")]) == 2
    assert not (tmp_path / "new.tar").exists()
    assert {path.name for path in store.path.parent.iterdir()} >= {"jobs.db"}
    assert not list(store.path.parent.glob("tmp*")), "nothing is left in the data directory"


def test_what_a_folder_holds(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"12345")
    (tmp_path / "d").write_bytes(b"67")
    assert bytes_in(tmp_path) == 7
    assert bytes_in(tmp_path / "nowhere") == 0

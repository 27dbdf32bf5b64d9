"""Health as a server's watchdog asks for it: one line a part, and an exit status."""

import fcntl
import json
import math
import os
import subprocess
import sys
from collections import namedtuple

import pytest
from playwright.sync_api import expect
from servers import ROOT, Server, free_port

from cnnviz import health
from cnnviz.__main__ import main
from cnnviz.training import dispatcher_process
from cnnviz.training.store import Store
from cnnviz.ui.app import warm_up

Usage = namedtuple("Usage", "total used free")
Account = namedtuple("Account", "pw_name pw_uid pw_shell")


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def dispatcher(data):
    """Holds the lock as a dispatcher does, and has given a sign of life."""
    with (data / dispatcher_process.LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        dispatcher_process.beat(lock, 1, 2, 0)
        yield data / dispatcher_process.LOCK


def checked(part):
    (found,) = health.check([part])
    return found.well, found.says


def test_no_dispatcher():
    assert dispatcher_process.seconds_silent() == float("inf")
    assert checked("dispatcher") == (False, "none runs for this data directory")


def test_a_dispatcher_that_is_silent(dispatcher):
    assert checked("dispatcher")[0]
    os.utime(dispatcher, (0, 0))
    well, says = checked("dispatcher")
    assert not well
    assert "no sign of life" in says


def test_a_dispatcher_that_has_just_begun_has_the_file_of_the_one_before(data):
    (data / dispatcher_process.LOCK).write_text("", encoding="ascii")
    assert dispatcher_process.seen() == (0, 0, 0)


def test_a_dispatcher_that_cannot_begin_is_not_started_all_the_time(monkeypatch):
    """A page asks for one every few seconds; one that is killed is replaced."""
    started, now = [], [1000.0]
    monkeypatch.setattr(
        dispatcher_process.subprocess, "Popen", lambda *_, **__: started.append(now[0])
    )
    monkeypatch.setattr(dispatcher_process.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(dispatcher_process, "_started", -math.inf)
    dispatcher_process.ensure_dispatcher()
    assert not started, "another service has it"
    monkeypatch.setenv("CNNVIZ_DISPATCHER", "app")
    for _ in range(100):
        dispatcher_process.ensure_dispatcher()
        now[0] += 1
    assert started == [1000, 1030, 1060, 1090]
    monkeypatch.setattr(dispatcher_process, "is_running", lambda: True)
    now[0] += dispatcher_process.SILENT
    dispatcher_process.ensure_dispatcher()
    assert len(started) == 4


def test_a_gpu_that_is_gone(dispatcher):
    assert checked("device") == (False, "1 GPUs, where there were 2")


def test_no_gpu_is_no_fault():
    assert checked("device") == (True, "the CPU")


def test_the_store(data):
    assert not checked("store")[0]
    assert not (data / "jobs.db").exists(), "looking makes nothing"
    store = Store(data / "jobs.db")
    assert checked("store") == (True, "holds 0 jobs")
    store._local.db.close()
    (data / "jobs.db").write_bytes(b"no database" * 1000)
    assert checked("store") == (False, "file is not a database")


def test_a_disk_that_is_nearly_full(monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(0, 0, 900_000_000))
    assert checked("disk") == (False, "0.9 GB free, and CNNVIZ_DISK_FREE is 1 GB")
    monkeypatch.setenv("CNNVIZ_DISK_FREE", "0.5")
    assert checked("disk") == (True, "0.9 GB free")


@pytest.fixture
def accounts(monkeypatch):
    """A machine with a service, a person, and somebody who cannot log in."""
    rows = [("www-data", 33, "/bin/sh"), ("bo", 1001, "/bin/bash"), ("old", 1002, "/sbin/nologin")]
    listed = [Account(name, uid, shell) for name, uid, shell in rows]
    monkeypatch.setattr(health.pwd, "getpwall", lambda: listed)
    return listed


def test_an_account_of_the_machine_that_may_be_anybody(accounts, monkeypatch):
    assert checked("access") == (True, "open")
    monkeypatch.setenv("CNNVIZ_LOGIN", "proxy")
    well, says = checked("access")
    assert not well
    assert "(bo …)" in says
    assert "set CNNVIZ_PROXY_NETWORKS" in says
    monkeypatch.setenv("CNNVIZ_PROXY_NETWORKS", "127.0.0.0/8")
    assert checked("access") == (True, "proxy, believed from 127.0.0.0/8"), "it is meant"
    monkeypatch.delenv("CNNVIZ_PROXY_NETWORKS")
    del accounts[1]
    assert checked("access")[0], "there is nobody else"


def test_the_server_warns_at_its_start(accounts, monkeypatch, caplog):
    monkeypatch.setenv("CNNVIZ_LOGIN", "proxy")
    warm_up.warn()
    assert "set CNNVIZ_PROXY_NETWORKS" in caplog.text


def test_the_command(capsys, monkeypatch):
    assert main(["health", "disk", "device"]) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["ok", "disk"],
        ["ok", "device"],
    ]
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "1")
    assert main(["health", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert list(said) == list(health.PARTS)
    assert not said["web"]["well"]
    assert "nothing answers on port 1" in said["web"]["says"]


def test_asking_takes_no_torch():
    """It is asked every few seconds, and must be able to say that torch is broken."""
    code = "import sys, cnnviz.__main__; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.browser
def test_the_web_server(monkeypatch, server):
    port = server.rpartition(":")[2]
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", port)
    assert checked("web") == (True, f"answers on port {port}")
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(free_port()))
    assert checked("web")[0] is False


@pytest.mark.sweep
@pytest.mark.browser
def test_torch_that_cannot_be_imported(browser, monkeypatch, tmp_path):
    """The server goes on and says so, which no restart would mend; the page has a sentence."""
    broken = tmp_path / "torch"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('libtorch_cpu.so is not there')")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    with Server(PYTHONPATH=path) as here:
        monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(here.port))
        well, says = checked("web")
        page = browser.new_page(locale="en-US")
        page.goto(here.address)
        expect(page.get_by_role("alert")).to_contain_text("give your administrator the number")
        page.close()
        assert here.process.poll() is None
    assert not well
    assert "libtorch_cpu.so is not there" in says

"""What Prometheus reads, and that it reads it nowhere else."""

import socket
import urllib.error
import urllib.request

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from servers import Server
from training_requests import request

from cnnviz import metrics
from cnnviz.training.state import JobState
from cnnviz.training.store import Store


@pytest.fixture
def read(tmp_path, monkeypatch):
    """Give a figure of the jobs in the test's own data directory."""
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    registry = CollectorRegistry()
    registry.register(metrics.Jobs())
    return lambda name, **labels: registry.get_sample_value(f"cnnviz_{name}", labels)


def test_a_server_that_has_no_store_yet(read, tmp_path):
    assert read("dispatcher_silent_seconds") == float("inf")
    assert read("disk_free_bytes") > 0
    assert read("data_bytes") == 0
    assert read("jobs_active", state="queued") is None


def test_jobs_by_state_and_code(read, tmp_path):
    store = Store(tmp_path / "jobs.db")
    jobs = [store.submit(request(), key=str(key), owner=str(key)) for key in range(5)]
    for job in jobs[:3]:
        store.begin(job.id)
    store.end(jobs[0].id, 1, JobState.FAILED, code="diverged")
    store.end(jobs[1].id, 1, JobState.CANCELLED)
    assert read("jobs_active", state="queued") == 2
    assert read("jobs_active", state="running") == 1
    assert read("jobs_ended_total", state="failed", code="diverged") == 1
    assert read("jobs_ended_total", state="cancelled", code="") == 1
    assert read("queue_begun_total") == 3
    assert 0 <= read("queue_wait_seconds_total") < 60
    assert 0 < read("queue_oldest_seconds") < 60
    assert read("data_bytes") > 4096


@pytest.mark.sweep
def test_the_server_tells_it_on_a_port_of_its_own(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Server(CNNVIZ_DATA=str(tmp_path), CNNVIZ_METRICS_PORT=str(port)) as here:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
            text = answer.read().decode()
        with urllib.request.urlopen(f"{here.address}/metrics", timeout=20) as answer:
            assert b"cnnviz_" not in answer.read(), "a page, which says that there is none"
    names = {family.name for family in text_string_to_metric_families(text)}
    assert {
        "cnnviz_sessions",
        "cnnviz_page_seconds",
        "cnnviz_errors",
        "cnnviz_kept_bytes",
        "cnnviz_disk_free_bytes",
    } <= names

"""Metrics for Prometheus, on a port apart from the pages'.

The web server alone serves them, and reads jobs from the store as the pages do. To add a metric,
declare it as PAGE_SECONDS is declared, or give a collector to `serve`.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cnnviz.config import config
from cnnviz.kept import results
from cnnviz.training import dispatcher_process
from cnnviz.training.disk import bytes_in
from cnnviz.training.dispatcher_process import STORE
from cnnviz.training.state import ACTIVE, JobState

PAGE_SECONDS = Histogram(
    "cnnviz_page_seconds",
    "Time in which a page was drawn anew.",
    ["page"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 6, 15),
)
KEPT_BYTES = Gauge("cnnviz_kept_bytes", "Held by the reports, drawings and tables that are kept.")
KEPT_BYTES.set_function(lambda: results.currsize)
ERRORS = Counter("cnnviz_errors", "Errors that nobody foresaw; the log has each with its number.")


class Jobs(Collector):
    """Jobs, the dispatcher and the disk, read at each scrape."""

    def collect(self) -> Iterator[Metric]:
        data = config().data
        if not data.is_dir():
            return
        silent = GaugeMetricFamily(
            "cnnviz_dispatcher_silent_seconds", "Time since the dispatcher's last sign of life."
        )
        silent.add_metric([], dispatcher_process.seconds_silent())
        yield silent
        room = GaugeMetricFamily("cnnviz_disk_free_bytes", "Free on the data directory's disk.")
        room.add_metric([], shutil.disk_usage(data).free)
        yield room
        held = GaugeMetricFamily("cnnviz_data_bytes", "Held by the data directory.")
        held.add_metric([], bytes_in(data))
        yield held
        if (data / STORE).exists():
            yield from _jobs(data / STORE)


def _jobs(path: Path) -> Iterator[Metric]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        counts = db.execute(
            "SELECT state, code, count(*) FROM jobs GROUP BY state, code"
        ).fetchall()
        (oldest,) = db.execute(
            "SELECT min(created) FROM jobs WHERE state = ?", (JobState.QUEUED,)
        ).fetchone()
        begun, waited = db.execute(
            "SELECT count(*), total(started - created) FROM jobs WHERE attempt = 1"
        ).fetchone()
    active = GaugeMetricFamily("cnnviz_jobs_active", "Jobs that wait or run.", labels=["state"])
    ended = CounterMetricFamily(
        "cnnviz_jobs_ended", "Jobs in the store that have ended.", labels=["state", "code"]
    )
    present = {state: number for state, _, number in counts}
    for state in ACTIVE:
        active.add_metric([state], present.get(state, 0))
    for state, code, number in counts:
        if state not in ACTIVE:
            ended.add_metric([state, code], number)
    yield active
    yield ended
    age = GaugeMetricFamily("cnnviz_queue_oldest_seconds", "Wait of the job that waits longest.")
    age.add_metric([], time.time() - oldest if oldest else 0)
    yield age
    yield CounterMetricFamily(
        "cnnviz_queue_wait_seconds", "Waits of all jobs that have begun, together.", value=waited
    )
    yield CounterMetricFamily("cnnviz_queue_begun", "Jobs that have begun.", value=begun)


def serve(*collectors: Collector) -> None:
    """Listen on CNNVIZ_METRICS_PORT; 0 is none.

    Args:
        collectors: of figures that other parts know.

    Raises:
        OSError: the port is somebody else's.
    """
    if config().metrics_port:
        for collector in (Jobs(), *collectors):
            REGISTRY.register(collector)
        start_http_server(config().metrics_port)

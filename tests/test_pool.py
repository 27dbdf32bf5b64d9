"""Processes beside the server's that analyse and draw; what they make is as if made here."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

import cnnviz
from cnnviz.analysis import trace
from cnnviz.render import pool
from cnnviz.render.diagram import draw

CLOSED = frozenset()


@pytest.fixture(autouse=True)
def nothing_at_hand():
    trace._analyze_spec.cache_clear()
    pool.drawing.cache_clear()


@pytest.fixture(scope="module")
def processes():
    started = pool.Pool()
    started.start([cnnviz.spec("lenet-5")], ["en"])
    assert started._ready.wait(120)
    yield started
    started.stop()


def test_what_the_processes_make_is_at_hand(processes):
    spec = cnnviz.spec("lenet-5", num_classes=7)
    made = processes.ask(spec, "en", "zh")
    assert processes.ask(spec, "en", "zh") is made
    processes.keep(spec, made)
    assert processes.ask(spec, "en", "zh") is None
    report = cnnviz.analyze(spec)
    assert report is made.result()[0]
    again = trace.trace(spec.build(), spec.input_shape, trace.torch.device("cpu"))
    assert report.to_dict() == again.to_dict()
    assert report.receptive_field == again.receptive_field
    assert pool.drawing(spec, CLOSED, "zh") == draw(again, (), "zh")


def test_a_spec_that_fails_is_left_to_the_page(processes):
    spec = cnnviz.spec("lenet-5")._unchecked(cnnviz.spec("lenet-5").values | {"image_size": 4})
    made = processes.ask(spec, "en")
    assert made.result() is None
    processes.keep(spec, made)
    with pytest.raises(cnnviz.analysis.BrokenNetwork):
        cnnviz.analyze(spec)


def test_a_process_that_is_killed_is_replaced(processes):
    worker, *_ = processes._executor._processes.values()
    psutil.Process(worker.pid).kill()
    spec = cnnviz.spec("lenet-5", num_classes=8)
    made = processes.ask(spec, "en")
    made.exception()  # the death may be noticed before or after
    processes.keep(spec, made)
    spec = cnnviz.spec("lenet-5", num_classes=9)
    processes.keep(spec, processes.ask(spec, "en"))
    assert trace.is_analyzed(spec)


def test_who_asks_at_the_same_time_waits_for_one_pass(monkeypatch):
    passes, both = [], threading.Barrier(2)
    real = trace.trace

    def counted(*args):
        passes.append(args)
        return real(*args)

    def ask(spec):
        both.wait()
        return cnnviz.analyze(spec)

    monkeypatch.setattr(trace, "trace", counted)
    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(ask, [cnnviz.spec("densenet-121", growth_rate=11)] * 2)
    assert one is other
    assert len(passes) == 1

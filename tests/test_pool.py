"""Processes beside the server's that analyse and draw; what they make is as if made here."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait

import psutil
import pytest
from loky import BrokenProcessPool
from loky.backend.utils import kill_process_tree
from streamlit.testing.v1 import AppTest

import cnnviz
from cnnviz import kept
from cnnviz.analysis import graph, trace
from cnnviz.live import pool
from cnnviz.render.diagram import draw
from cnnviz.ui.kit import preparation

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
    assert pool.drawing(spec, CLOSED, "zh", "kind") == draw(again, (), "zh", together=True)


def test_a_drawing_is_at_hand_in_the_colours_that_were_asked_for(processes):
    spec = cnnviz.spec("lenet-5", num_classes=6)
    processes.keep(spec, processes.ask(spec, "en", colour_by="macs"))
    assert processes.ask(spec, "en", colour_by="macs") is None
    made = processes.ask(spec, "en")
    processes.keep(spec, made)
    by_macs, by_kind = (pool.drawing(spec, CLOSED, "en", by) for by in ("macs", "kind"))
    assert by_macs == draw(cnnviz.analyze(spec), (), "en", colour_by="macs", together=True)
    assert by_macs != by_kind == made.result()[1]["en", "kind"]


def test_what_drawings_share_is_found_once_and_not_kept(monkeypatch):
    found, runs_of = [], graph.runs_of
    monkeypatch.setattr(graph, "runs_of", lambda *all_: found.append(all_) or runs_of(*all_))
    try:
        made = pool._make(cnnviz.spec("lenet-5"), (("en", "kind"), ("zh", "kind")))
        assert len(made[1]) == 2
        assert len(found) == 1
        assert not kept.results
    finally:
        kept.limit(kept.MOST)


def test_the_processes_keep_nothing_for_whoever_starts_them(processes):
    """Those of sweeps, which measure hundreds of networks, are prepared in the same way."""
    held = processes._processes().submit(lambda: (kept.results.most, len(kept.results)))
    assert held.result() == (0, 0)


def test_a_spec_that_fails_is_left_to_the_page(processes):
    spec = cnnviz.spec("lenet-5")._unchecked(cnnviz.spec("lenet-5").values | {"image_size": 4})
    made = processes.ask(spec, "en")
    assert made.result() is None
    processes.keep(spec, made)
    with pytest.raises(cnnviz.analysis.BrokenNetwork):
        cnnviz.analyze(spec)


def test_a_process_that_is_killed_is_replaced(processes):
    processes.ask(cnnviz.spec("lenet-5", num_classes=12), "en").result()  # idle ones may have left
    workers = processes._executor._processes.values()
    psutil.Process(next(worker.pid for worker in workers if worker.is_alive())).kill()
    spec = cnnviz.spec("lenet-5", num_classes=8)
    processes.ask(spec, "en").exception()  # the death may be noticed before or after
    spec = cnnviz.spec("lenet-5", num_classes=9)
    again = (processes.keep(spec, processes.ask(spec, "en")) for _ in range(2))
    assert any(again), "one request is lost with the process, and no other"
    assert trace.is_analyzed(spec)


@pytest.fixture
def hangs(processes, monkeypatch):
    """Every process of the pool is stopped, as by a debugger or a disk that does not answer."""

    def kill(process):
        monkeypatch.setattr(pool, "_SILENT", 600)  # those that start need their time
        kill_process_tree(process)

    monkeypatch.setattr(pool, "kill_process_tree", kill)
    monkeypatch.setattr(pool, "_SILENT", 0.5)
    processes.ask(cnnviz.spec("lenet-5", num_classes=11), "en").result()
    stopped = [psutil.Process(pid) for pid in processes._executor._processes]
    for process in stopped:
        process.suspend()
    yield
    assert not any(process.is_running() for process in stopped)


def prepare_lenet():
    import streamlit as st  # noqa: PLC0415

    import cnnviz  # noqa: PLC0415
    from cnnviz.text import ExplainedError  # noqa: PLC0415
    from cnnviz.ui.kit.preparation import prepare  # noqa: PLC0415

    try:
        prepare(cnnviz.spec("lenet-5", num_classes=12))
    except ExplainedError as error:
        st.error(error.message.en)


@pytest.mark.sweep
def test_processes_that_hang_are_replaced(processes, hangs):
    asked = [processes.ask(cnnviz.spec("lenet-5", num_classes=20 + n), "en") for n in range(12)]
    asked[-1].cancel()  # one that no process has begun
    while not all(made.done() for made in asked):
        wait(asked, 0.1)
        processes.look_after()
    spec = cnnviz.spec("lenet-5", num_classes=20)
    assert not any(processes.keep(spec, made) for made in asked)
    assert processes.ask(spec, "en").result()


@pytest.mark.sweep
def test_a_page_has_what_it_waits_for_from_the_new_processes(processes, hangs, monkeypatch):
    monkeypatch.setattr(preparation, "pool", lambda: processes)
    page = AppTest.from_function(prepare_lenet, default_timeout=120).run()
    assert not page.exception
    assert not page.error
    assert page.session_state["preparation"] == (), "a session keeps no report"
    assert trace.is_analyzed(cnnviz.spec("lenet-5", num_classes=12))


def test_a_page_does_not_wait_for_ever(monkeypatch):
    class Lost:
        def ask(self, *_, **__):
            made = Future()
            made.set_exception(BrokenProcessPool())
            return made

        keep = pool.Pool.keep

    monkeypatch.setattr(preparation, "pool", Lost)
    page = AppTest.from_function(prepare_lenet, default_timeout=120).run()
    assert "were lost 2 times" in page.error[0].value


def prepare_three():
    from contextlib import suppress  # noqa: PLC0415

    import cnnviz  # noqa: PLC0415
    from cnnviz.analysis import BrokenNetwork  # noqa: PLC0415
    from cnnviz.ui.kit.preparation import prepare  # noqa: PLC0415

    lenet = cnnviz.spec("lenet-5")
    too_small = lenet._unchecked(lenet.values | {"image_size": 4})
    with suppress(BrokenNetwork):
        prepare(cnnviz.spec("lenet-5", num_classes=13), too_small, lenet.turn(num_classes=14))


def test_a_page_waits_for_all_its_networks_though_one_fails(processes, monkeypatch):
    monkeypatch.setattr(preparation, "pool", lambda: processes)
    page = AppTest.from_function(prepare_three, default_timeout=120).run()
    assert not page.exception
    assert page.session_state["preparation"] == ()
    for classes in (13, 14):
        spec = cnnviz.spec("lenet-5", num_classes=classes)
        assert trace.is_analyzed(spec)
        assert processes.ask(spec, "en") is None, "it is drawn, too"


class Queue:
    """A pool that has each of its answers ready when a page looks after it."""

    def __init__(self, **made):
        self.made, self.asked = made, []

    def ask(self, spec, *_, **__):
        self.asked.append(spec.num_classes)
        return self.made.get(str(spec.num_classes))

    def look_after(self):
        for made in self.made.values():
            if made and not made.done():
                made.set_result(None)

    def keep(self, spec, made):
        kept = pool.Pool.keep(self, spec, made)
        self.made[str(spec.num_classes)] = None if kept else Future()
        return kept


def prepare_two():
    import cnnviz  # noqa: PLC0415
    from cnnviz.ui.kit.preparation import prepare  # noqa: PLC0415

    prepare(*(cnnviz.spec("lenet-5", num_classes=classes) for classes in (15, 16)))


def test_the_newest_request_wins_and_cancels_no_sibling(monkeypatch):
    wanted, dropped, new = Future(), Future(), Future()
    queue = Queue(**{"15": wanted, "16": new})
    monkeypatch.setattr(preparation, "pool", lambda: queue)
    page = AppTest.from_function(prepare_two, default_timeout=120)
    page.session_state["preparation"] = (dropped, wanted)
    page.run()
    assert not page.exception
    assert [future.cancelled() for future in (wanted, dropped, new)] == [False, True, False]
    assert queue.asked == [15, 16]
    assert page.session_state["preparation"] == ()


def test_only_what_was_lost_is_asked_for_again(monkeypatch):
    lost, done, cancelled = Future(), Future(), Future()
    lost.set_exception(BrokenProcessPool())
    done.set_result(None)
    queue = Queue(**{"15": lost, "16": done})
    monkeypatch.setattr(preparation, "pool", lambda: queue)
    assert not AppTest.from_function(prepare_two, default_timeout=120).run().exception
    assert queue.asked == [15, 16, 15]
    cancelled.cancel()
    queue.made = {"15": cancelled, "16": lost}
    assert not AppTest.from_function(prepare_two, default_timeout=120).run().exception
    assert queue.asked == [15, 16, 15, 15, 16, 15, 16]


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

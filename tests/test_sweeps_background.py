"""Sweeps of a server: shared by sessions, in turns, stopped, and behind everything else."""

import subprocess
import sys
import threading
from contextlib import suppress

import psutil
import pytest
from test_sweeps import helpers

import cnnviz
from cnnviz.machine import NICE
from cnnviz.sweeps import background, figures, measuring
from cnnviz.sweeps.background import Background, Run
from cnnviz.sweeps.figures import measured
from cnnviz.sweeps.sweep import typed_sweep

LONG = 120  # seconds


@pytest.fixture(autouse=True)
def nothing_at_hand():
    figures.figures.cache_clear()


@pytest.fixture
def server():
    started = Background()
    yield started
    started.stop()


@pytest.fixture
def with_the_tests(monkeypatch):
    """Processes that do not step back: on a busy machine they would hardly begin."""
    monkeypatch.setattr(background, "begin", measuring.begin)


def sweep(classes="10:14:1", **knobs):
    return typed_sweep(cnnviz.spec("lenet-5", **knobs), [f"num_classes={classes}"])


def finished(run, server):
    while not run.is_done:
        assert server._thread or run.is_done
        wait_a_little(server)
    return run.outcomes


def wait_a_little(server):
    if thread := server._thread:
        thread.join(0.05)


@pytest.mark.sweep
def test_the_outcomes_are_as_if_measured_here(server, with_the_tests):
    asked = typed_sweep(cnnviz.spec("lenet-5"), ["image_size=4,32,36"])
    run = server.ask(asked, "a")
    found = finished(run, server)
    assert "image_size is 4" in found[0].en
    assert [found[1], found[2]] == [measured(point.spec) for point in asked.points[1:]]
    assert figures.at_hand(asked.points[1].spec) == found[1]
    again = server.ask(asked, "b")
    assert again.is_done, "everything is at hand"


@pytest.mark.load
def test_the_processes_step_back(server):
    run = server.ask(sweep("20:24:1"), "a")
    children = {}
    while not run.is_done:
        for helper in helpers():
            with suppress(psutil.NoSuchProcess):
                children[helper.pid] = max(helper.nice(), children.get(helper.pid, 0))
        wait_a_little(server)
    assert max(children.values()) == min(19, psutil.Process().nice() + NICE)


def test_a_process_steps_back_before_it_imports_anything_slow():
    code = "import sys, cnnviz.sweeps.stepping_back; print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cnnviz.machine" in done.stdout
    for slow in ("torch", "numpy", "pandas", "streamlit"):
        assert f"'{slow}'" not in done.stdout


@pytest.mark.load
def test_a_server_that_stops_waits_for_no_process(server):
    run = server.ask(sweep("10:400:1"), "a")
    thread = server._thread
    server.stop()
    thread.join(LONG)
    assert not thread.is_alive()
    assert not run.is_done
    assert not server.ask(sweep("10:400:1"), "b").is_done


class Crew:
    """Processes that measure when they are told to; `order` is what they were given."""

    def __init__(self):
        self.given = []

    @property
    def is_idle(self):
        return not self.given

    @property
    def is_full(self):
        return bool(self.given)

    def has(self, spec):
        return spec in self.given

    def give(self, spec):
        self.order.append(spec)
        self.given.append(spec)

    def wait(self):
        assert self.gate.acquire(timeout=LONG)
        return [(self.given.pop(), measured(cnnviz.spec("lenet-5")))]

    def end(self):
        pass


@pytest.fixture
def crew(monkeypatch):
    Crew.order, Crew.gate = [], threading.Semaphore(0)
    monkeypatch.setattr(background, "_Crew", Crew)
    return Crew


def test_equal_sweeps_share_a_run_and_others_take_turns(crew):
    server = Background()
    first = server.ask(sweep("10:13:1"), "a")
    second = server.ask(sweep("10:13:1", image_size=36), "b")
    assert server.ask(sweep("10:13:1"), "c") is first
    thread = server._thread
    crew.gate.release(8)
    thread.join(LONG)
    assert first.is_done
    assert second.is_done
    sizes = [spec.image_size for spec in crew.order]
    assert len(sizes) == 8, "each network once"
    assert sizes[1:7] in ([36, 32] * 3, [32, 36] * 3)


def test_a_session_s_newest_sweep_wins_and_what_nobody_wants_ends(crew):
    server = Background()
    old = server.ask(sweep("10:29:1"), "a")
    shared = server.ask(sweep("10:12:1", image_size=36), "b")
    server.ask(sweep("10:12:1", image_size=36), "a")
    assert not old.viewers
    server.leave("b")
    assert shared.viewers == {"a"}
    crew.gate.release(30)
    thread = server._thread
    if thread:
        thread.join(LONG)
    assert shared.is_done
    assert not old.is_done
    assert len(crew.order) < 10


def test_a_stopped_sweep_goes_on_where_it_was(crew):
    server = Background()
    asked = sweep("10:15:1")
    run = server.ask(asked, "a")
    thread = server._thread
    crew.gate.release(2)
    while len(run.outcomes) < 2:
        wait_a_little(server)
    server.leave("a")
    crew.gate.release(1)
    thread.join(LONG)
    found = Run(asked)
    found.find()
    assert len(found.outcomes) in (2, 3), "the third may have been on its way"
    assert not run.is_done
    again = server.ask(asked, "a")
    thread = server._thread
    crew.gate.release(10)
    thread.join(LONG)
    assert again.is_done
    assert len(crew.order) <= len(asked) + 1


def test_what_is_lost_is_tried_again_and_given_up_after_the_second_time():
    crew = background._Crew()
    spec = cnnviz.spec("lenet-5", num_classes=3)
    crew.give(spec)
    found = []
    for _ in range(2):
        lost = background.Future()
        lost.set_exception(background.BrokenProcessPool())
        crew._given = {lost: spec}
        found += crew.wait()
    ((lost_spec, why),) = found
    assert lost_spec == spec
    assert "lost 2 times" in why.en
    crew.end()


@pytest.mark.sweep
def test_a_process_that_is_killed_is_replaced(server, with_the_tests):
    run = server.ask(sweep("100:140:1"), "a")
    killed = False
    while not run.is_done:
        for helper in helpers() if run.outcomes and not killed else ():
            helper.kill()
            killed = True
        wait_a_little(server)
    assert killed
    assert all(isinstance(one, figures.Figures) for one in run.outcomes.values())

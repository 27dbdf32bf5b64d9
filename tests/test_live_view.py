"""The queue of live runs: one at a time, equal ones shared, the newest of a session wins."""

import threading

import pytest

import cnnviz
from cnnviz.ui import live_view


@pytest.fixture
def gate(monkeypatch):
    """A run that waits until it is let go, and the list of those that began."""
    begun, let_go = [], threading.Event()

    def run(spec, device):
        begun.append(spec)
        assert let_go.wait(timeout=30)
        if spec.num_classes == 13:
            raise RuntimeError("unlucky")
        return spec.num_classes

    monkeypatch.setattr(live_view, "run_live", run)
    yield begun, let_go
    let_go.set()


def spec(classes):
    return cnnviz.spec("lenet", num_classes=classes)


def test_runs_one_at_a_time_and_equal_ones_once(gate):
    begun, let_go = gate
    runner = live_view._Runner()
    runs = [runner.ask(spec(n), "cpu") for n in (1, 2, 1, 2)]
    assert runs[0] is runs[2]
    let_go.set()
    assert [run.result(timeout=30) for run in runs] == [1, 2, 1, 2]
    assert begun == [spec(1), spec(2)]
    assert runner.ask(spec(1), "cpu") is runs[0], "kept"


def test_what_is_taken_back_is_not_run_and_can_be_asked_again(gate):
    begun, let_go = gate
    runner = live_view._Runner()
    first, second = runner.ask(spec(1), "cpu"), runner.ask(spec(2), "cpu")
    assert second.cancel()
    again = runner.ask(spec(2), "cpu")
    let_go.set()
    assert again.result(timeout=30) == 2
    assert first.result(timeout=30) == 1
    assert begun == [spec(1), spec(2)]


def test_a_run_that_fails_leaves_the_worker_alive(gate):
    _, let_go = gate
    let_go.set()
    runner = live_view._Runner()
    with pytest.raises(RuntimeError, match="unlucky"):
        runner.ask(spec(13), "cpu").result(timeout=30)
    assert runner.ask(spec(1), "cpu").result(timeout=30) == 1


def test_only_so_many_results_are_kept(gate, monkeypatch):
    _, let_go = gate
    let_go.set()
    monkeypatch.setattr(live_view, "_KEPT", 2)
    runner = live_view._Runner()
    for n in range(1, 6):
        runner.ask(spec(n), "cpu").result(timeout=30)
    assert len(runner._runs) == 2


def test_python_ends_only_after_the_run(gate):
    """Streamlit's script threads are daemons, and a thread is what its maker is if not told."""
    made = []
    asker = threading.Thread(target=lambda: made.append(live_view._Runner()), daemon=True)
    before = set(threading.enumerate())
    asker.start()
    asker.join()
    (worker,) = [x for x in set(threading.enumerate()) - before if x.name == "live"]
    assert not worker.daemon

"""The garbage collector stands still during an analysis, and is as it was afterwards."""

import gc
import threading

import pytest
from torch import nn

import cnnviz
from cnnviz.analysis import BrokenNetwork
from cnnviz.analysis.collector import paused


class Raises(nn.Module):
    def forward(self, x):
        raise ValueError("no")


@pytest.fixture(params=[True, False], ids=["enabled", "disabled"])
def before(request):
    """The collector as somebody has set it."""
    was, thresholds = gc.isenabled(), gc.get_threshold()
    (gc.enable if request.param else gc.disable)()
    gc.set_threshold(777, 11, 13)
    yield request.param
    assert gc.isenabled() is request.param
    assert gc.get_threshold() == (777, 11, 13)
    gc.set_threshold(*thresholds)
    (gc.enable if was else gc.disable)()


def test_it_stands_still(before):
    seen = []

    class Looks(nn.Module):
        def forward(self, x):
            seen.append(gc.isenabled())
            return x + 1

    cnnviz.analyze(Looks(), (1, 3, 8, 8))
    assert seen
    assert not any(seen)


def test_it_goes_on_after_an_error(before):
    with pytest.raises(ValueError, match="no"):
        cnnviz.analyze(Raises(), (1, 3, 8, 8))
    with pytest.raises(BrokenNetwork):
        cnnviz.analyze(nn.Conv2d(3, 8, 9), (1, 3, 4, 4))
    with pytest.raises(TypeError):
        cnnviz.analyze(7, (1, 3, 8, 8))


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_beside_another_analysis_leaves_it_paused(before, error):
    """One thread fails while another is still at work: nothing changes for the other."""
    failed, seen = threading.Event(), []

    class Fails(nn.Module):
        def forward(self, x):
            raise error

    def fails():
        with pytest.raises(error):
            cnnviz.analyze(Fails(), (1, 3, 8, 8))
        failed.set()

    class Waits(nn.Module):
        def forward(self, x):
            thread = threading.Thread(target=fails)
            thread.start()
            assert failed.wait(60)
            thread.join()
            seen.append(gc.isenabled())
            return x + 1

    cnnviz.analyze(Waits(), (1, 3, 8, 8))
    assert seen
    assert not any(seen)


def test_the_last_of_several_threads_lets_it_go_on(before):
    first_left, second_entered = threading.Event(), threading.Event()
    seen = []

    def second():
        with paused():
            second_entered.set()
            assert first_left.wait(60)
            seen.append(gc.isenabled())

    thread = threading.Thread(target=second)
    with paused():
        thread.start()
        assert second_entered.wait(60)
    seen.append(gc.isenabled())
    first_left.set()
    thread.join()
    assert seen == [False, False]

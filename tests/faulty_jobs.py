"""What may go wrong in a job: run in place of `run_job` by the tests of the dispatcher."""

import os
import signal
import threading

import torch

from cnnviz.config import config
from cnnviz.text import Text
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Ended, Evaluating, Started, Step
from cnnviz.training.stopping import StopFile

FOR_EVER = threading.Event()


def good(request, folder):
    yield Started()
    yield Step(step=1)
    yield Ended(test_accuracy=0.5)


def segfault(request, folder):
    yield Started()
    os.kill(os.getpid(), signal.SIGSEGV)


def odd_exit_once(request, folder):
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "was here"
    yield Started()
    if not mark.exists():
        mark.touch()
        os._exit(7)
    yield Ended(test_accuracy=1.0)


def hang(request, folder):
    yield Started(params=os.getpid())
    FOR_EVER.wait()


def deaf(request, folder):
    """Has learnt something, and does not stop when it is asked to."""
    yield Started(params=os.getpid())
    yield Step()
    FOR_EVER.wait()


def _until_stopped(folder):
    is_asked = StopFile(folder)
    yield Step()
    while not is_asked():
        FOR_EVER.wait(0.01)
    yield Evaluating()


def obedient(request, folder):
    """Evaluates what it has learnt when it is asked to stop."""
    yield from _until_stopped(folder)
    yield Ended(test_accuracy=0.5, epochs=0.1, ended_by="stop")


def evaluates_for_ever(request, folder):
    yield from _until_stopped(folder)
    FOR_EVER.wait()


def long_step(request, folder):
    """Computes for ever without a word."""
    yield Started(params=os.getpid())
    while True:
        pass


def counts_threads(request, folder):
    while True:
        yield Step(step=torch.get_num_threads())
        FOR_EVER.wait(0.01)


def hog(request, folder):
    """Takes 300 MB."""
    yield Started()
    blocks = [bytearray(os.urandom(1) * 100_000_000) for _ in range(3)]
    FOR_EVER.wait()
    yield Ended(epochs=len(blocks))


def chatter(request, folder):
    """Reports for ever, so that only its time can end it."""
    yield Started(params=os.getpid())
    while True:
        yield Step()
        FOR_EVER.wait(0.01)


def whereabouts(request, folder):
    """Says which data directory it was given."""
    yield Started()
    yield Ended(ended_by=str(config().data))


def guest(come, leave):
    """No job: somebody else's task in Ray, until it is let go."""
    come.touch()
    while not leave.exists():
        FOR_EVER.wait(0.05)


def refused(request, folder):
    yield Started()
    raise TrainingError(Text("too steep", "太陡"), code="diverged")


def broken(request, folder):
    yield Started()
    raise ZeroDivisionError


def out_of_memory(request, folder):
    yield Started()
    raise MemoryError


def as_asked(request, folder):
    """A long job where many epochs are asked for, else a short one."""
    return chatter(request, folder) if request.recipe.epochs > 100 else good(request, folder)

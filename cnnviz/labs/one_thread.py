"""Short trainings: on one thread, and what is said of one that diverged."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from cnnviz.text import Text

LOST = Text("lost: too large a step", "发散：步长过大")
_THREADS = torch.get_num_threads()


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread inside.

    Small matrices gain nothing by more, and on a busy machine threads that wait for each other turn
    a fifth of a second into many.
    """
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(_THREADS)

"""A pass forward and backward, as one launch where a GPU allows that.

On a GPU, a step of a small network spends most of its time on launching kernels one by one. A CUDA
graph is a recording of a step and takes one launch.
"""

import logging
from collections.abc import Callable

import torch
from torch import Tensor

Pass = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]

WARM_UP = 3  # passes in which the libraries choose their kernels, and find their workspaces

_log = logging.getLogger(__name__)


class Replayed:
    """A pass of batches of one shape: plain at first, and then a recording that is replayed.

    Args:
        plain: takes images and labels; gives loss and logits, detached, and leaves gradients in
            place of the earlier ones. Must do nothing that waits for the device.
        wanted: there is a GPU, and nothing in the pass depends on what the pass before has given.
    """

    def __init__(self, plain: Pass, *, wanted: bool):
        self._plain, self._wanted = plain, wanted
        self._passes = 0
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        if self._wanted and self._graph is None and self._passes >= WARM_UP:
            self._record(images, labels)
        self._passes += 1
        if self._graph is None:
            return self._plain(images, labels)
        # launches are so quick that thousands of steps would queue before a stop is heard
        self._before.synchronize()
        self._images.copy_(images)
        self._labels.copy_(labels)
        self._graph.replay()
        self._before.record()
        return self._given

    def _record(self, images: Tensor, labels: Tensor) -> None:
        self._images, self._labels = images.clone(), labels.clone()
        self._before = torch.cuda.Event()
        graph = torch.cuda.CUDAGraph()
        try:
            with torch.cuda.graph(graph):
                self._given = self._plain(self._images, self._labels)
        except RuntimeError as error:  # too little memory, or an op that cannot be recorded
            self._wanted = False
            _log.info("a step is not recorded: %s", error)
        else:
            self._graph = graph

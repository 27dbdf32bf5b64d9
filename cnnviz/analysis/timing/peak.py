"""The most that a device does: multiply-accumulates of a matrix product, bytes of a copy."""

import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor

from cnnviz.analysis.timing.setting import PRECISIONS
from cnnviz.analysis.timing.stopwatch import whole

_SIDE = {"cpu": 1024, "cuda": 8192}  # of the square matrices
_BYTES = {"cpu": 2**26, "cuda": 2**30}  # of what is copied; many times a cache
_SECONDS = 0.3  # for each of the two
_RUNS = {"cpu": 1, "cuda": 10}  # in one measurement, so that launching them takes no part


class Peak(NamedTuple):
    """What was measured on a device in one precision.

    Args:
        flops: floating-point operations a second of a product of square matrices.
        bandwidth: bytes a second that a copy reads and writes, together.
    """

    flops: float
    bandwidth: float


def measured_peak(device: str, precision: str) -> Peak:
    """Measure a device, in less than a second.

    On a GPU, fp32 is what its convolutions compute in, TF32 where there is such.

    Args:
        precision: one of `PRECISIONS`.
    """
    place = torch.device(device)
    dtype = PRECISIONS[precision]
    side = _SIDE[place.type]
    a, b = (torch.randn(side, side, device=place).to(dtype) for _ in range(2))
    made = torch.empty_like(a)
    with _as_convolutions():
        flops = 2 * side**3 / _fastest(lambda: torch.mm(a, b, out=made), place)
    count = _BYTES[place.type] // dtype.itemsize
    source = torch.ones(count, dtype=dtype, device=place)
    copy = torch.empty_like(source)
    return Peak(flops, 2 * source.nbytes / _fastest(lambda: copy.copy_(source), place))


@contextmanager
def _as_convolutions() -> Any:
    """The context in which products are as precise as convolutions are."""
    before = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32
    yield
    torch.backends.cuda.matmul.allow_tf32 = before


def _fastest(run: Callable[[], Tensor], device: torch.device) -> float:
    """Seconds of the fastest run, after one that warms up."""
    runs = _RUNS[device.type]

    def several() -> None:
        for _ in range(runs):
            run()

    several()
    taken: list[float] = []
    end = time.monotonic() + _SECONDS
    while not taken or time.monotonic() < end:
        taken.append(whole(several, device))
    return min(taken) / 1e3 / runs

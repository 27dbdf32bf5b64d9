"""What bounds an op: computing, memory, or the CPU that launches it; pure functions.

A device computes so many operations a second at most, and moves so many bytes. An op with few
operations for each byte that it must move is through when its bytes are, however fast the device
computes. After Williams, Waterman and Patterson, "Roofline" (CACM 52, 2009).
"""

from math import prod
from typing import NamedTuple

from cnnviz.analysis.counting.conventions import operations
from cnnviz.analysis.report import Layer
from cnnviz.analysis.timing.peak import Peak

WIDTHS = {"fp32": 4, "fp16": 2, "bf16": 2}  # bytes of a number
LAUNCH_SHARE = 0.5  # of an op's time that its kernels take at least, or else its launch bounds it


class Point(NamedTuple):
    """Where an op stands.

    Args:
        operations: of the whole batch, every one of them, two for a multiply-accumulate.
        moved: bytes that it must read and write: its inputs, weights and output, once each.
        seconds: that it takes.
        bound: "compute", "memory" or "launch".
    """

    operations: int
    moved: int
    seconds: float
    bound: str

    @property
    def intensity(self) -> float:
        """Operations for each byte."""
        return self.operations / self.moved

    @property
    def flops(self) -> float:
        """Operations a second."""
        return self.operations / self.seconds

    @property
    def bandwidth(self) -> float:
        """Bytes a second."""
        return self.moved / self.seconds


def moved_bytes(layer: Layer, batch: int, precision: str) -> int:
    """Bytes that an op must read and write for so many images, each number once.

    Args:
        layer: of a report, whose own batch does not matter.
    """
    maps = sum(prod(shape[1:]) for shape in (*layer.input_shapes, layer.output_shape))
    return WIDTHS[precision] * (batch * maps + layer.params)


def point(
    layer: Layer,
    milliseconds: float,
    *,
    batch: int,
    precision: str,
    peak: Peak,
    kernels: float | None = None,
) -> Point | None:
    """Where an op stands; None for one that computes nothing, or in no time.

    For example, a 3×3 convolution from 64 to 64 channels on 56×56 pixels makes 231 million
    operations and moves 1.75 MB in fp32: 132 operations a byte.

    Args:
        milliseconds: of the op in the pass.
        kernels: milliseconds of its kernels alone, of a GPU.
    """
    count = batch * (operations(layer, "all") or 0)
    moved = moved_bytes(layer, batch, precision)
    if not (count and moved and milliseconds > 0):
        return None
    bound = "compute" if count / moved >= peak.flops / peak.bandwidth else "memory"
    if kernels is not None and kernels < LAUNCH_SHARE * milliseconds:
        bound = "launch"
    return Point(count, moved, milliseconds / 1e3, bound)


def limit(intensity: float, peak: Peak) -> float:
    """The operations a second that the device allows at so many operations a byte."""
    return min(peak.flops, intensity * peak.bandwidth)

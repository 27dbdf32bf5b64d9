"""The most that this GPU computes and moves, in each precision."""

from collections.abc import Iterator

from benchmarks.gpu.section import Row
from cnnviz.analysis.timing.peak import measured_peak
from cnnviz.analysis.timing.setting import PRECISIONS

HEAD = ("precision", "matrix product, TFLOP/s", "copy, TB/s", "operations a byte where both meet")
CASES = tuple(PRECISIONS)


def measure(precision: str, device: str) -> Iterator[Row]:
    """One row."""
    peak = measured_peak(device, precision)
    meet = peak.flops / peak.bandwidth
    yield precision, f"{peak.flops / 1e12:.1f}", f"{peak.bandwidth / 1e12:.2f}", f"{meet:.0f}"

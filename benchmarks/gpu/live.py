"""Every preset, really built and run on the device."""

from collections.abc import Iterator

import cnnviz
from benchmarks.gpu.section import NotAsExpectedError, Row
from cnnviz.analysis.real_run import run_live

HEAD = ("preset", "input", "parameters", "forward, ms", "peak, MB")
CASES = tuple(cnnviz.presets())


def measure(preset: str, device: str) -> Iterator[Row]:
    """One row.

    Raises:
        NotAsExpectedError: an op's shape is not the counted one.
    """
    spec = cnnviz.spec(preset)
    live = run_live(spec, device)
    if live.differences:
        raise NotAsExpectedError(f"not as counted: {', '.join(live.differences)}")
    size = "×".join(map(str, spec.input_shape[1:]))
    figures = (f"{live.params:,}", f"{1e3 * live.seconds:.2f}", f"{live.peak_bytes / 1e6:,.1f}")
    yield (preset, size, *figures)

"""A section of the GPU benchmark that needs none: one case fails, and one ends the process."""

import os

from benchmarks.gpu.section import NotAsExpectedError

HEAD = ("case", "device")
CASES = ("good", "explained", "bad", "two rows", "deadly", "never")


def measure(case, device):
    yield case, device
    if case == "explained":
        raise NotAsExpectedError("it is green")
    if case == "bad":
        raise ValueError("no\nwhole story")
    if case == "two rows":
        yield case, "again"
    if case == "deadly":
        os._exit(3)

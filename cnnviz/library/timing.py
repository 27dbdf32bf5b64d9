"""What the command `time` does: check, measure, print."""

import sys

from cnnviz.analysis import analyze
from cnnviz.analysis.real_run import devices
from cnnviz.analysis.timing.measure import time_backward, time_forward
from cnnviz.analysis.timing.setting import MOST_IMAGES, Setting, admit_timing
from cnnviz.analysis.timing.times import Times, device_name, times
from cnnviz.families import Spec
from cnnviz.knobs import Problem, SpecError
from cnnviz.machine import NoDeviceError
from cnnviz.numbers import short
from cnnviz.text import Text

SECONDS = 4.0  # for which each of the two passes is repeated
_HEADS = ("name", "MACs", "forward, ms", "±", "backward, ms", "±")


def checked_setting(device: str | None, batch: str) -> Setting:
    """The setting that was typed; without a device, a GPU if there is one.

    Raises:
        SpecError: with every problem.
    """
    there, problems = devices(), []
    if device is not None and device not in there:
        message = NoDeviceError(device).message
        problems.append(Problem("device", message, message))
    if not (batch.isascii() and batch.isdigit() and 1 <= int(batch[:9]) <= MOST_IMAGES):
        message = Text(
            "batch is {value}; it must be a whole number from 1 to {most}.",
            "batch 为 {value}；须为 1 到 {most} 的整数。",
        )
        problems.append(Problem.of("batch", message, value=batch[:40], most=MOST_IMAGES))
    if problems:
        raise SpecError(problems)
    return Setting(device or next(iter(there)), int(batch))


def timed(name: str, spec: Spec, setting: Setting) -> Times:
    """Time a network; standard error tells how far it is.

    Raises:
        BrokenNetwork, LiveError: it cannot be run, or not here.
    """
    report = analyze(spec)
    admit_timing(report, setting, backward=True)
    _tell(f"{name} on {setting.device}, {setting.batch} at a time: forward …")
    forward = time_forward(spec, setting, seconds=SECONDS)
    _tell(f"{forward.repeats} passes forward; backward …")
    backward = time_backward(spec, setting, seconds=SECONDS)
    _tell(f"{backward.repeats} passes backward.")
    return times(
        report,
        setting,
        forward,
        backward=backward,
        network=name,
        device=device_name(setting.device),
    )


def printed(spec: Spec, found: Times) -> str:
    """The times as a table for a fixed-width font."""
    macs = {layer.name: layer.macs for layer in analyze(spec).layers}
    rows: list[tuple[str, ...]] = [_HEADS]
    for row in found.rows:
        count = macs[row.name]
        spans = (row.forward_ms, row.forward_spread_ms, row.backward_ms, row.backward_spread_ms)
        cells = (f"{(span or 0) / (1 + place % 2):.3f}" for place, span in enumerate(spans))
        rows.append((row.name, "?" if count is None else short(count), *cells))
    sums = [sum(row.forward_ms for row in found.rows), sum(x.backward_ms or 0 for x in found.rows)]
    rows.append(("sum", "", f"{sums[0]:.3f}", "", f"{sums[1]:.3f}", ""))
    whole = found.whole_backward_ms or 0
    rows.append(("whole pass", "", f"{found.whole_ms:.3f}", "", f"{whole:.3f}", ""))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    head = (
        f"{found.network} on {found.device}, batch {found.batch}, {found.precision}: "
        f"{found.images_a_second:,.1f} images a second forward; the stopwatch's own "
        f"{found.overhead_ms:.3f} ms a pass are taken off; ± is half of what is between the "
        "quartiles."
    )
    return "\n".join((head, "", *lines))


def _tell(progress: str) -> None:
    print(progress, file=sys.stderr, flush=True)

"""Twelve presets op by op: milliseconds, achieved operations a second, and what bounds them."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

import cnnviz
from benchmarks.gpu.section import NotAsExpectedError, Row
from cnnviz.analysis.timing.measure import Pass, time_backward, time_forward
from cnnviz.analysis.timing.peak import Peak, measured_peak
from cnnviz.analysis.timing.roofline import point
from cnnviz.analysis.timing.setting import Setting
from cnnviz.families import Spec

HEAD = (
    *("preset", "how", "forward, ms", "ops' sum / forward", "kernels, ms", "backward, ms"),
    *("images a second", "TFLOP/s", "of the peak", "time bound by"),
)
CASES = (
    *("alexnet-torchvision", "vgg-d", "googlenet", "inception-v3", "resnet-18", "resnet-50"),
    *("resnext-50-32x4d", "densenet-121", "xception", "mobilenet-v1", "mobilenet-v2"),
    "shufflenet-v2-x1",
)
WAYS = (
    (1, "fp32", False),
    (128, "fp32", False),
    (128, "fp16", False),
    (128, "bf16", True),
)
SECONDS = 0.5  # for each pass
FAR = 0.15  # by which the ops' sum may differ from the pass
peak_of = cache(measured_peak)


def measure(preset: str, device: str) -> Iterator[Row]:
    """A row for each way.

    Raises:
        NotAsExpectedError: an op's times do not sum to that of the pass.
    """
    spec, far = cnnviz.spec(preset), []
    for batch, precision, channels_last in WAYS:
        setting = Setting(device, batch, precision, channels_last)
        forward = time_forward(spec, setting, seconds=SECONDS)
        backward = time_backward(spec, setting, seconds=SECONDS)
        ratio = forward.total / forward.whole.median
        if abs(ratio - 1) > FAR:
            far.append(f"batch {batch}, {precision}: {ratio:.2f}")
        how = f"{batch}, {precision}" + (", channels_last" if channels_last else "")
        yield (preset, how, *_figures(spec, setting, forward, backward))
    if far:
        raise NotAsExpectedError(f"ops against the pass at {'; '.join(far)}")


def _figures(spec: Spec, setting: Setting, forward: Pass, backward: Pass) -> Row:
    peak = peak_of(setting.device, setting.precision)
    milliseconds = forward.whole.median
    flops = 2 * cnnviz.analyze(spec).macs * setting.batch / (milliseconds / 1e3)
    return (
        f"{milliseconds:.2f}",
        f"{forward.total / milliseconds:.2f}",
        f"{sum(forward.kernels):.2f}",
        f"{backward.whole.median:.2f} ({backward.total / backward.whole.median:.2f})",
        f"{1e3 * setting.batch / milliseconds:,.0f}",
        f"{flops / 1e12:.2f}",
        f"{100 * flops / peak.flops:.1f} %",
        _bounds(spec, setting, forward, peak),
    )


def _bounds(spec: Spec, setting: Setting, forward: Pass, peak: Peak) -> str:
    """The share of the ops' time that each bound has, the largest first."""
    times: Counter[str] = Counter()
    layers = cnnviz.analyze(spec).layers
    for place, row in enumerate(forward.rows):
        kernels = forward.kernels[place] if forward.kernels else None
        found = point(
            layers[place],
            row.median,
            batch=setting.batch,
            precision=setting.precision,
            peak=peak,
            kernels=kernels,
        )
        times[found.bound if found else "moving only"] += row.median
    return ", ".join(f"{bound} {100 * x / forward.total:.0f} %" for bound, x in times.most_common())

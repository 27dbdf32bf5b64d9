"""The times of a network on a device: data, as JSON and back; a file may come from anybody."""

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import torch
from pydantic import ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from cnnviz.analysis.report import Report
from cnnviz.analysis.timing.measure import Pass
from cnnviz.analysis.timing.peak import Peak
from cnnviz.analysis.timing.setting import MOST_IMAGES, Setting
from cnnviz.gpus import product
from cnnviz.machine import cpu_name
from cnnviz.text import ExplainedError, Text

MOST_BYTES = 1_000_000
_DIGITS = 6  # decimals of a millisecond

_CHECKED = ConfigDict(extra="forbid", strict=True)
_Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
_Milliseconds = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
_Rate = Annotated[float, Field(gt=0, le=1e21, allow_inf_nan=False)]


class TimesError(ExplainedError):
    """A file that holds no times, and why."""


@dataclass(frozen=True)
class Row:
    """The times of an op in milliseconds; None where they were not measured.

    Args:
        forward_spread_ms, backward_spread_ms: between the quartiles.
        kernels_ms: what a GPU computes for the pass forward, without its launch.
    """

    __pydantic_config__ = _CHECKED

    name: _Name
    forward_ms: _Milliseconds
    backward_ms: _Milliseconds | None = None
    forward_spread_ms: _Milliseconds | None = None
    backward_spread_ms: _Milliseconds | None = None
    kernels_ms: _Milliseconds | None = None


@dataclass(frozen=True)
class Times:
    """The times of a network on a device; rows do not overlap.

    Args:
        network: its name.
        device: the name of the product.
        whole_ms: of the pass forward, without a stopwatch.
        whole_backward_ms: of the pass backward; None where it was not measured.
        overhead_ms: of the stopwatch in a pass forward, which is in none of the others.
        peak_flops, peak_bandwidth: operations and bytes a second that the device does at most.
    """

    __pydantic_config__ = _CHECKED

    network: _Name
    device: _Name
    batch: Annotated[int, Field(ge=1, le=MOST_IMAGES)]
    precision: _Name
    channels_last: bool
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]
    whole_ms: _Milliseconds
    whole_backward_ms: _Milliseconds | None = None
    overhead_ms: _Milliseconds = 0.0
    peak_flops: _Rate | None = None
    peak_bandwidth: _Rate | None = None

    @property
    def peak(self) -> Peak | None:
        """What the device does at most, where it was measured."""
        if self.peak_flops is None or self.peak_bandwidth is None:
            return None
        return Peak(self.peak_flops, self.peak_bandwidth)

    @property
    def images_a_second(self) -> float:
        """Of the pass forward."""
        return 1e3 * self.batch / self.whole_ms if self.whole_ms else 0.0

    def to_json(self) -> str:
        """One line of JSON, which `times_from_json` reads."""
        return json.dumps(asdict(self))


def times(
    report: Report,
    setting: Setting,
    forward: Pass,
    *,
    network: str,
    device: str,
    backward: Pass | None = None,
    peak: Peak | None = None,
) -> Times:
    """Put together what was measured of a network in one setting.

    Args:
        network, device: their names.
        report: its own, which has the names of the ops.
    """
    rows = tuple(
        Row(
            name=layer.name,
            forward_ms=_rounded(row.median),
            forward_spread_ms=_rounded(row.spread),
            backward_ms=_rounded(backward.rows[place].median) if backward else None,
            backward_spread_ms=_rounded(backward.rows[place].spread) if backward else None,
            kernels_ms=_rounded(forward.kernels[place]) if forward.kernels else None,
        )
        for place, (layer, row) in enumerate(zip(report.layers, forward.rows, strict=False))
    )
    return Times(
        network=network,
        device=device,
        batch=setting.batch,
        precision=setting.precision,
        channels_last=setting.channels_last,
        rows=rows,
        whole_ms=_rounded(forward.whole.median),
        whole_backward_ms=_rounded(backward.whole.median) if backward else None,
        overhead_ms=_rounded(forward.overhead),
        peak_flops=peak and peak.flops,
        peak_bandwidth=peak and peak.bandwidth,
    )


def times_from_json(text: bytes) -> Times:
    """Read what `Times.to_json` or the command `time` has written; nothing in it is run.

    Raises:
        TimesError: it is too long, or no times.
    """
    if len(text) > MOST_BYTES:
        raise _refused(f"> {MOST_BYTES:,} bytes")
    try:
        found: Times = TypeAdapter(Times).validate_json(text)
    except ValidationError as error:
        fault: Any = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        raise _refused(f"{place}: {fault['msg']}"[:200]) from None
    if len({row.name for row in found.rows}) < len(found.rows):
        raise _refused("two ops of one name")
    return found


def device_name(device: str) -> str:
    """The product name of a device, for whoever reads its times elsewhere."""
    if device != "cpu":
        return product(device)
    return f"{cpu_name()} ({torch.get_num_threads()} threads)"


def _rounded(milliseconds: float) -> float:
    return round(milliseconds, _DIGITS)


def _refused(why: str) -> TimesError:
    message = Text(
        "This is no file of times ({why}); save one on the tab Time, or with "
        "python -m cnnviz time NAME --json > FILE.",
        "这不是计时文件（{why}）；请在“时间”标签页中保存，"
        "或使用 python -m cnnviz time NAME --json > FILE。",
    )
    return TimesError(message.format(why=why))

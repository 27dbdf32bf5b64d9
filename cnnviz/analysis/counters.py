"""What other tools count, beside our own counts."""

from dataclasses import dataclass
from functools import lru_cache
from math import prod

import torchinfo

from cnnviz.analysis.report import Layer, Report
from cnnviz.analysis.trace import analyze, build_on_meta
from cnnviz.families import Spec

_COLUMNS = ("input_size", "output_size", "num_params", "mult_adds")
_LEVELS = 4


@dataclass(frozen=True)
class Summary:
    """torchinfo's summary of a network, and why its mult-adds are not our MACs.

    Args:
        text: the table as torchinfo prints it.
        params: its "Total params".
        mult_adds: its "Total mult-adds" for one image.
        biases: how many of them stand for adding a bias, which it counts for every output.
        others: how many stand for parameters that are neither weight matrix, kernel nor bias,
            such as the scale and shift of batch norm, each counted once an image.
        unexplained: mult_adds less our MACs, biases and others.
    """

    text: str
    params: int
    mult_adds: int
    biases: int
    others: int
    unexplained: int


@lru_cache(maxsize=64)
def torchinfo_summary(spec: Spec) -> Summary:
    """torchinfo's summary of the module that `spec` builds, without memory for its weights."""
    seen = torchinfo.summary(
        build_on_meta(spec),
        input_size=spec.input_shape,
        device="meta",
        depth=_LEVELS,
        col_names=_COLUMNS,
        row_settings=("depth", "var_names"),
        verbose=0,
    )
    report = analyze(spec)
    biases, others = _surplus(report)
    return Summary(
        text=str(seen),
        params=seen.total_params,
        mult_adds=seen.total_mult_adds,
        biases=biases,
        others=others,
        unexplained=seen.total_mult_adds - report.macs - biases - others,
    )


def _surplus(report: Report) -> tuple[int, int]:
    """What torchinfo's rule counts above our MACs: for biases, for other parameters."""
    biases = others = 0
    for layer in report.layers:
        surplus = torchinfo_mult_adds(layer) - (layer.macs or 0)
        if layer.kind in ("convolution", "grouped convolution", "linear"):
            biases += surplus
        else:
            others += surplus
    return biases, others


def torchinfo_mult_adds(layer: Layer) -> int:
    """torchinfo's rule (its layer_info.py): parameters times pixels in a convolution, else once."""
    pixels = prod(layer.output_shape[2:]) if layer.operation.startswith("conv") else 1
    return layer.params * pixels

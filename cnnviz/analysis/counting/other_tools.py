"""Counts of other tools beside our own, and every reason for a difference.

torch's FlopCounterMode and torchinfo are run. The other tools need not be installed: their counts
are written down as rules, which tests hold against the tools themselves. Sources, at the versions
in `COUNTERS`: torch/utils/flop_counter.py, torchinfo/layer_info.py, fvcore/nn/flop_count.py and
jit_handles.py, thop/profile.py and vision/basic_hooks.py, ptflops/pytorch_ops.py and aten_ops.py,
calflops/pytorch_ops.py.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import torch
import torchinfo
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.counting.conventions import CONVENTIONS, WEIGHTED, Rule, biases, look_up
from cnnviz.analysis.report import Layer, Report
from cnnviz.analysis.trace import analyze
from cnnviz.families import Spec

_COLUMNS = ("input_size", "output_size", "num_params", "mult_adds")
_LEVELS = 4
# Causes of a difference, beside counting a multiply-accumulate as two.
CAUSES = ("bias", "normalisation", "activation", "pooling", "other")


@dataclass(frozen=True)
class Counter:
    """A tool and what it counts.

    Args:
        name: as its users call it.
        version: that the rules were read from and tested with; empty for a tool that is run.
        per_mac: 2 if it counts FLOPs, 1 if it counts MACs, whatever it calls them.
        modules: what its hooks on torch's own modules (nn.ReLU …) count, by op or kind.
        functions: what it counts at the functions, whoever calls them, by op or kind.
    """

    name: str
    version: str
    per_mac: int
    modules: Mapping[str, Rule] = field(default_factory=dict)
    functions: Mapping[str, Rule] = field(default_factory=dict)

    def rule(self, layer: Layer, module: str) -> Rule:
        """Return the rule of an op; `module` is the class that runs it."""
        tables = [self.functions]
        # nn.AvgPool2d runs avg_pool2d; hooks do not see it in a module of another class, as is a
        # LayerNorm2d of a network's own
        if hasattr(nn, module) and module.lower().startswith(layer.operation.replace("_", "")):
            tables.append(self.modules)
        found = [look_up(table, layer) or Rule() for table in tables]
        return Rule(*map(sum, zip(*found, strict=True)))


@dataclass(frozen=True)
class Reading:
    """A counter's number for a network, and why it differs from our MACs.

    Args:
        number: what it prints; MACs or FLOPs.
        macs: our MACs, times 2 if it counts FLOPs.
        causes: how many of the rest come from each of `CAUSES`.
        rules: of each cause, what each op of the network counts.
        is_run: whether the number is what the tool itself said.
    """

    counter: Counter
    number: int
    macs: int
    causes: dict[str, int]
    rules: dict[str, dict[str, Rule]]
    is_run: bool

    @property
    def unexplained(self) -> int:
        return self.number - self.macs - sum(self.causes.values())


_BIASED = dict.fromkeys(WEIGHTED, Rule(macs=1, biases=1))
_POOLINGS = ("max_pool2d", "avg_pool2d", "adaptive_avg_pool2d")
# torch computes it as two products, a sum and a pooling over channels padded by n - 1 = 4
_LOCAL_RESPONSE = {"local_response_norm": Rule(outputs=4, pixels=4)}

OURS = tuple(
    Counter(name, "", CONVENTIONS[name]["linear"].macs, functions=CONVENTIONS[name])
    for name in CONVENTIONS
)
TORCH = Counter("torch FlopCounterMode", "", 2, functions=CONVENTIONS["flops"])
TORCHINFO = Counter(
    "torchinfo",
    "",
    1,
    # all but convolutions count their parameters, once an image
    functions={**_BIASED, **dict.fromkeys(("normalisation", "merge"), Rule(params=1))},
)
COUNTERS = (
    TORCH,
    TORCHINFO,
    Counter(
        "fvcore",
        "0.1.5.post20221221",
        1,
        functions={
            **CONVENTIONS["macs"],
            "batch_norm": Rule(outputs=2),
            **dict.fromkeys(("group_norm", "layer_norm"), Rule(outputs=5)),
            "adaptive_avg_pool2d": Rule(inputs=1),
        },
    ),
    Counter(
        "thop",
        "0.1.1.post2209072238",
        1,
        modules={
            **CONVENTIONS["macs"],
            **dict.fromkeys(("batch_norm", "layer_norm"), Rule(outputs=4)),
            "avg_pool2d": Rule(outputs=1),
            "adaptive_avg_pool2d": Rule(inputs=1, outputs=1),
        },
    ),
    Counter(
        "ptflops (pytorch)",
        "0.7.5",
        1,
        modules={
            **_BIASED,
            **dict.fromkeys(("batch_norm", "group_norm"), Rule(outputs=2)),
            "layer_norm": Rule(outputs=1),  # its weights have another name than the hook looks for
            **dict.fromkeys(("relu", "relu6", "elu", "gelu"), Rule(outputs=1)),
            **dict.fromkeys(_POOLINGS, Rule(inputs=1)),
        },
        # nn.ReLU calls relu, and both are counted; nn.ReLU6 calls hardtanh, which is not
        functions={
            **dict.fromkeys(("relu", "elu", "silu", "gelu"), Rule(outputs=1)),
            **dict.fromkeys(_POOLINGS, Rule(inputs=1)),
            **_LOCAL_RESPONSE,
        },
    ),
    Counter("ptflops (aten)", "0.7.5", 1, functions=_BIASED),
    Counter(
        "calflops",
        "0.3.2",
        2,
        functions={
            **dict.fromkeys(("convolution", "grouped convolution"), Rule(macs=2, biases=1)),
            "linear": Rule(macs=2),
            "batch_norm": Rule(outputs=2),
            "group_norm": Rule(outputs=5),
            **dict.fromkeys(("relu", "elu"), Rule(outputs=1)),
            **dict.fromkeys(_POOLINGS, Rule(inputs=1)),
            **_LOCAL_RESPONSE,
        },
    ),
)


@dataclass(frozen=True)
class Measured:
    """Output of the tools that are run, for one image.

    Args:
        text: torchinfo's table as it prints it.
        params: its "Total params".
        mult_adds: its "Total mult-adds".
        flops: FlopCounterMode's total.
    """

    text: str
    params: int
    mult_adds: int
    flops: int


@lru_cache(maxsize=64)
def measure(spec: Spec) -> Measured:
    """Run the tools on the module that `spec` builds, without memory for its weights."""
    module = build_on_meta(spec).eval()
    summary = torchinfo.summary(
        module,
        input_size=spec.input_shape,
        device="meta",
        depth=_LEVELS,
        col_names=_COLUMNS,
        row_settings=("depth", "var_names"),
        verbose=0,
    )
    return Measured(
        text=str(summary),
        params=summary.total_params,
        mult_adds=summary.total_mult_adds,
        flops=_torch_flops(module, spec.input_shape),
    )


def _torch_flops(module: nn.Module, input_shape: tuple[int, ...]) -> int:
    counter = FlopCounterMode(display=False)
    # its tracker hooks every module of the process, also those of other sessions; the total is
    # counted without
    tracker: Any = nullcontext()
    tracker.parents = {"Global"}
    counter.mod_tracker = tracker
    with torch.no_grad(), counter:
        module(torch.zeros(input_shape, device="meta"))
    return counter.get_total_flops()


def read_counters(spec: Spec) -> tuple[Reading, ...]:
    """Return every counter's number for a network."""
    report, measured = analyze(spec), measure(spec)
    ran = {TORCH.name: measured.flops, TORCHINFO.name: measured.mult_adds}
    return tuple(reading(counter, report, ran.get(counter.name)) for counter in COUNTERS)


def reading(counter: Counter, report: Report, number: int | None = None) -> Reading:
    """Explain a counter's `number`, or the number by its rules if it was not run."""
    macs = counter.per_mac * report.macs
    counts = dict.fromkeys(CAUSES, 0)
    counts["other"] = -macs  # MACs that the tool does not see remain here
    rules: dict[str, dict[str, Rule]] = {cause: {} for cause in CAUSES}
    for layer in report.layers:
        rule = counter.rule(layer, report.modules.get(layer.scope, ""))
        cause = layer.kind if layer.kind in counts else "other"
        if layer.kind in WEIGHTED:
            cause = "bias"
            counts["other"] += rule.macs * (layer.macs or 0)
            rule = rule._replace(macs=0)
        counted = rule(layer)
        counts[cause] += counted
        if counted:
            rules[cause][layer.operation] = rule
        elif cause != "bias" or biases(layer):
            rules[cause].setdefault(layer.operation, Rule())
    by_rules = macs + sum(counts.values())
    said = by_rules if number is None else number
    return Reading(counter, said, macs, counts, rules, is_run=number is not None)

"""One forward pass, watched: from any module to a `Report`.

On the meta device nothing is computed, and the functions that are slow there and whose output shape
is plain (batch norm, activations, linear) are not run at all.
"""

from typing import Any, cast

import torch
from torch import nn

from cnnviz.analysis.broken import REFUSALS
from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.collector import paused
from cnnviz.analysis.foreign import analyze_module
from cnnviz.analysis.memory.storages import SavedTensors
from cnnviz.analysis.mistakes import checked_device, checked_shape, no_network
from cnnviz.analysis.ops import Shape, Traced
from cnnviz.analysis.recorder import INPUT, Owners, Recorder, scopes, tensors_in
from cnnviz.analysis.report import Report
from cnnviz.families import Spec
from cnnviz.kept import kept


def analyze(
    spec_or_module: Spec | nn.Module,
    input_shape: Shape | None = None,
    device: str | torch.device = "meta",
    *,
    inputs: Any = None,
) -> Report:
    """Trace one forward pass in evaluation mode.

    Args:
        spec_or_module: a spec, built without memory, or a module, which comes back untouched.
        input_shape: (N, C, H, W) of the input; a spec knows its own.
        device: where the pass runs; "meta" computes shapes only.
        inputs: what a module is called with, in place of `input_shape`: a tensor, a tuple of
            positional or a dictionary of keyword arguments; on the meta device, too.

    Returns:
        The report; its counts are for one image whatever N, the first size of the first tensor, is.

    Raises:
        ValueError: a module without `input_shape` and `inputs`, or with parameters not yet
            initialised; a shape without N, or with an axis that is no whole number of at least 1; a
            module that needs the values of its tensors, which `device="cpu"` computes; one that
            reads whole numbers, and a shape; a device that is not here.
        TypeError: neither a spec nor a module, or an `input_shape` that is no shape.
        BrokenNetwork: an op cannot run on what it reads, as in a network whose input is too small;
            `partial` is the report up to that op.
    """
    with paused():
        return _analyze(spec_or_module, input_shape, checked_device(device), inputs)


def _analyze(
    spec_or_module: Spec | nn.Module, input_shape: Shape | None, device: torch.device, inputs: Any
) -> Report:
    if isinstance(spec_or_module, Spec):
        if inputs is not None:
            raise ValueError("A spec knows its input; inputs= is for a module.")
        shape = checked_shape(input_shape or spec_or_module.input_shape, axes=4)
        if device.type == "meta":
            return _analyze_spec(spec_or_module, shape)
        with device:
            return trace(spec_or_module.build(), shape, device)
    if not isinstance(spec_or_module, nn.Module):
        raise no_network(spec_or_module)
    return analyze_module(spec_or_module, input_shape, inputs, device)


@kept
def _analyze_spec(spec: Spec, input_shape: Shape) -> Report:
    return trace(build_on_meta(spec), input_shape, torch.device("meta"))


def is_analyzed(spec: Spec) -> bool:
    """Whether the spec's report is cached."""
    return _analyze_spec.cache_key(spec, spec.input_shape) in _analyze_spec.cache


def keep_report(spec: Spec, report: Report) -> None:
    """Give `analyze` a report of the spec that another process has made."""
    with _analyze_spec.cache_lock:
        _analyze_spec.cache[_analyze_spec.cache_key(spec, spec.input_shape)] = report


def trace(module: nn.Module, input_shape: Shape, device: torch.device) -> Report:
    """Run a module of our own, already on `device`, on zeros and report every op."""
    owners: Owners = {id(p): (name, p) for name, p in module.named_parameters() if p.requires_grad}
    x = torch.zeros(input_shape, device=device)
    cast(Traced, x)._produced_by = INPUT
    recorder = Recorder(owners, SavedTensors(x, owners), on_meta=device.type == "meta")
    module.eval()
    try:
        with torch.no_grad(), scopes(module, recorder), recorder:
            output = module(x)
    except REFUSALS as error:
        if (broken := recorder.broken(error, module, input_shape)) is None:
            raise
        raise broken from error
    return recorder.report(module, input_shape, tensors_in(output)[0])

"""The network for real: built on a device, run, freed."""

import gc
import math
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from cnnviz.analysis.ops import Shape
from cnnviz.analysis.report import FLOAT32, Report
from cnnviz.analysis.trace import analyze, trace
from cnnviz.families import Spec
from cnnviz.gpus import give_back, gpus, is_full, product, wait
from cnnviz.machine import device_text, free_bytes
from cnnviz.text import ExplainedError, Text

SHARE = 0.5  # share of the free memory for one network
MACS_ON_CPU = 100e9  # some seconds on two cores
TIMED_FOR = 0.25  # seconds


class LiveError(ExplainedError):
    """The network was not run."""


@dataclass(frozen=True)
class Live:
    """The results of one real forward pass of one image.

    Args:
        seconds: of the fastest of a few passes, after one that was compared op by op.
        peak_bytes: weights, activations and, on a GPU, workspaces at the highest moment.
        differences: names of ops whose live shape is not the counted one.
    """

    device_name: str
    output_shape: Shape
    seconds: float
    peak_bytes: int
    params: int
    differences: tuple[str, ...]


def devices() -> dict[str, str]:
    """The devices of this machine with their names, GPUs first."""
    return {**{gpu: product(gpu) for gpu in gpus()}, "cpu": "CPU"}


def run_live(spec: Spec, device: str) -> Live:
    """Build the spec on `device`, run one image through it a few times, and free everything.

    Raises:
        LiveError: it needs more memory than is free or, on a CPU, more time than is fair; nothing
            has been allocated then. The same error is raised if the device runs out of memory.
    """
    counted = analyze(spec)
    admit(counted, device)
    try:
        return _run(spec, torch.device(device), counted)
    except RuntimeError as error:
        if not is_full(error):
            raise
        raise LiveError(_too_large(_needed(counted), free_bytes(device), device, 1)) from None
    finally:
        gc.collect()
        if device != "cpu":
            give_back()


def _run(spec: Spec, device: torch.device, counted: Report) -> Live:
    on_gpu = device.type == "cuda"
    if on_gpu:
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
    with _PeakMemory() as memory:
        with device:
            module = spec.build()
        seen = trace(module, spec.input_shape, device)
    peak = torch.cuda.max_memory_allocated(device) - before if on_gpu else memory.peak
    output, seconds = _time(module, torch.zeros(spec.input_shape, device=device))
    differences = [
        live.name
        for live, counted_layer in zip(seen.layers, counted.layers, strict=True)
        if live != counted_layer
    ]
    return Live(
        device_name=devices()[str(device)],
        output_shape=tuple(output.shape),
        seconds=seconds,
        peak_bytes=peak,
        params=sum(parameter.numel() for parameter in module.parameters()),
        differences=tuple(differences),
    )


def _time(module: nn.Module, x: Tensor) -> tuple[Tensor, float]:
    """The output and the seconds of the fastest of a few passes; others use the machine too."""
    spent, best = 0.0, math.inf
    with torch.inference_mode():
        while spent < TIMED_FOR:
            wait(x.device)
            start = time.perf_counter()
            output = module(x)
            wait(x.device)
            seconds = time.perf_counter() - start
            best, spent = min(best, seconds), spent + seconds
    return tree_leaves(output)[0], best  # auxiliary outputs come after the network's own


def _needed(report: Report) -> int:
    """Bytes of the weights and of the largest op's input and output, with room for a copy."""
    sizes = [_numel(layer.input_shape) + _numel(layer.output_shape) for layer in report.layers]
    return FLOAT32 * (report.params + report.buffers + 2 * max(sizes, default=0))


def _numel(shape: Shape) -> int:
    return torch.Size(shape).numel() if shape else 0


def admit(
    report: Report, device: str, *, images: int = 1, more_bytes: int = 0, passes: int = 1
) -> None:
    """Let one forward pass begin, or say why not.

    Args:
        images: in the pass.
        more_bytes: what is kept beside the weights and the largest op's input and output.
        passes: how many times the MACs of one image's forward pass it takes.

    Raises:
        LiveError: it needs more memory than is free or, on a CPU, more time than is fair.
    """
    needed, free = _needed(report) + more_bytes, free_bytes(device)
    if needed > SHARE * free:
        raise LiveError(_too_large(needed, free, device, images))
    macs = passes * report.macs
    if device == "cpu" and macs > MACS_ON_CPU:
        message = Text(
            "{macs:.0f} G MACs are more than the {limit:.0f} G that one run on the CPU may take; "
            "make the network or the image smaller, or choose a GPU.",
            "{macs:.0f} G 次乘加（MACs）超过了 CPU 上单次运行的上限 {limit:.0f} G；"
            "请缩小网络或图像，或选择 GPU。",
        )
        raise LiveError(message.format(macs=macs / 1e9, limit=MACS_ON_CPU / 1e9))


def _too_large(needed: int, free: int, device: str, images: int) -> Text:
    message = Text(
        "It would take about {needed:.1f} GB on {device}, where {free:.1f} GB are free and half "
        "of that may be used; {fewer}make the network or the image smaller.",
        "在 {device} 上约需 {needed:.1f} GB，空闲 {free:.1f} GB，最多可用一半；"
        "请{fewer}缩小网络或图像。",
    )
    fewer = Text("take fewer images at once, or ", "减少每批图像，或")
    return message.format(
        needed=needed / 1e9,
        free=free / 1e9,
        device=device_text(device),
        fewer=fewer if images > 1 else Text("", ""),
    )


class _PeakMemory(TorchDispatchMode):
    """The most bytes of tensor storage alive at one time, for a device without such a counter."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's class has no annotations
        self.peak = 0
        self._alive = 0
        self._known: set[int] = set()

    def __torch_dispatch__(
        self, function: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        for tensor in tree_leaves(result):
            if isinstance(tensor, Tensor):
                self._watch(tensor.untyped_storage())
        return result

    def _watch(self, storage: torch.UntypedStorage) -> None:
        key = storage._cdata
        if key in self._known:
            return
        self._known.add(key)
        self._alive += storage.nbytes()
        self.peak = max(self.peak, self._alive)
        weakref.finalize(storage, self._forget, key, storage.nbytes())

    def _forget(self, key: int, nbytes: int) -> None:
        self._known.discard(key)
        self._alive -= nbytes

"""How a network is timed: where, on how many images, in which precision and layout."""

from dataclasses import dataclass
from math import prod

import torch

from cnnviz.analysis.memory.step import training_memory
from cnnviz.analysis.real_run import LiveError, admit, devices
from cnnviz.analysis.report import Report
from cnnviz.gpus import APPLE
from cnnviz.machine import NoDeviceError
from cnnviz.text import Text

PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
MOST_IMAGES = 4096


@dataclass(frozen=True)
class Setting:
    """Where and how a network is timed.

    Args:
        batch: images in one pass.
        precision: one of `PRECISIONS`, of the weights and of everything that is computed.
        channels_last: numbers of a pixel side by side in memory, not those of a channel.
    """

    device: str = "cpu"
    batch: int = 1
    precision: str = "fp32"
    channels_last: bool = False

    @property
    def dtype(self) -> torch.dtype:
        return PRECISIONS[self.precision]


def precisions(device: str) -> list[str]:
    """Those that a device has: a CPU 16 bits only where it computes with them itself."""
    if device == "cpu":
        has_bf16 = torch.cpu._is_avx512_bf16_supported()
        return ["fp32", "bf16"] if has_bf16 else ["fp32"]
    return list(PRECISIONS)


def admit_stopwatch(device: str) -> None:
    """Let a device be timed, or say why not.

    Raises:
        LiveError: it is an Apple GPU, whose events nobody has held against its clock yet.
    """
    if device == APPLE:
        message = Text(
            "Times are measured on the CPU and on NVIDIA GPUs, not on an Apple GPU (mps); "
            "take cpu.",
            "计时支持 CPU 与 NVIDIA GPU，不支持 Apple GPU（mps）；请使用 cpu。",
        )
        raise LiveError(message)


def admit_timing(
    report: Report, setting: Setting, *, backward: bool = False, passes: int = 0
) -> None:
    """Let a network be timed, or say why not.

    Args:
        passes: how many times the MACs of a pass it takes; 0 if nobody waits for it.

    Raises:
        NoDeviceError: there is no such device.
        LiveError: the device cannot be timed or lacks the precision; or the passes take more
            memory than is free or, on a CPU, more time than is fair.
    """
    if setting.device not in devices():
        raise NoDeviceError(setting.device)
    admit_stopwatch(setting.device)
    has_bf16 = setting.device == "cpu" or torch.cuda.get_device_capability(setting.device) >= (8, 0)
    if setting.precision == "bf16" and not has_bf16:
        message = Text(
            "{device} does not compute in bf16; take fp16 or fp32.",
            "{device} 不支持 bf16 计算；请选择 fp16 或 fp32。",
        )
        raise LiveError(message.format(device=setting.device))
    largest = max(
        (prod(layer.input_shape) + prod(layer.output_shape) for layer in report.layers), default=0
    )
    more = 8 * setting.batch * largest
    if backward:
        more += training_memory(report, setting.batch, optimiser="sgd").total
    admit(
        report,
        setting.device,
        images=setting.batch,
        more_bytes=more,
        passes=passes * setting.batch,
    )
